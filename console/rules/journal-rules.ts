/**
 * `log-gap-or-clock-tamper`, as far as a record itself tells it: a clock set back, a journal that does not go on where
 * it ended. A damaged segment that the agent set aside and declared is coverage, no violation.
 */
import type { Policy, Record, SealVerdict } from '@shoukou/protocol'
import type { JudgeContext, Judgement, RecordOf } from './judgement.ts'

export function judgeClock(record: RecordOf<'clock.stepped'>, policy: Policy): Judgement[] {
  const { byMs } = record.fact
  if (byMs >= -policy.settings.limits.clockBackMsMax) return []
  const { epoch, seq } = record
  return [
    {
      type: 'log-gap-or-clock-tamper',
      evidence: {
        cause: 'clock-set-back',
        epoch,
        firstSeq: seq,
        lastSeq: seq,
        expectedHead: null,
        claimedHead: null,
        byMs,
      },
    },
  ]
}

export function judgeGap(record: RecordOf<'journal.gap'>): Judgement[] {
  const { reason, firstSeq, lastSeq } = record.fact
  switch (reason) {
    case 'segment-damaged':
      return []
    case 'segment-missing':
    case 'chain-mismatch':
      return [broken(reason, record.epoch, firstSeq, lastSeq)]
  }
}

/** A first journal is no break; any later one is, whatever reason the agent gives for it. */
export function judgeOpened(record: RecordOf<'journal.opened'>, context: JudgeContext): Judgement[] {
  const { reason, previousSeq } = record.fact
  if (reason === 'console-ahead') {
    return [broken('journal-rolled-back', record.epoch, previousSeq ?? record.seq, previousSeq ?? record.seq)]
  }
  if (reason === 'enrolled' && !context.hasEarlierJournal) return []
  return [
    {
      type: 'log-gap-or-clock-tamper',
      evidence: {
        cause: 'journal-lost',
        epoch: record.epoch,
        firstSeq: null,
        lastSeq: previousSeq,
        expectedHead: null,
        claimedHead: null,
        byMs: null,
      },
    },
  ]
}

type NumberedCause =
  | 'journal-rolled-back'
  | 'segment-missing'
  | 'chain-mismatch'
  | 'undeclared-gap'
  | 'replayed-differently'

/** Words a break in the numbers, also for those that the console finds itself. */
export function broken(cause: NumberedCause, epoch: string, firstSeq: number, lastSeq: number): Judgement {
  return {
    type: 'log-gap-or-clock-tamper',
    evidence: { cause, epoch, firstSeq, lastSeq, expectedHead: null, claimedHead: null, byMs: null },
  }
}

/** A seal that does not hold, or is not there where it must be: only where there is no innocent reading. */
export function judgeSeal({ epoch, seq }: Record, verdict: SealVerdict): Judgement[] {
  if (verdict.kind !== 'broken' && verdict.kind !== 'missing') return []
  const { fault, index, expectedIndex } = verdict
  return [
    {
      type: 'log-gap-or-clock-tamper',
      evidence: {
        cause: verdict.kind === 'broken' ? 'seal-broken' : 'seal-missing',
        epoch,
        firstSeq: verdict.kind === 'broken' ? seq : verdict.firstSeq,
        lastSeq: seq,
        expectedHead: null,
        claimedHead: null,
        byMs: null,
        fault,
        sealIndex: index,
        expectedSealIndex: expectedIndex,
      },
    },
  ]
}
