/**
 * `low-media-write-on-high-host`: a file was written to a registered medium below the computer's level. `agent-tamper`:
 * the denial that the policy orders was released at the computer.
 *
 * Only what the kernel told as it happened counts as written: a first look at a medium lists what it brought along.
 */
import { bytesOfRawText, compareLevels, type Policy, type RawText, rawTextOf } from '@shoukou/protocol'
import type { JudgeContext, Judgement, RecordOf } from './judgement.ts'

const writes: ReadonlySet<RecordOf<'file.activity'>['fact']['operation']> = new Set([
  'created',
  'modified',
  'renamed',
])

/** Made for each file; its key is the stay's, so the first one stands and later ones are records beside it. */
export function judgeFileActivity(
  { fact }: RecordOf<'file.activity'>,
  { policy, stay }: JudgeContext,
): Judgement[] {
  if (!stay || stay.number === null || stay.level === null) return []
  if (!fact.isOnMedium || fact.entry !== 'file' || fact.source !== 'event' || !writes.has(fact.operation))
    return []
  const hostLevel = policy.settings.level
  if (compareLevels(stay.level, hostLevel) >= 0) return []
  return [
    {
      type: 'low-media-write-on-high-host',
      evidence: {
        medium: { number: stay.number, level: stay.level },
        hostLevel,
        files: [
          {
            name: lastPart(fact.path),
            path: fact.path,
            pathHash: null,
            sizeBytes: fact.sizeBytes,
            mark: null,
            markLevel: null,
          },
        ],
        bytesWritten: fact.sizeBytes,
      },
    },
  ]
}

/** What the agent does of itself: another policy holds, or it started under one. */
const orderedCauses: ReadonlySet<string> = new Set(['policy', 'start'])

/**
 * A release that the policy orders (observe mode) is none. A release on a computer that is to enforce is recorded by the
 * agent that was told to do it there; whether it was an emergency is a person's to judge. A layer that could not be put
 * into force (`partly`, `not-in-force`) accuses nobody: it is the kernel's lack, and is in the record.
 */
export function judgeControl({ fact }: RecordOf<'control.state'>, policy: Policy): Judgement[] {
  if (fact.group !== 'media' || fact.state !== 'released' || orderedCauses.has(fact.cause)) return []
  if (policy.settings.modes.media !== 'enforce') return []
  return [
    {
      type: 'agent-tamper',
      evidence: {
        what: 'control-released',
        path: null,
        expectedHash: null,
        observedHash: null,
        serviceState: fact.cause,
        account: null,
        reason: fact.reason,
      },
    },
  ]
}

const slash = 0x2f

function lastPart(path: RawText): RawText {
  const bytes = bytesOfRawText(path)
  return rawTextOf(bytes.subarray(bytes.lastIndexOf(slash) + 1))
}
