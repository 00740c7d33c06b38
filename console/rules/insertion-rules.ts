/**
 * `unregistered-media-inserted` at the moment of plugging in. A device that the register may know is not accused here:
 * its examination tells (`examination-rules.ts`), and what never was examined is raised by `unexamined`.
 *
 * A USB device is judged at its attachment, by the union of all its interfaces. Disks on other buses are judged when
 * they appear; cards and discs when they come into a drive that was empty, also behind a USB device.
 */
import { type BlockDevice, type Decision, isOwnDisk, type Origin } from '@shoukou/protocol'
import type { JudgeContext, Judgement, RecordOf, RecordOfAny } from './judgement.ts'
import {
  hasMedium,
  isBaselineUsb,
  isBehindUsb,
  isMassStorage,
  isNewMedium,
  isRegisteredByIds,
  isSoftwareDisk,
  wasJudgedBefore,
} from './storage-devices.ts'

/** The agent's word for a medium that it goes on to examine. */
const toBeExamined = 'medium-to-be-examined'

/** Refused as a whole, so that no examination follows. */
const compositeRules: ReadonlySet<string> = new Set(['suspicious-composite', 'malformed-descriptors'])

/** Other names for what a device with storage in it was refused as: one insertion is one violation. */
const otherRules: ReadonlySet<string> = new Set([
  'phone-or-camera-connected',
  'wireless-input-device',
  'unregistered-network-adapter',
  'unregistered-peripheral',
])

export function judgeUsbInsertion(
  record: RecordOf<'usb.attached'>,
  { policy, mayBeRegistered = false }: JudgeContext,
): Judgement[] {
  const { device, origin, sighting } = record.fact
  if (!isMassStorage(device) || wasJudgedBefore(origin)) return []
  if (isRegisteredByIds(device, policy)) return []
  if (origin !== 'appeared' && isBaselineUsb(device, policy)) return []
  const rule = record.decision?.rule ?? ''
  if (otherRules.has(rule) || (mayBeRegistered && isToBeExamined(record))) return []
  const { outcome, wouldBlock } = outcomeOf(record.decision)
  const isProven = outcome === 'blocked' && device.authorized === false
  return [
    {
      type: 'unregistered-media-inserted',
      evidence: {
        device,
        disk: null,
        origin,
        sighting,
        outcome,
        wouldBlock,
        exposure: isProven ? 'none' : 'not-verified',
        ...(compositeRules.has(rule) ? { isComposite: true } : {}),
      },
    },
  ]
}

/** A disk behind a USB device is that device's matter, unless the device only carries it: a reader, several units. */
export function judgeBlockAttached(
  record: RecordOf<'block.attached'>,
  { policy, mayBeRegistered = false, stay, isNewStay }: JudgeContext,
): Judgement[] {
  const { device, origin, sighting } = record.fact
  if (wasJudgedBefore(origin) || isSoftwareDisk(device) || !hasMedium(device)) return []
  if (isBehindUsb(device) && !isOwnStay(stay, isNewStay)) return []
  if (isOwnDisk(device, policy.baseline) || (mayBeRegistered && isToBeExamined(record))) return []
  return [mediumIn(device, origin, sighting, record.decision)]
}

/** A card in a reader is the card's matter, also where the reader is known; a stick that spins up is its device's. */
export function judgeBlockChanged(
  record: RecordOf<'block.changed'>,
  { policy, mayBeRegistered = false, stay, isNewStay }: JudgeContext,
): Judgement[] {
  const { fact, decision } = record
  if (isSoftwareDisk(fact.device) || !isNewMedium(fact)) return []
  if (mayBeRegistered && isToBeExamined(record)) return []
  if (isBehindUsb(fact.device) && !isOwnStay(stay, isNewStay)) return []
  if (decision?.would === 'allow' || isOwnDisk(fact.device, policy.baseline)) return []
  return [mediumIn(fact.device, 'appeared', 'snapshot', decision)]
}

/**
 * Reports whether only an examination could tell: the agent goes on to examine it, or it was gone before it could be
 * read, and might have been a registered one.
 */
export function isToBeExamined({
  fact,
  decision,
}: RecordOfAny<'usb.attached' | 'block.attached' | 'block.changed'>): boolean {
  if (decision?.rule === toBeExamined) return true
  return decision !== null && fact.kind === 'usb.attached' && fact.sighting === 'event-only'
}

/**
 * Returns what to raise where the examination never comes: the agent was killed, or the medium was gone before. It does
 * not say that the medium is unregistered, but that nobody can say.
 */
export function unexamined(
  record: RecordOfAny<'usb.attached' | 'block.attached' | 'block.changed'>,
  context: JudgeContext,
): Extract<Judgement, { type: 'unregistered-media-inserted' }> | null {
  const [judgement] = judgeInsertion(record, { ...context, mayBeRegistered: false })
  if (judgement?.type !== 'unregistered-media-inserted') return null
  return { ...judgement, evidence: { ...judgement.evidence, method: 'never' } }
}

function judgeInsertion(
  record: RecordOfAny<'usb.attached' | 'block.attached' | 'block.changed'>,
  context: JudgeContext,
): Judgement[] {
  switch (record.fact.kind) {
    case 'usb.attached':
      return judgeUsbInsertion(record as RecordOf<'usb.attached'>, context)
    case 'block.attached':
      return judgeBlockAttached(record as RecordOf<'block.attached'>, context)
    case 'block.changed':
      return judgeBlockChanged(record as RecordOf<'block.changed'>, context)
  }
}

function isOwnStay(stay: JudgeContext['stay'], isNewStay: boolean | undefined): boolean {
  return !!stay && isNewStay === true && stay.by === 'disk'
}

function mediumIn(
  disk: BlockDevice,
  origin: Origin,
  sighting: 'snapshot' | 'event-only',
  decision: Decision | null,
): Judgement {
  return {
    type: 'unregistered-media-inserted',
    evidence: { device: null, disk, origin, sighting, ...outcomeOf(decision), exposure: 'not-verified' },
  }
}

/** What the agent did: its own word, in the record. In observe mode nothing was blocked, whatever it would have been. */
export function outcomeOf(decision: Decision | null): { outcome: Decision['outcome']; wouldBlock: boolean } {
  return { outcome: decision?.outcome ?? 'detected', wouldBlock: decision?.would !== 'allow' }
}
