/**
 * Takes what a console orders: a ceiling, a policy, a command. Each is judged and written down before it is obeyed, and what
 * came of it is a record. In which order they come is the link's.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type AgentFrame,
  type Command,
  ceilingDigest,
  type Envelope,
  errorFrame,
  type Fact,
  type Policy,
  type SentCeiling,
  sayBeyond,
} from '@shoukou/protocol'
import { isErrno } from '../base/atomic-file.ts'
import type { Log } from '../base/log.ts'
import type { CommandStore } from './command-store.ts'
import { type PolicyStore, policyDigest } from './policy-store.ts'

export interface OrderOptions {
  readonly policy: PolicyStore
  readonly commands: CommandStore
  readonly log: Log
  /** Records what came of it. */
  readonly tell: (fact: Fact) => Promise<unknown>
  /** Carries a command out; returns its outcome as a code. */
  readonly carryOut: (command: Command) => Promise<string>
  /** Another policy holds, and its record is on its way. */
  readonly onPolicy?: (before: Policy) => void
  readonly onChange: () => void
}

/** The disk takes nothing now; later it may. */
export const DISK_FAULTS = [
  'ENOSPC',
  'EDQUOT',
  'EIO',
  'EROFS',
  'EACCES',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'EFBIG',
]
/** A record under way does not hold the next order up for longer. */
const recordMsMax = 1_000
/** Fields that one line of the log names. */
const beyondLoggedMax = 8

/** Each resolves to false where the disk could not take it: to be tried again later. */
export class OrderTaker {
  readonly #options: OrderOptions
  readonly #send: (frame: AgentFrame) => void

  constructor(options: OrderOptions, send: (frame: AgentFrame) => void) {
    this.#options = options
    this.#send = send
  }

  async ceiling(sent: SentCeiling): Promise<boolean> {
    const { policy, tell, log, onPolicy, onChange } = this.#options
    const before = policy.current
    const taken = await this.#stored('ceiling', () => policy.takeCeiling(sent))
    if (taken === null) return false
    const { verdict } = taken
    switch (verdict.kind) {
      case 'same':
        return true
      case 'accepted': {
        const { version } = verdict.ceiling
        log.info({ version }, 'ceiling applied')
        const told = tell({ kind: 'ceiling.applied', version, digest: ceilingDigest(sent.ceiling) })
        if (policy.current !== before) onPolicy?.(before)
        await soon(told)
        if (taken.beyond.length > 0) {
          const words = taken.beyond.map((one) => sayBeyond(one, 'en')).slice(0, beyondLoggedMax)
          log.warn({ version: before.version, beyond: words }, 'the policy in force is beyond the ceiling')
          await soon(tell({ kind: 'policy.refused', version: before.version, reason: 'beyond-ceiling' }))
        }
        onChange()
        return true
      }
      case 'refused':
        log.warn({ reason: verdict.reason, version: verdict.version }, 'ceiling refused')
        this.#send(errorFrame('ceiling-refused', `The ceiling was refused: ${verdict.reason}.`))
        await soon(tell({ kind: 'ceiling.refused', version: verdict.version, reason: verdict.reason }))
        return true
    }
  }

  async policy(envelope: Envelope): Promise<boolean> {
    const { policy, tell, log, onPolicy, onChange } = this.#options
    const before = policy.current
    const verdict = await this.#stored('policy', () => policy.take(envelope))
    if (verdict === null) return false
    switch (verdict.kind) {
      case 'same':
        return true
      case 'accepted': {
        const { version } = verdict.policy
        log.info({ version }, 'policy applied')
        const told = tell({ kind: 'policy.applied', version, digest: policyDigest(verdict.payload) })
        onPolicy?.(before)
        await soon(told)
        onChange()
        return true
      }
      case 'refused': {
        const beyond = verdict.beyond?.map((one) => sayBeyond(one, 'en')).slice(0, beyondLoggedMax) ?? []
        log.warn({ reason: verdict.reason, version: verdict.version, beyond }, 'policy refused')
        this.#send(errorFrame('policy-refused', `The policy was refused: ${verdict.reason}.`))
        await soon(tell({ kind: 'policy.refused', version: verdict.version, reason: verdict.reason }))
        return true
      }
    }
  }

  /** One that the disk could not take is not tried again: whoever ordered it was told. */
  async command(envelope: Envelope): Promise<void> {
    const { commands, carryOut, tell, log } = this.#options
    const verdict = await this.#stored('command', () => commands.take(envelope))
    if (verdict === null) return
    if (verdict.kind === 'refused') {
      log.warn({ reason: verdict.reason }, 'command refused')
      this.#send(errorFrame('command-refused', `The command was refused: ${verdict.reason}.`))
      if (verdict.command === undefined) return
      const { id, name } = verdict.command
      await soon(tell({ kind: 'command.done', id, name, outcome: `refused-${verdict.reason}` }))
      return
    }
    const { id, name } = verdict.command
    await soon(tell({ kind: 'command.done', id, name, outcome: await carryOut(verdict.command) }))
  }

  /**
   * An order is written down before it is obeyed. Where the disk takes nothing, the order waits and the connection stays:
   * records must go on leaving, above all then.
   */
  async #stored<T>(what: string, take: () => Promise<T>): Promise<T | null> {
    try {
      return await take()
    } catch (fault) {
      if (!isErrno(fault, ...DISK_FAULTS)) throw fault
      const code = String((fault as NodeJS.ErrnoException).code)
      this.#options.log.error({ what, code }, 'order could not be written down')
      this.#send(errorFrame('internal-error', `The ${what} could not be written to the disk: ${code}.`))
      return null
    }
  }
}

/** Waits until a fact is on the disk, but not for a full one: the orders behind this one must go on. */
async function soon(told: Promise<unknown>): Promise<void> {
  await Promise.race([told, sleep(recordMsMax, undefined, { ref: false })])
}
