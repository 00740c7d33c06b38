/**
 * Isolation of computers, and their release: ordered with a reason, signed for one computer each, sent now or as soon as
 * it connects, and sent again at each connection until the computer says that the command is over.
 */
import { randomUUID } from 'node:crypto'
import { type Command, PROTOCOL_VERSION, signEnvelope } from '@shoukou/protocol'
import { commandId } from '../../store/isolation-state.ts'
import type { IsolationRow, Store } from '../../store/ports.ts'

export interface IsolationRequest {
  readonly agents: readonly string[]
  readonly act: 'isolate' | 'release'
  readonly reason: string
}

export interface IsolationResult {
  readonly agent: string
  /** `waiting`: sent when the computer connects. `not-needed`: it stands like that, or is on its way there. */
  readonly result: 'sent' | 'waiting' | 'not-found' | 'not-needed'
}

export interface Isolation {
  order(asked: IsolationRequest, account: string): Promise<readonly IsolationResult[]>
  /** An agent has connected: what is still to be done there is sent. */
  welcomed(agent: string): Promise<void>
}

export interface IsolationOptions {
  readonly store: Store
  /** The policy key, Ed25519, PEM. */
  readonly privateKey: string
  readonly now: () => number
  /** Sends a signed command (envelope as JSON text); false where the agent is not connected. */
  readonly send: (agent: string, envelope: string) => boolean
  /** A computer's isolation is another than before: for the pages. */
  readonly changed: (agent: string) => Promise<void>
}

export function createIsolation(options: IsolationOptions): Isolation {
  const { store, now, changed } = options

  const orderOne = async (
    agent: string,
    { act, reason }: IsolationRequest,
    account: string,
  ): Promise<IsolationResult['result']> => {
    if ((await store.computer(agent)) === null) return 'not-found'
    const order = { orderId: randomUUID(), agent, act, reason, account, at: now() }
    const row = await store.orderIsolation(order)
    if (row === null) return 'not-needed'
    const isSent = await send(options, row)
    await changed(agent)
    return isSent ? 'sent' : 'waiting'
  }
  return {
    order: async (asked, account) => {
      const results: IsolationResult[] = []
      // One after another: each is written by itself, and one that fails leaves the others as they were answered.
      for (const agent of asked.agents) results.push({ agent, result: await orderOne(agent, asked, account) })
      return results
    },
    welcomed: async (agent) => {
      const row = await store.isolation(agent)
      if (row?.isPending === true) await send(options, row)
    },
  }
}

/** Counted first: a command id must never be used twice, also where the console ends between the two. */
async function send(
  { store, privateKey, now, send: put }: IsolationOptions,
  row: IsolationRow,
): Promise<boolean> {
  const counted = await store.noteIsolationSent(row.agent, row.orderId)
  if (counted === null) return false
  const command: Command = {
    v: PROTOCOL_VERSION,
    id: commandId({ orderId: row.orderId, sends: counted.sends - 1 }),
    agent: row.agent,
    issuedAtMs: now(),
    name: row.act === 'isolate' ? 'isolate' : 'end-isolation',
    reason: row.reason,
  }
  const envelope = signEnvelope('command', Buffer.from(JSON.stringify(command)), privateKey)
  return put(row.agent, JSON.stringify(envelope))
}
