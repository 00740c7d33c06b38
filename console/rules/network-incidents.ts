/**
 * What is open of a computer's network: which conditions hold now, and which violations that lasted are over. Pure; kept
 * by `store/network`.
 *
 * How violations of the network are told apart, so that one incident is one violation of each meaning:
 *
 * - `lasting`: something is so from one moment to another. Its name is `boot/subject`; the subject is the interface by its
 *   number (`link:7`), the computer as a whole (`dual`, `sharing`), a listening proxy, a radio at its place, an interface's
 *   name where only that is told. While a violation of one type and name is open, no second one of that type is made:
 *   an adapter's coming and the condition that it brings are one `phone-tethering`; three conditions of one link that all
 *   say "another network" are one `nonclassified-network-connection`; the same link is `dual-homing` beside it, which is
 *   another meaning. The key is the record's (`type:epoch:seq`), so that the next time is a new violation.
 * - `once`: connections. The key is `type:epoch:series:…`: a series is told once of each type, and as an attempt only
 *   where it was not told as the Internet before.
 *
 * A lasting one ends when the last condition of its type and name has ended, when its interface or hardware has gone, and
 * with its boot. A restarted agent tells what ended while it did not look; what goes on it does not tell again.
 */
import type {
  ConditionCode,
  Confidence,
  NetworkInterface,
  RawText,
  Record,
  ViolationId,
} from '@shoukou/protocol'
import { subjectOfCondition, violationOfCondition } from './condition-meanings.ts'
import { lastingName, subjectOfHardware, subjectOfLink, subjectOfRelease } from './incident-subjects.ts'
import type { RecordOf } from './judgement.ts'
import { isLive } from './network-rules.ts'

/** A condition that began and has not ended, allowed ones included. */
export interface OpenCondition {
  readonly key: string
  readonly condition: ConditionCode
  readonly type: ViolationId | null
  readonly subject: string
  readonly bootId: string
  /** The record that told of its beginning first. */
  readonly epoch: string
  readonly seq: number
  readonly wallMs: number
  readonly interfaceName: RawText | null
  readonly text: RawText | null
  readonly confidence: Confidence
  /** The agent's: `allowed`, `detected`, `blocked`. */
  readonly outcome: string | null
}

/** Ends what is open of a type and name, or everything that is not of a boot. `at` by the computer's clock, Unix ms. */
export type Ending =
  | { readonly kind: 'incident'; readonly type: ViolationId; readonly lasting: string; readonly at: number }
  | { readonly kind: 'other-boots'; readonly bootId: string; readonly at: number }

export interface IncidentStep {
  readonly open: readonly OpenCondition[]
  /** Conditions that began or were told again, as they are now. */
  readonly put: readonly OpenCondition[]
  /** Keys of those that ended. */
  readonly ended: readonly string[]
  readonly endings: readonly Ending[]
}

/** As many as a picture could bring; beyond it the oldest is forgotten, not ended. */
export const openConditionsMax = 1_024

/** Violations that an interface's coming makes, and its going ends. */
const ofLinks: readonly ViolationId[] = [
  'unregistered-network-adapter',
  'standalone-network-connection',
  'phone-tethering',
  'modem-or-cellular-dialup',
  'wireless-link-up',
]
const ofHardware: readonly ViolationId[] = [
  'wireless-hardware-present',
  'bluetooth-enabled',
  'modem-or-cellular-dialup',
  'av-device-enabled',
]

/** Takes one record of a journal; records come in their order. */
export function stepIncidents(before: readonly OpenCondition[], record: Record): IncidentStep {
  const work = new Work(before, record)
  work.lapse()
  work.take()
  return work.result()
}

class Work {
  readonly #record: Record
  readonly #open: Map<string, OpenCondition>
  readonly #put = new Map<string, OpenCondition>()
  readonly #ended: string[] = []
  readonly #endings: Ending[] = []

  constructor(before: readonly OpenCondition[], record: Record) {
    this.#record = record
    this.#open = new Map(before.map((one) => [one.key, one]))
  }

  result(): IncidentStep {
    const open = [...this.#open.values()]
    return { open, put: [...this.#put.values()], ended: this.#ended, endings: this.#endings }
  }

  /** Another boot ends everything. */
  lapse(): void {
    for (const one of [...this.#open.values()]) {
      if (one.bootId !== this.#record.bootId) this.#forget(one)
    }
  }

  take(): void {
    const { fact, bootId, wallMs: at } = this.#record
    // Only what begins or ends something; all else leaves it as it is.
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check
    switch (fact.kind) {
      case 'agent.started':
        this.#endings.push({ kind: 'other-boots', bootId, at })
        return
      case 'network.condition':
        return this.#condition(this.#record as RecordOf<'network.condition'>)
      case 'network.interface-removed':
        return this.#linkGone(fact.interface, ofLinks)
      case 'network.interface-changed':
        if (isLive(fact.before) && !isLive(fact.interface)) this.#linkDown(fact.interface)
        return
      case 'network.hardware':
        if (fact.change === 'gone' || fact.hardware.state !== 'on') {
          for (const type of ofHardware) this.#over(type, subjectOfHardware(fact.hardware))
        }
        return
      case 'control.state':
        // The next release is another one.
        if (fact.group !== 'files' && (fact.state === 'in-force' || fact.state === 'partly'))
          this.#over('agent-tamper', subjectOfRelease(fact.group))
        return
      default:
        return
    }
  }

  #condition({ fact, epoch, seq, wallMs, bootId, decision }: RecordOf<'network.condition'>): void {
    const known = this.#open.get(fact.key)
    if (fact.state === 'ended') {
      if (known !== undefined) this.#end(known)
      return
    }
    const [oldest] = this.#open.values()
    if (known === undefined && oldest !== undefined && this.#open.size >= openConditionsMax)
      this.#forget(oldest)
    const first = known ?? { epoch, seq, wallMs }
    this.#keep({
      key: fact.key,
      condition: fact.condition,
      type: violationOfCondition(fact),
      subject: subjectOfCondition(fact),
      bootId,
      epoch: first.epoch,
      seq: first.seq,
      wallMs: first.wallMs,
      interfaceName: fact.interface?.name ?? null,
      text: fact.text,
      confidence: fact.confidence,
      outcome: decision?.outcome ?? null,
    })
    // It goes on, and another policy lets it: what it was accused of is over.
    if (known !== undefined && known.type !== null && decision?.would === 'allow')
      this.#over(known.type, known.subject)
  }

  /** A physical adapter stays what it is while it is down; one that software made was only judged for being live. */
  #linkDown(adapter: NetworkInterface): void {
    const ended: readonly ViolationId[] =
      adapter.nature === 'physical'
        ? ['standalone-network-connection', 'wireless-link-up']
        : ['standalone-network-connection', 'wireless-link-up', 'unregistered-network-adapter']
    this.#linkGone(adapter, ended)
  }

  #linkGone(adapter: NetworkInterface, types: readonly ViolationId[]): void {
    for (const type of types) this.#over(type, subjectOfLink(adapter))
  }

  #end(one: OpenCondition): void {
    this.#forget(one)
    if (one.type !== null) this.#over(one.type, one.subject, one.bootId)
  }

  /** Over, unless another condition still says the same of the same thing. */
  #over(type: ViolationId, subject: string, bootId = this.#record.bootId): void {
    const isHeld = [...this.#open.values()].some(
      (one) =>
        one.type === type && one.subject === subject && one.bootId === bootId && one.outcome !== 'allowed',
    )
    if (isHeld) return
    this.#endings.push({
      kind: 'incident',
      type,
      lasting: lastingName(bootId, subject),
      at: this.#record.wallMs,
    })
  }

  #forget(one: OpenCondition): void {
    this.#open.delete(one.key)
    this.#put.delete(one.key)
    this.#ended.push(one.key)
  }

  #keep(one: OpenCondition): void {
    this.#open.set(one.key, one)
    this.#put.set(one.key, one)
  }
}
