/** Temporary rights for a medium that is plugged in somewhere, and the order to seal one: commands, signed for one computer. */
import { randomUUID } from 'node:crypto'
import { type Command, PROTOCOL_VERSION, ShoukouError } from '@shoukou/protocol'
import { isUsable } from '../../ledger/medium-states.ts'
import type { Signer } from '../../pki/signer.ts'
import type { Store } from '../../store/ports.ts'
import { assertCommandWithin, type CeilingNow } from '../ceiling/assert-within.ts'
import { policyOf } from '../policies.ts'

export interface GrantRequest {
  readonly instance: string
  readonly right: 'read-only' | 'read-write'
  readonly minutes: number
}

export interface SentCommand {
  readonly id: string
  /** False where the computer is not connected: nothing waits for it, it has to be asked for again. */
  readonly isSent: boolean
}

export interface MediaCommands {
  grant(agent: string, asked: GrantRequest): Promise<SentCommand>
  endGrant(agent: string, instance: string): Promise<SentCommand>
  /** @throws ShoukouError `not-found`, `invalid-request` where the computer is no station or there is nothing to write. */
  writeSeal(
    number: string,
    order: { readonly agent: string; readonly instance: string },
  ): Promise<SentCommand>
}

export interface MediaCommandsOptions {
  readonly store: Store
  readonly signer: Signer
  /** Left out: the unit has none. */
  readonly ceiling?: (() => CeilingNow) | undefined
  readonly now: () => number
  /** Sends a signed command (envelope as JSON text); false where the agent is not connected. */
  readonly send: (agent: string, envelope: string) => boolean
}

type Ordered<Name extends Command['name']> = Omit<
  Extract<Command, { name: Name }>,
  'v' | 'id' | 'agent' | 'issuedAtMs'
>
type AnyOrder = Ordered<'grant-medium'> | Ordered<'end-grant'> | Ordered<'write-seal'>

export function createMediaCommands(options: MediaCommandsOptions): MediaCommands {
  const { store, signer, now, send } = options
  const order = async (agent: string, what: AnyOrder): Promise<SentCommand> => {
    const id = randomUUID()
    const command: Command = { v: PROTOCOL_VERSION, id, agent, issuedAtMs: now(), ...what }
    const level = (await store.computer(agent))?.level ?? null
    assertCommandWithin(options.ceiling?.(), command, level)
    const envelope = await signer.sign('command', Buffer.from(JSON.stringify(command)))
    return { id, isSent: send(agent, JSON.stringify(envelope)) }
  }
  return {
    grant: (agent, { instance, right, minutes }) =>
      order(agent, { name: 'grant-medium', instance, right, minutes }),
    endGrant: (agent, instance) => order(agent, { name: 'end-grant', instance }),
    writeSeal: async (number, { agent, instance }) => {
      const medium = await store.medium(number)
      if (medium === null)
        throw new ShoukouError('not-found', 'There is no medium of this number; see the register.')
      if (!isUsable(medium.state))
        throw new ShoukouError('invalid-request', `${number} is ${medium.state}: it is not sealed again.`)
      if (medium.seal === null) {
        throw new ShoukouError(
          'invalid-request',
          `${number} has no seal yet; take its passport from an examination first.`,
        )
      }
      await assertStation(store, agent)
      return order(agent, { name: 'write-seal', instance, seal: medium.seal.signed })
    },
  }
}

async function assertStation(store: Store, agent: string): Promise<void> {
  const computer = await store.computer(agent)
  const policy = computer === null ? null : await store.policy(agent, computer.policyVersion)
  if (computer === null || policy === null) throw new ShoukouError('not-found', 'There is no such computer.')
  if (policyOf(policy).settings.roles?.includes('station') === true) return
  throw new ShoukouError(
    'invalid-request',
    `${computer.number} is no registration station: give it the role in its policy, or plug the medium in at one.`,
  )
}
