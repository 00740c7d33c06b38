/** The register's filter in the page's address and in the API's query: pure, and each way back. */
import type { Level } from '@shoukou/protocol/levels.ts'
import type { MediumState } from '@shoukou/protocol/media/shapes.ts'
import type { TableShape } from '../show/table-view.ts'
import { levels } from '../violations/filter-address.ts'

/** In the order of a medium's life. */
export const mediumStates = [
  'issued',
  'lent',
  'carried-out',
  'suspended',
  'missing',
  'retired',
  'destroyed',
] as const satisfies readonly MediumState[]

export interface MediaFilter {
  readonly state: readonly MediumState[]
  readonly level: readonly Level[]
  /** A computer's number. */
  readonly computer: string | null
  /** Part of a number, a custodian, a department, a serial. */
  readonly search: string
}

/** Beside the number, which is always shown. */
export const mediaShape: TableShape = {
  columns: ['level', 'kind', 'custodian', 'department', 'state', 'computers', 'right', 'seen'],
  sortable: ['number'],
  // Newest registration first.
  ownSort: null,
}

/** Columns of an export while nobody chose any: all that an import takes, so that the file can be brought in again. */
const importable = [
  ...['number', 'level', 'kind', 'custodian', 'department', 'computers', 'users', 'right'],
  ...['validFrom', 'validUntil', 'note'],
]

/** Returns the columns of an export: those that are shown; a sighting is of the moment and stands on the page alone. */
export function exportedMediaColumns(shown: readonly string[] | null): readonly string[] {
  return shown === null ? importable : ['number', ...shown.filter((column) => column !== 'seen')]
}

export const emptyMediaFilter: MediaFilter = { state: [], level: [], computer: null, search: '' }

const searchCharactersMax = 100

/** Reads a filter from the page's address; what it does not know is left out. */
export function mediaFilterFromAddress(address: URLSearchParams): MediaFilter {
  const list = (name: string) => (address.get(name) ?? '').split(',')
  return {
    state: mediumStates.filter((one) => list('state').includes(one)),
    level: levels.filter((one) => list('level').includes(one)),
    computer: address.get('computer') || null,
    search: (address.get('search') ?? '').slice(0, searchCharactersMax),
  }
}

/** Writes a filter for the address, and for the API: equal filters make equal addresses. */
export function mediaFilterToAddress(filter: MediaFilter): URLSearchParams {
  const address = new URLSearchParams()
  if (filter.state.length > 0)
    address.set('state', mediumStates.filter((one) => filter.state.includes(one)).join(','))
  if (filter.level.length > 0)
    address.set('level', levels.filter((one) => filter.level.includes(one)).join(','))
  if (filter.computer !== null) address.set('computer', filter.computer)
  if (filter.search.trim() !== '') address.set('search', filter.search.trim().slice(0, searchCharactersMax))
  return address
}

/** Reports whether a filter lets everything pass. */
export function isEmptyMediaFilter(filter: MediaFilter): boolean {
  return mediaFilterToAddress(filter).size === 0
}
