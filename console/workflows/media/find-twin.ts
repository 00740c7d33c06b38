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
 * Refuses a medium that is registered already, in whatever state: what was destroyed and is here again is a matter to look
 * into, not a new medium. `own` is the number of the medium itself, where its passport is renewed.
 *
 * @throws ShoukouError `invalid-request` with the number of the one that is registered.
 */
export async function assertNoTwin(store: Store, passport: Passport, own: string | null): Promise<void> {
  const candidates = await store.mediaWithKeys(indexKeysOf(passport), MEDIA_LIMITS.candidatesMax)
  for (const candidate of candidates) {
    if (candidate.number === own || candidate.passport === null) continue
    const words = wordsFor(candidate, candidate.passport, passport)
    if (words !== null) throw new ShoukouError('invalid-request', words)
  }
}

function wordsFor({ number, state }: MediumRow, registered: Passport, observed: Passport): string | null {
  const { result } = comparePassports(registered, observed)
  if (result === 'match' || result === 'degraded') {
    return `This medium is registered as ${number} (${state}); open that number instead.`
  }
  if (result === 'clone-suspected' || sameIdentity(registered, observed)) {
    return `This medium says of itself what ${number} (${state}) does, and is another one: two media with one identity are not registered.`
  }
  return null
}

/** Ids of nothing but zeros are those of media that nobody gave one. */
function isId(id: string | null): id is string {
  return id !== null && !/^[0-]*$/.test(id)
}
