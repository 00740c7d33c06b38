/**
 * Isolation of computers, and their release: ordered with a reason, signed for one computer each, sent now or as soon as
 * it connects, and sent again at each connection until the computer says that the command is over.
 */
import { randomUUID } from 'node:crypto'
import { type Command, type Envelope, PROTOCOL_VERSION, ShoukouError } from '@shoukou/protocol'
import type { Signer } from '../../pki/signer.ts'
import { commandId } from '../../store/isolation-state.ts'
import type { IsolationRow, Store } from '../../store/ports.ts'
import { assertCommandWithin, type CeilingNow } from '../ceiling/assert-within.ts'

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
  readonly signer: Signer
  /** Left out: the unit has none. */
  readonly ceiling?: () => CeilingNow
  readonly now: () => number
  /** Sends a signed command (envelope as JSON text); false where the agent is not connected. */
  readonly send: (agent: string, envelope: string) => boolean
  /** A computer's isolation is another than before: for the pages. */
  readonly changed: (agent: string) => Promise<void>
}

export function createIsolation(options: IsolationOptions): Isolation {
  const { store, now, changed } = options
  const retries = new Set<string>()

  /** An order that could not be signed at this moment stands in the store, and is tried again. */
  const trySend = async (row: IsolationRow): Promise<boolean> => {
    try {
      return await send(options, row)
    } catch (error) {
      if (!(error instanceof ShoukouError) || error.code !== 'signer-unavailable') throw error
      retryLater(row.agent)
      return false
    }
  }
  const retryLater = (agent: string): void => {
    if (retries.has(agent)) return
    retries.add(agent)
    setTimeout(() => {
      retries.delete(agent)
      // What goes wrong here goes wrong again at the next connection, where it is told.
      store.isolation(agent).then(
        async (row) => (row?.isPending === true ? trySend(row) : false),
        () => undefined,
      )
    }, signRetryMs).unref()
  }

  const orderOne = async (
    agent: string,
    { act, reason }: IsolationRequest,
    account: string,
  ): Promise<IsolationResult['result']> => {
    if ((await store.computer(agent)) === null) return 'not-found'
    // Before it is written down: an order that no computer may take would wait for good.
    const probe = commandOf({ orderId: randomUUID(), agent, act, reason, sends: 0 }, now())
    assertCommandWithin(options.ceiling?.(), probe, null)
    const order = { orderId: randomUUID(), agent, act, reason, account, at: now() }
    const row = await store.orderIsolation(order)
    if (row === null) return 'not-needed'
    const isSent = await trySend(row)
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
      if (row?.isPending === true) await trySend(row)
    },
  }
}

/** Counted first: a command id must never be used twice, also where the console ends between the two. */
async function send(
  { store, signer, now, send: put }: IsolationOptions,
  row: IsolationRow,
): Promise<boolean> {
  const envelope = await signPending({ store, signer, now }, row)
  return envelope !== null && put(row.agent, JSON.stringify(envelope))
}

/** Signs what is still to be done on a computer, to be sent or carried there; null where nothing is. */
export async function signPending(
  { store, signer, now }: Pick<IsolationOptions, 'store' | 'signer' | 'now'>,
  row: IsolationRow,
): Promise<Envelope | null> {
  const counted = await store.noteIsolationSent(row.agent, row.orderId)
  if (counted === null) return null
  const command = commandOf({ ...row, sends: counted.sends - 1 }, now())
  return await signer.sign('command', Buffer.from(JSON.stringify(command)))
}

function commandOf(
  order: Pick<IsolationRow, 'orderId' | 'agent' | 'act' | 'reason' | 'sends'>,
  issuedAtMs: number,
): Command {
  return {
    v: PROTOCOL_VERSION,
    id: commandId(order),
    agent: order.agent,
    issuedAtMs,
    name: order.act === 'isolate' ? 'isolate' : 'end-isolation',
    reason: order.reason,
  }
}

const signRetryMs = 5_000
