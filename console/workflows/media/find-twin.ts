/** Finds whether a medium stands in the register already, under another number. */
import { type Passport, ShoukouError } from '@shoukou/protocol'
import { comparePassports, identityKeys, sameIdentity } from '@shoukou/protocol/media/compare-passports.ts'
import type { MediumRow } from '../../store/media-ports.ts'
import type { Store } from '../../store/ports.ts'
import { MEDIA_LIMITS } from './limits.ts'

/**
 * Returns the keys under which a medium is kept in the index: its numbers, and for one without any of its own what
 * formatting set. To find candidates by; never to decide by.
 */
export function indexKeysOf(passport: Passport): string[] {
  const { partitionTable, fileSystems } = passport
  const keys = new Set(identityKeys(passport))
  if (partitionTable !== null && isId(partitionTable.id)) keys.add(`table:${partitionTable.id}`)
  for (const { uuid } of fileSystems) if (isId(uuid)) keys.add(`fs:${uuid}`)
  return [...keys]
}

/**
 * Returns the registered medium that this one is, or that it says it is: `same` false where it must be another one. Null:
 * none. `own` is the number of the medium itself, where its passport is renewed.
 */
export async function findTwin(
  store: Store,
  passport: Passport,
  own: string | null,
): Promise<{ readonly medium: MediumRow; readonly same: boolean } | null> {
  const candidates = await store.mediaWithKeys(indexKeysOf(passport), MEDIA_LIMITS.candidatesMax)
  for (const medium of candidates) {
    if (medium.number === own || medium.passport === null) continue
    const { result } = comparePassports(medium.passport, passport)
    if (result === 'match' || result === 'degraded') return { medium, same: true }
    if (result === 'clone-suspected' || sameIdentity(medium.passport, passport))
      return { medium, same: false }
  }
  return null
}

/**
 * Refuses a medium that is registered already, in whatever state: what was destroyed and is here again is a matter to look
 * into, not a new medium.
 *
 * @throws ShoukouError `invalid-request` with the number of the one that is registered.
 */
export async function assertNoTwin(store: Store, passport: Passport, own: string | null): Promise<void> {
  const twin = await findTwin(store, passport, own)
  if (twin === null) return
  const { number, state } = twin.medium
  throw new ShoukouError(
    'invalid-request',
    twin.same
      ? `This medium is registered as ${number} (${state}); open that number instead.`
      : `This medium says of itself what ${number} (${state}) does, and is another one: two media with one identity are not registered.`,
  )
}

/** Ids of nothing but zeros are those of media that nobody gave one. */
function isId(id: string | null): id is string {
  return id !== null && !/^[0-]*$/.test(id)
}
