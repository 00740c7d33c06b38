/** What of an agent's own protection keeps its computer from being proven. Pure; what it is made from is kept by `store/seals`. */
export interface ProtectionStanding {
  /** Since when it has left a challenge unanswered, by the console's clock; null where it answers. */
  readonly unansweredSince: number | null
  /** Since when records stand here that no seal covers; null where all are covered, or none is sealed. */
  readonly unsealedSince: number | null
  /** A seal did not hold, and no new run of keys has begun since. */
  readonly areSealsBroken: boolean
}

export interface ProtectionReason {
  readonly code: 'not-answering' | 'unsealed' | 'seals-broken'
  readonly detail: string | null
}

/** A seal comes each second; a slow line and a busy disk get this much, ms. */
const unsealedMsMax = 30_000

/** Returns the reasons; `online` is whether the agent is connected. */
export function protectionReasons(
  standing: ProtectionStanding | null,
  online: boolean,
  lastSeenAt: number | null,
): ProtectionReason[] {
  if (standing === null) return []
  const { unansweredSince, unsealedSince, areSealsBroken } = standing
  const isUnsealed =
    online && unsealedSince !== null && lastSeenAt !== null && lastSeenAt - unsealedSince > unsealedMsMax
  return [
    ...(areSealsBroken ? [{ code: 'seals-broken', detail: null } as const] : []),
    ...(online && unansweredSince !== null ? [{ code: 'not-answering', detail: null } as const] : []),
    ...(isUnsealed ? [{ code: 'unsealed', detail: null } as const] : []),
  ]
}
