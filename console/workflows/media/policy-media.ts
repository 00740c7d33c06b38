/**
 * The register's part of a computer's policy: seals of the media that it may use, and what counts no more.
 *
 * A policy has a bound in bytes and both lists have one in entries. Revocations come first, because a seal that is left out
 * still stands on its medium, while a revocation that is left out lets one in.
 */
import { LIMITS, type Policy, type PolicyMedia, type Revocation, ShoukouError } from '@shoukou/protocol'
import { isUsable } from '../../ledger/medium-states.ts'
import type { MediumRow } from '../../store/media-ports.ts'
import type { Store } from '../../store/ports.ts'

export interface PolicyMediaPlan {
  readonly media: PolicyMedia
  /** What the computer should have and found no room: its media live by the seal that stands on them. */
  readonly sealsLeftOut: number
  /** More than none is to be told loudly: such a medium may be let in by an old seal. */
  readonly revocationsLeftOut: number
}

export interface Revoked {
  readonly revocations: readonly Revocation[]
  readonly total: number
}

type WithoutMedia = Omit<Policy, 'media'>

/** Reads what counts no more, the most urgent first. The same for every computer. */
export async function readRevoked(store: Store): Promise<Revoked> {
  const { media, total } = await store.revokedMedia(LIMITS.revocationsPerPolicyMax)
  return { revocations: media.map(revocationOf), total }
}

/**
 * Returns what the register adds to a policy.
 *
 * @throws ShoukouError `limit-exceeded` where the policy is too large without it.
 */
export async function policyMediaFor(
  store: Store,
  policy: WithoutMedia,
  revoked?: Revoked,
): Promise<PolicyMediaPlan> {
  const { revocations, total } = revoked ?? (await readRevoked(store))
  const usable = await store.usableMedia(policy.computer, LIMITS.sealsPerPolicyMax)
  const room = new Room(bytesLeftIn(policy))
  const fittingRevocations = room.take(revocations)
  const fittingSeals = room.take(usable.media.flatMap(({ seal }) => (seal === null ? [] : [seal.signed])))
  return {
    media: { seals: fittingSeals, revocations: fittingRevocations },
    sealsLeftOut: usable.total - fittingSeals.length,
    revocationsLeftOut: total - fittingRevocations.length,
  }
}

/** What a policy says of a medium that may not be used, or whose older seals are void. */
export function revocationOf({ number, level, state, sealsVoidBeforeMs }: MediumRow): Revocation {
  if (isUsable(state)) return { number, level, status: 'replaced', issuedBeforeMs: sealsVoidBeforeMs }
  return { number, level, status: state as Revocation['status'], issuedBeforeMs: null }
}

/** For `,"media":{"seals":[],"revocations":[]}`. */
const framingBytes = 64

function bytesLeftIn(policy: WithoutMedia): number {
  const { media: _replaced, ...rest } = policy as Policy
  const bytes = Buffer.byteLength(JSON.stringify(rest))
  if (bytes + framingBytes <= LIMITS.policyBytesMax) return LIMITS.policyBytesMax - framingBytes - bytes
  throw new ShoukouError(
    'limit-exceeded',
    `The policy would have ${bytes} bytes, and ${LIMITS.policyBytesMax} may be sent; shorten its lists.`,
  )
}

/** Takes entries in order while they fit; the first that does not ends its list. */
class Room {
  #bytes: number

  constructor(bytes: number) {
    this.#bytes = bytes
  }

  take<T>(entries: readonly T[]): T[] {
    const taken: T[] = []
    for (const entry of entries) {
      const bytes = Buffer.byteLength(JSON.stringify(entry)) + 1
      if (bytes > this.#bytes) break
      this.#bytes -= bytes
      taken.push(entry)
    }
    return taken
  }
}
