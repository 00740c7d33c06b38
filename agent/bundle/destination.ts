/**
 * Whether a bundle may be written where somebody wants it: only onto a medium that is registered and may be written here.
 * Pure; `destination-linux.ts` finds out which disk a folder stands on.
 *
 * Where the policy enforces, the agent must vouch for it. Where it only observes, a bundle goes anywhere, with a warning,
 * and the record says that the medium is not known.
 */
export interface MediumNotice {
  /** The disk's name in the kernel; null where it is refused. */
  readonly device: string | null
  readonly number: string | null
  readonly right: 'none' | 'read-only' | 'read-write'
}

export type DestinationVerdict =
  | { readonly kind: 'may'; readonly medium: string | null; readonly isWarned: boolean }
  | { readonly kind: 'may-not'; readonly why: 'no-agent' | 'not-a-medium' | 'not-registered' | 'read-only' }

/**
 * Decides.
 *
 * @param media what the running agent says is plugged in; null where none says anything.
 * @param disk the whole disk behind the folder, as the kernel names it; null where no disk stands behind it.
 */
export function judgeDestination(
  isEnforcing: boolean,
  media: readonly MediumNotice[] | null,
  disk: string | null,
): DestinationVerdict {
  const found = media?.find(({ device }) => device !== null && device === disk) ?? null
  if (found !== null && found.number !== null && found.right === 'read-write')
    return { kind: 'may', medium: found.number, isWarned: false }
  if (!isEnforcing) return { kind: 'may', medium: null, isWarned: true }
  if (media === null) return { kind: 'may-not', why: 'no-agent' }
  if (found === null) return { kind: 'may-not', why: 'not-a-medium' }
  if (found.number === null) return { kind: 'may-not', why: 'not-registered' }
  return { kind: 'may-not', why: 'read-only' }
}
