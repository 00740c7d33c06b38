/**
 * What is known of a computer's network, taken one batch further: open conditions, the newest facts, what came of
 * isolation, and which violations are over. A draft until the batch is stored, as `stay-draft.ts`.
 */
import { type Picture, parseRecord, type Record } from '@shoukou/protocol'
import type { RecordOf } from '../rules/judgement.ts'
import { wantsPicture } from '../rules/network-connection-rules.ts'
import { type OpenCondition, stepIncidents } from '../rules/network-incidents.ts'
import type {
  ConditionRow,
  IsolationEffect,
  NetworkChanges,
  NetworkFact,
  NewEnding,
  NewNetworkFact,
  Store,
} from '../store/ports.ts'
import { networkFactsOf } from './network-facts.ts'

/** What a session keeps from batch to batch. */
export interface KnownNetwork {
  readonly open: readonly OpenCondition[]
  /** Series that were told as the Internet: their later records need no picture. */
  readonly told: ReadonlySet<string>
}

const toldMax = 1_024

/** Reads what holds of a computer, as its stored records have it. */
export async function readKnownNetwork(
  store: Pick<Store, 'openConditions'>,
  agent: string,
): Promise<KnownNetwork> {
  const rows: readonly ConditionRow[] = await store.openConditions(agent)
  return { open: rows as readonly OpenCondition[], told: new Set() }
}

export class NetworkDraft {
  readonly #store: Pick<Store, 'networkFacts' | 'record'>
  readonly #agent: string
  readonly #put = new Map<string, ConditionRow>()
  readonly #ended = new Set<string>()
  readonly #facts = new Map<string, NewNetworkFact>()
  readonly #removed = new Map<string, { readonly kind: NetworkFact['kind']; readonly slot: string | null }>()
  readonly #isolation: IsolationEffect[] = []
  readonly #endings: NewEnding[] = []
  readonly #told: Set<string>
  #open: readonly OpenCondition[]
  /** The newest of this batch; null where it has none. */
  #picture: Picture | null = null

  constructor(known: KnownNetwork, agent: string, store: Pick<Store, 'networkFacts' | 'record'>) {
    this.#open = known.open
    this.#told = new Set(known.told)
    this.#agent = agent
    this.#store = store
  }

  get known(): KnownNetwork {
    return { open: this.#open, told: this.#told }
  }

  get endings(): readonly NewEnding[] {
    return this.#endings
  }

  /** Null where the batch says nothing of it. */
  get changes(): NetworkChanges | null {
    const changes: NetworkChanges = {
      conditions: { put: [...this.#put.values()], ended: [...this.#ended] },
      facts: { put: [...this.#facts.values()], removed: [...this.#removed.values()] },
      isolation: this.#isolation,
    }
    const { conditions, facts, isolation } = changes
    const lists = [conditions.put, conditions.ended, facts.put, facts.removed, isolation]
    return lists.every((list) => list.length === 0) ? null : changes
  }

  /** Takes the next record; `violations` of the batch were made before it. */
  take(record: Record, violations: number): void {
    const step = stepIncidents(this.#open, record)
    this.#open = step.open
    for (const key of step.ended) {
      this.#put.delete(key)
      this.#ended.add(key)
    }
    for (const one of step.put) this.#put.set(one.key, one)
    for (const ending of step.endings) this.#endings.push({ ...ending, afterViolations: violations })
    this.#takeFacts(record)
    if (record.fact.kind === 'network.picture') this.#picture = record.fact.picture
  }

  #takeFacts(record: Record): void {
    const told = networkFactsOf(record)
    for (const { kind, slot } of told.removed) {
      for (const [name, { fact, slot: known }] of this.#facts) {
        if (fact.kind === kind && isMeant(kind, slot, known)) this.#facts.delete(name)
      }
      this.#removed.set(`${kind} ${slot ?? '*'}`, { kind, slot })
    }
    for (const one of told.put) this.#facts.set(`${one.fact.kind} ${one.slot}`, one)
    this.#isolation.push(...told.isolation)
  }

  /** Returns the newest picture before a record that is proof of a connection and brings none. */
  async pictureFor(record: Record): Promise<Picture | null> {
    if (record.fact.kind !== 'network.connections') return null
    const connections = record as RecordOf<'network.connections'>
    if (!wantsPicture(connections) || this.#isTold(connections)) return null
    return this.#picture ?? (await this.#storedPicture())
  }

  #isTold({ fact, epoch }: RecordOf<'network.connections'>): boolean {
    const name = `${epoch}:${fact.series}`
    if (this.#told.has(name)) return true
    const [oldest] = this.#told
    if (oldest !== undefined && this.#told.size >= toldMax) this.#told.delete(oldest)
    this.#told.add(name)
    return false
  }

  async #storedPicture(): Promise<Picture | null> {
    const [newest] = await this.#store.networkFacts(this.#agent, ['picture'])
    if (newest === undefined) return null
    const stored = await this.#store.record(this.#agent, newest.epoch, newest.seq)
    if (stored === null) return null
    const { fact } = parseRecord(stored.raw)
    return fact.kind === 'network.picture' ? fact.picture : null
  }
}

/** As the store reads it: `NetworkChanges.facts.removed`. */
function isMeant(kind: NetworkFact['kind'], slot: string | null, known: string): boolean {
  if (slot === null) return true
  return kind === 'failed-cut' && slot.endsWith('|') ? known.startsWith(slot) : known === slot
}
