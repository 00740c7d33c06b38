/** Evidence or a fact, cut into tables: what is plain first, then one table for each thing inside. Pure. */
import type { Passport } from '@shoukou/protocol/media/shapes.ts'
import { isPeer, type NetworkView, networkViewOf } from './network-views.ts'

export interface EvidenceRow {
  readonly key: string
  readonly value: unknown
}

export interface EvidenceSection {
  /** Path of field names: empty for the outermost. */
  readonly path: readonly string[]
  readonly rows: readonly EvidenceRow[]
  /** A medium's passport is shown as one, with what each of its facts weighs. */
  readonly passport?: Passport
  /** What the network's records hold is shown in its own form: a picture, connections, traces. */
  readonly network?: NetworkView
}

/** Fields that one table cell shows whole, although they are lists. */
const wholeFields = new Set([
  'interfaces',
  'addresses',
  'descriptorFaults',
  'added',
  'removed',
  'reasons',
  'steps',
  'layers',
  'opens',
])
/** What is asked first stands first; the rest keeps its order. */
const firstSections = ['identity', 'seal']
const depthMax = 4

/** Returns the sections in the order in which they stand; anything that is not an object is one row. */
export function evidenceSections(evidence: unknown): EvidenceSection[] {
  if (!isObject(evidence)) return [{ path: [], rows: [{ key: 'value', value: evidence }] }]
  const sections: EvidenceSection[] = []
  collect(evidence, [], sections)
  return sections.filter(
    ({ rows, passport, network }) => rows.length > 0 || passport !== undefined || network !== undefined,
  )
}

function collect(
  value: Readonly<Record<string, unknown>>,
  path: readonly string[],
  sections: EvidenceSection[],
): void {
  const rows: EvidenceRow[] = []
  const inner: (readonly [string, Readonly<Record<string, unknown>>])[] = []
  const views: EvidenceSection[] = []
  for (const [key, field] of Object.entries(value)) {
    const network = networkViewOf(key, field)
    if (network !== null) views.push({ path: [...path, key], rows: [], network })
    else if (isObject(field) && !isRawBytes(field) && !isPeer(field) && path.length < depthMax)
      inner.push([key, field])
    else if (isListOfObjects(field) && !wholeFields.has(key) && path.length < depthMax) {
      for (const [at, item] of field.entries()) inner.push([`${key}.${at + 1}`, item])
    } else rows.push({ key, value: field })
  }
  // What is not known says little: it does not stand before what is.
  sections.push({ path, rows: rows.toSorted((a, b) => Number(a.value === null) - Number(b.value === null)) })
  for (const [key, field] of inner.toSorted(([a], [b]) => rankOf(a) - rankOf(b))) {
    if (isPassport(field)) sections.push({ path: [...path, key], rows: [], passport: field })
    else collect(field, [...path, key], sections)
  }
  sections.push(...views)
}

/** By its shape: the console checked the record, and another version's passport is shown as plain fields. */
function isPassport(value: object): value is Passport {
  return 'bus' in value && 'fileSystems' in value && Array.isArray(value.fileSystems) && 'usb' in value
}

/** Reports whether a value is text of bytes that are not UTF-8 (`RawText`). */
export function isRawBytes(value: unknown): value is { readonly b64: string } {
  return isObject(value) && typeof value['b64'] === 'string' && Object.keys(value).length === 1
}

function rankOf(key: string): number {
  const at = firstSections.indexOf(key)
  return at === -1 ? firstSections.length : at
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isListOfObjects(value: unknown): value is readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => isObject(one) && !isRawBytes(one))
}
