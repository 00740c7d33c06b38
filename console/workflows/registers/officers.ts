/**
 * Who may set a level: a classification officer up to their own highest one (保守国家秘密法 art. 17). Where the unit has written
 * down no officer yet, its security office sets levels.
 */
import { isStateSecret, LEVEL_NAMES, type Level, levelRank, ShoukouError } from '@shoukou/protocol'
import type { LedgerEntryRow } from '../../store/ledger-ports.ts'
import type { Store } from '../../store/ports.ts'

const officersMax = 500

/**
 * Returns the number of the officer by whose decision a level becomes another; null where none is needed.
 *
 * @throws ShoukouError `not-permitted` where nobody who may is named, or the level is above the officer's highest.
 */
export async function officerFor(
  store: Store,
  levels: readonly (Level | null)[],
  by: { readonly person: string | null; readonly officer: string | undefined },
): Promise<string | null> {
  const highest = levels.reduce<Level>(
    (high, one) => (one !== null && levelRank(one) > levelRank(high) ? one : high),
    'unclassified',
  )
  if (!isStateSecret(highest)) return null
  const { entries: officers } = await store.ledgerEntries({
    filter: {
      kind: 'people',
      states: ['on-post'],
      levels: ['internal', 'confidential', 'secret', 'top-secret'],
    },
    ...{ sort: 'number', isDescending: false, limit: officersMax },
  })
  if (officers.length === 0) return null
  const officer = officers.find((one) => isCalled(one, by.officer ?? by.person))
  if (officer === undefined || officer.level === null) {
    throw new ShoukouError(
      'not-permitted',
      'Levels of state secrets are set by a classification officer; name the one who decided, by staff number.',
    )
  }
  if (levelRank(officer.level) >= levelRank(highest)) return officer.number
  const [may, asked] = [LEVEL_NAMES[officer.level], LEVEL_NAMES[highest]]
  throw new ShoukouError(
    'not-permitted',
    `${officer.number} may set levels up to ${may.zh} (${may.en}); ${asked.zh} (${asked.en}) is above that: ask an officer who may.`,
  )
}

function isCalled(person: LedgerEntryRow, name: string | null): boolean {
  if (name === null) return false
  return person.number.toLowerCase() === name.toLowerCase() || person.custodian === name
}
