/**
 * What is known of a computer's media and ports, taken one batch further. The batch is a draft until it is stored: what
 * could not be stored has not happened here either.
 */
import type { Picture, Policy, Record, ViolationId } from '@shoukou/protocol'
import { isToBeExamined, unexamined } from '../rules/insertion-rules.ts'
import { judge } from '../rules/judge.ts'
import type { JudgeContext, Judgement, RecordOfAny } from '../rules/judgement.ts'
import { type PortStory, type Ports, stepPorts, storyAt } from '../rules/port-stories.ts'
import { judgeByRegister, type RegisterVerdict } from '../rules/register-rules.ts'
import { type EndedStay, endedBefore, type Stay, type StayStep, stepStays } from '../rules/stays.ts'
import { isMassStorage } from '../rules/storage-devices.ts'
import type { NewViolation } from '../store/ports.ts'
import type { RegisterCopy } from './register-copy.ts'

/** What a session keeps from batch to batch. */
export interface KnownPlaces {
  readonly stays: readonly Stay[]
  readonly ports: Ports
  /** The newest that ended, for what is told of them late. Left out: none, as at the beginning of a session. */
  readonly ended?: readonly EndedStay[]
}

/** More do not leave within the time that an examination takes. */
const endedMax = 64

export interface JudgedRecord {
  readonly judgements: readonly { readonly judgement: Judgement; readonly key: string }[]
  /** Made by an earlier record of a stay that ended unexamined; ready to store. */
  readonly lapsed: readonly NewViolation[]
}

export interface RecordContext {
  readonly policy: Policy
  readonly hasEarlierJournal: boolean
  /** The newest picture of the network, where the record needs it. */
  readonly picture: Picture | null
  /** Makes the row of a judgement of this record. */
  readonly violation: (judgement: Judgement, key: string) => NewViolation
}

/** Violations of a stay: made by whichever of its records comes first, once. */
const ofStays: ReadonlySet<ViolationId> = new Set<ViolationId>([
  'unregistered-media-inserted',
  'unclassified-media-on-classified-host',
  'classified-media-on-unclassified-host',
  'high-media-on-low-host',
  'low-media-write-on-high-host',
  'media-not-assigned',
  'media-identity-mismatch',
  'media-status-invalid',
])

export class StayDraft {
  readonly #register: RegisterCopy
  readonly #changed = new Map<string, Stay>()
  #stays: readonly Stay[]
  #ports: Ports
  #ended: readonly EndedStay[]

  constructor(known: KnownPlaces, register: RegisterCopy) {
    this.#stays = known.stays
    this.#ports = known.ports
    this.#ended = known.ended ?? []
    this.#register = register
  }

  get known(): KnownPlaces {
    return { stays: this.#stays, ports: this.#ports, ended: this.#ended }
  }

  /** Everything that the batch opened, changed or ended, as it is now. */
  get changed(): readonly Stay[] {
    return [...this.#changed.values()]
  }

  /** Takes and judges the next record. */
  async take(record: Record, about: RecordContext): Promise<JudgedRecord> {
    this.#ports = stepPorts(this.#ports, record)
    const step = this.#step(record)
    this.#stays = step.open
    for (const stay of step.changed) this.#changed.set(stay.id, stay)
    const ended = step.changed.filter((stay) => stay.endedAt !== null)
    this.#ended = [...this.#ended, ...ended.map((stay) => ({ stay, bootMs: record.bootMs }))].slice(-endedMax)
    const mayBeRegistered = await this.#mayBeRegistered(record)
    const context: JudgeContext = {
      policy: about.policy,
      hasEarlierJournal: about.hasEarlierJournal,
      stay: step.stay,
      isNewStay: step.isNew,
      mayBeRegistered,
      register: await this.#registerOf(record, about.policy),
      story: this.#storyOf(record),
      picture: about.picture,
    }
    if (mayBeRegistered) this.#waitFor(record, step, context, about)
    const judgements = judge(record, context)
    return {
      judgements: judgements.map((judgement, at) => ({
        judgement,
        key: keyOf(judgements, at, record, step.stay),
      })),
      lapsed: step.lapsed.flatMap(({ pending }) =>
        pending === null ? [] : [JSON.parse(pending) as NewViolation],
      ),
    }
  }

  #step(record: Record): StayStep {
    const late = endedBefore(record, this.#stays, this.#ended)
    if (late === null) return stepStays(this.#stays, record)
    return { open: this.#stays, changed: [late], stay: late, isNew: false, lapsed: [] }
  }

  /** Notes what to raise where the examination never comes. */
  #waitFor(record: Record, { stay, isNew }: StayStep, context: JudgeContext, about: RecordContext): void {
    if (stay === null || !isNew || !isInsertion(record) || !isToBeExamined(record)) return
    const judgement = unexamined(record, context)
    if (judgement === null) return
    const pending = JSON.stringify(about.violation(judgement, `${judgement.type}:${stay.id}`))
    const waiting = { ...stay, pending }
    this.#stays = this.#stays.map((one) => (one.id === stay.id ? waiting : one))
    this.#changed.set(stay.id, waiting)
  }

  /** A disk without a USB device tells nothing by which it could be looked up: only its examination does. */
  async #mayBeRegistered(record: Record): Promise<boolean> {
    if (!isInsertion(record) || !isToBeExamined(record)) return false
    if (record.fact.kind !== 'usb.attached') return true
    return isMassStorage(record.fact.device) && (await this.#register.mayKnow(record.fact.device))
  }

  async #registerOf({ fact, decision, wallMs }: Record, policy: Policy): Promise<RegisterVerdict> {
    const isStranger = fact.kind === 'media.examined' && decision?.rule === 'unregistered-media-inserted'
    if (!isStranger || fact.passport === null) return { kind: 'unknown' }
    const entries = await this.#register.sharing(fact.passport)
    return judgeByRegister(fact.passport, entries, { policy, wallMs })
  }

  #storyOf({ fact }: Record): PortStory | null {
    if (fact.kind === 'usb.attached') return storyAt(this.#ports, fact.device.path)
    const isInterface = fact.kind === 'network.interface-added' || fact.kind === 'network.interface-changed'
    if (!isInterface && fact.kind !== 'network.condition') return null
    return storyAt(this.#ports, fact.interface?.usbPath ?? null)
  }
}

function isInsertion(
  record: Record,
): record is RecordOfAny<'usb.attached' | 'block.attached' | 'block.changed'> {
  const { kind } = record.fact
  return kind === 'usb.attached' || kind === 'block.attached' || kind === 'block.changed'
}

/**
 * Unique per computer: the stay's where it is a stay's, the incident's where that is told once, else the record's. A
 * second of one type is numbered.
 */
function keyOf(judgements: readonly Judgement[], at: number, record: Record, stay: Stay | null): string {
  const judgement = judgements[at]
  const type = judgement?.type ?? 'agent-silent'
  if (judgement?.incident?.kind === 'once') return `${type}:${record.epoch}:${judgement.incident.subject}`
  if (stay !== null && ofStays.has(type)) return `${type}:${stay.id}`
  const before = judgements.slice(0, at).filter((one) => one.type === type).length
  const key = `${type}:${record.epoch}:${record.seq}`
  return before === 0 ? key : `${key}:${before}`
}
