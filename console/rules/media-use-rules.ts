/**
 * `low-media-write-on-high-host`: a file was written to a registered medium below the computer's level.
 *
 * Only what the kernel told as it happened counts as written: a first look at a medium lists what it brought along.
 */
import { bytesOfRawText, compareLevels, type RawText, rawTextOf } from '@shoukou/protocol'
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

const slash = 0x2f

function lastPart(path: RawText): RawText {
  const bytes = bytesOfRawText(path)
  return rawTextOf(bytes.subarray(bytes.lastIndexOf(slash) + 1))
}
