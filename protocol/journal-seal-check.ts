/**
 * Checks the seals of one agent's records, in the order of the journal: what they prove, and what they do not. Pure.
 *
 * Only what has no innocent reading is an accusation (`broken`, `missing`). Numbers that are not there (declared or not:
 * gaps are judged elsewhere), another epoch, a power cut, a key that the agent says it lost: behind each of these seals may
 * be absent, and then the verdict is `unproven`, which says why and blames nobody.
 */
import { chainHashOf, headAfter } from './chain.ts'
import type { Fact } from './events/facts.ts'
import { firstIndexOf, generationOf, isSealMac, nextSealKey, RECORDS_PER_SEAL_MAX } from './journal-seal.ts'

/** Why seals may be absent without anybody having taken them away. */
export type SealExcuse = 'gap' | 'epoch' | 'power-cut' | 'key-lost'

/** Where the check stands; plain values, so that it can be kept. */
export interface SealState {
  /** The index of the next seal. */
  readonly nextIndex: number
  /** Of the last record taken; null before the first. */
  readonly epoch: string | null
  readonly seq: number
  readonly bootId: string | null
  /** Records behind the last seal that held, in this epoch. */
  readonly unsealed: number
  /** A seal held in this epoch: from then on they are due. */
  readonly isSealing: boolean
  readonly excuse: SealExcuse | null
  /** A seal did not hold: nothing is proved by those that follow, until another generation begins. */
  readonly isBroken: boolean
}

/** The state with its key: that of `nextIndex`; null where it is not known. */
export interface SealCheck {
  readonly state: SealState
  readonly key: Buffer | null
}

/** One record, as stored. */
export interface SealedEntry {
  readonly agent: string
  readonly epoch: string
  readonly seq: number
  readonly raw: Uint8Array
  /** Chain head after it, hex. */
  readonly head: string
  readonly bootId: string
  readonly fact: Fact
}

export type SealVerdict =
  | { readonly kind: 'held'; readonly index: number }
  | {
      readonly kind: 'broken'
      readonly fault: 'mac-wrong' | 'head-wrong' | 'index-reused'
      readonly index: number
      readonly expectedIndex: number
    }
  | {
      readonly kind: 'missing'
      readonly fault: 'index-skipped' | 'too-many-unsealed'
      readonly index: number | null
      readonly expectedIndex: number
      /** The first record that no seal covers as it should. */
      readonly firstSeq: number
    }
  | { readonly kind: 'unproven'; readonly why: SealExcuse | 'too-far' | 'key-unknown' | 'after-break' }

/** Keys that the check may step over: where seals are lost by the day. */
const stepsMax = 100_000

/** Returns the beginning of a check: with the first key of a generation, or without any. */
export function beginSealCheck(generation: number, key: Buffer | null): SealCheck {
  return {
    key,
    state: {
      nextIndex: firstIndexOf(generation),
      epoch: null,
      seq: 0,
      bootId: null,
      unsealed: 0,
      isSealing: false,
      excuse: null,
      isBroken: false,
    },
  }
}

/**
 * Takes the next record; the verdict is null where it says nothing of seals. `firstKey` returns the first key of a
 * generation that the console issued, null for any other.
 */
export function checkSeals(
  before: SealCheck,
  entry: SealedEntry,
  firstKey: (generation: number) => Buffer | null,
): { readonly check: SealCheck; readonly verdict: SealVerdict | null } {
  const state = placed(before.state, entry)
  if (entry.fact.kind === 'journal.sealed') return sealTaken({ ...before, state }, entry, firstKey)
  const unsealed = state.unsealed + 1
  const isDue = state.isSealing && !state.isBroken && state.excuse !== 'key-lost'
  const isOver = isDue && unsealed > RECORDS_PER_SEAL_MAX
  return {
    check: { ...before, state: { ...state, unsealed, isSealing: state.isSealing && !isOver } },
    verdict: isOver
      ? {
          kind: 'missing',
          fault: 'too-many-unsealed',
          index: null,
          expectedIndex: state.nextIndex,
          firstSeq: entry.seq - RECORDS_PER_SEAL_MAX,
        }
      : null,
  }
}

/** Moves to the record's place, and notes what excuses seals that are not there. */
function placed(state: SealState, { epoch, seq, bootId, fact }: SealedEntry): SealState {
  const at = { ...state, epoch, seq, bootId }
  if (state.epoch !== null && epoch !== state.epoch)
    return { ...at, unsealed: 0, isSealing: false, excuse: 'epoch' }
  if (seq > state.seq + 1) return { ...at, unsealed: 0, excuse: state.excuse ?? 'gap' }
  const isOtherBoot = state.bootId !== null && bootId !== state.bootId
  // What a disk had promised and lost with the power, it lost with the end of that boot.
  if (fact.kind === 'agent.started' && fact.previous === 'unclean-stop' && isOtherBoot)
    return { ...at, excuse: state.excuse ?? 'power-cut' }
  if (fact.kind === 'agent.altered' && fact.what === 'seal-key-lost') return { ...at, excuse: 'key-lost' }
  return isOtherBoot && fact.kind !== 'agent.started' ? { ...at, bootId: state.bootId } : at
}

function sealTaken(
  { state, key }: SealCheck,
  { agent, epoch, seq, raw, head, fact }: SealedEntry,
  firstKey: (generation: number) => Buffer | null,
): { readonly check: SealCheck; readonly verdict: SealVerdict } {
  if (fact.kind !== 'journal.sealed') throw new Error('this record is a seal')
  const { index, mac } = fact
  const same = { state: { ...state, unsealed: 0 }, key }
  const isLater = generationOf(index) > generationOf(state.nextIndex)
  const start = isLater
    ? { at: firstIndexOf(generationOf(index)), key: firstKey(generationOf(index)) }
    : { at: state.nextIndex, key }
  if (state.isBroken && !isLater) return { check: same, verdict: { kind: 'unproven', why: 'after-break' } }
  const isOfPlace =
    fact.upToSeq === seq - 1 &&
    headAfter(Buffer.from(fact.head, 'hex'), seq, raw, chainHashOf(epoch)).toString('hex') === head
  if (!isOfPlace) return broken(same, 'head-wrong', index)
  if (start.key === null) return { check: same, verdict: { kind: 'unproven', why: 'key-unknown' } }
  if (index < start.at) {
    if (state.excuse !== null) return { check: same, verdict: { kind: 'unproven', why: state.excuse } }
    return broken(same, 'index-reused', index)
  }
  if (index - start.at > stepsMax)
    return { check: { ...same, key: null }, verdict: { kind: 'unproven', why: 'too-far' } }
  let own = start.key
  for (let at = start.at; at < index; at += 1) own = nextSealKey(own)
  if (!isSealMac(own, { agent, epoch, index, upToSeq: fact.upToSeq, head: fact.head }, mac))
    return broken(same, 'mac-wrong', index)
  const held: SealCheck = {
    key: nextSealKey(own),
    state: { ...state, nextIndex: index + 1, unsealed: 0, isSealing: true, excuse: null, isBroken: false },
  }
  if (index === start.at && !isLater) return { check: held, verdict: { kind: 'held', index } }
  // Another generation is one that the console gave out: what lies between the two proves nothing either way.
  if (isLater) return { check: held, verdict: { kind: 'unproven', why: state.excuse ?? 'key-lost' } }
  if (state.excuse !== null) return { check: held, verdict: { kind: 'unproven', why: state.excuse } }
  return {
    check: held,
    verdict: {
      kind: 'missing',
      fault: 'index-skipped',
      index,
      expectedIndex: start.at,
      firstSeq: Math.max(1, seq - state.unsealed),
    },
  }
}

function broken(
  { state, key }: SealCheck,
  fault: 'mac-wrong' | 'head-wrong' | 'index-reused',
  index: number,
): { readonly check: SealCheck; readonly verdict: SealVerdict } {
  return {
    check: { key, state: { ...state, isBroken: true } },
    verdict: { kind: 'broken', fault, index, expectedIndex: state.nextIndex },
  }
}
