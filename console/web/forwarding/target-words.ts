/** Kinds of targets in the order in which they are offered. Pure. */
import type { TargetKind } from './target-draft.ts'

export const TARGET_KINDS_SHOWN: readonly TargetKind[] = [
  'syslog',
  'json-lines',
  'json-file',
  'webhook',
  'smtp',
  'folder',
]
