/**
 * The one ordering point: fact → decision → record → journal. Nothing is sent that has not come through here and been
 * synced; what the journal numbers in the order of `tell` is the order of the evidence.
 */
import {
  type Decision,
  encodeRecord,
  type Fact,
  type Origin,
  type Policy,
  type Position,
  PRODUCT_VERSION,
  parseRecord,
  type Record,
  type UsbDevice,
} from '@shoukou/protocol'
import type { Clock } from './base/clock.ts'
import type { BuildRecord } from './journal/append-queue.ts'
import type { Journal } from './journal/journal.ts'
import { decide, decideUsbAgain, type Surroundings } from './policy/decide.ts'
import { rulesBrought } from './policy/judge-anew.ts'
import { PresentFacts } from './policy/present-facts.ts'

export interface RecordMakerOptions {
  readonly agent: string
  readonly clock: Clock
  /** The policy in force now. */
  readonly policy: () => Policy
}

/** Stamps facts with everything needed to judge them later; the journal adds epoch and number. */
export type MakeRecord = (sensor: Record['sensor'], fact: Fact, decision: Decision | null) => BuildRecord

/**
 * Returns the maker of records. Time and policy are taken when it is called, not when the journal writes.
 *
 * The builder throws ShoukouError `malformed-frame` where the fact is not what its kind requires: such a record would
 * be refused by the console for ever, and hold up all that follows.
 */
export function recordMaker({ agent, clock, policy }: RecordMakerOptions): MakeRecord {
  return (sensor, fact, decision) => {
    const { version: policyVersion, settings } = policy()
    const stamp = {
      wallMs: clock.wallMs(),
      bootMs: clock.bootMs(),
      bootId: clock.bootId,
      agentVersion: PRODUCT_VERSION,
      policyVersion,
      level: settings.level,
      networkMode: settings.networkMode,
    }
    return ({ epoch, seq }) => {
      const raw = encodeRecord({ v: 1, agent, epoch, seq, ...stamp, sensor, fact, decision })
      parseRecord(raw)
      return raw
    }
  }
}

export interface Pipeline {
  /** Takes a fact in. Never throws, never waits; resolves with its place once synced, null where it was not admitted. */
  tell(sensor: Record['sensor'], fact: Fact): Promise<Position | null>
  /** Takes in a fact that came with its decision: what an examination found. */
  tellDecided(sensor: Record['sensor'], fact: Fact, decision: Decision | null): Promise<Position | null>
  /** Decides about an attached device again, under the policy that holds now. */
  decideUsbAgain(device: UsbDevice, origin: Origin): Decision
  /** A sensor begins anew and will tell all that is there. */
  begin(sensor: Record['sensor']): void
  /**
   * Tells again what is there all along and what the policy in force forbids and the one before did not: once for each
   * such rule, which the record's decision names. Returns how many records that made.
   */
  judgeAnew(before: Policy): number
}

/** Makes the pipeline. */
export function createPipeline(options: {
  readonly journal: Pick<Journal, 'append'>
  readonly makeRecord: MakeRecord
  readonly policy: () => Policy
  /** Keyboards that work now; none where nobody counts them. */
  readonly workingKeyboards?: () => number
  /** Does what a decision asks for, after its record has its place. Never throws, never waits. */
  readonly act?: (fact: Fact, decision: Decision | null) => void
}): Pipeline {
  const { journal, makeRecord, policy, workingKeyboards = () => 0, act = () => undefined } = options
  const present = new PresentFacts()
  const around: Surroundings = {
    usbAt: (path) => present.usbAt(path),
    usbDevices: () => present.usbDevices(),
    get workingKeyboards() {
      return workingKeyboards()
    },
  }
  const append = (sensor: Record['sensor'], fact: Fact, decision: Decision | null) =>
    journal.append(fact.kind, aboutBytes(fact), makeRecord(sensor, fact, decision))
  return {
    tell(sensor, fact) {
      present.noteArrival(fact, policy().version)
      const decision = decide(policy(), fact, around)
      present.noteDeparture(fact)
      const recorded = append(sensor, fact, decision)
      act(fact, decision)
      return recorded
    },
    tellDecided: append,
    decideUsbAgain: (device, origin) => decideUsbAgain(policy(), device, origin, around),
    begin: (sensor) => present.forget(sensor),
    judgeAnew(before) {
      let told = 0
      for (const fact of present.notJudgedUnder(policy().version)) {
        for (const rule of rulesBrought(fact, before, policy())) {
          const sensor = fact.kind === 'usb.attached' ? 'usb' : 'network'
          const decision = { outcome: 'detected', would: 'block', rule } as const
          void append(sensor, { ...fact, origin: 'policy-changed' }, decision)
          told += 1
        }
      }
      return told
    },
  }
}

const envelopeBytes = 600

function aboutBytes(fact: Fact): number {
  return envelopeBytes + Buffer.byteLength(JSON.stringify(fact))
}
