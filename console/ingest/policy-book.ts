/** The policies of one agent by version, as signed: read once each, kept for the connection's life. */
import { type Envelope, type Policy, ShoukouError } from '@shoukou/protocol'
import type { PolicyRow, Store } from '../store/ports.ts'

const keptMax = 64

export class PolicyBook {
  readonly #store: Store
  readonly #agent: string
  readonly #kept = new Map<number, Policy>()

  constructor(store: Store, agent: string) {
    this.#store = store
    this.#agent = agent
  }

  /** Returns the policy of a version. A record that names one that was never made is not judged by a guess. */
  async policyOf(version: number): Promise<Policy> {
    const kept = this.#kept.get(version)
    if (kept !== undefined) return kept
    const row = await this.#store.policy(this.#agent, version)
    if (row === null)
      throw new ShoukouError('foreign-record', `Policy ${version} was never made for this agent.`)
    const policy = policyIn(row)
    if (this.#kept.size >= keptMax) this.#kept.clear()
    this.#kept.set(version, policy)
    return policy
  }
}

/** Reads the policy out of its stored envelope, which this console signed. */
export function policyIn(row: PolicyRow): Policy {
  const envelope = JSON.parse(row.envelope) as Envelope
  return JSON.parse(Buffer.from(envelope.payload, 'base64').toString('utf8')) as Policy
}
