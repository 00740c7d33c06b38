/** What is wrong with an entry that only the other registers tell: departments, entries named, who may be given what. */
import { levelRank } from '@shoukou/protocol'
import { IN_HAND_STATES } from '../../ledger/carriers.ts'
import type { Fault } from '../../ledger/check-entry.ts'
import { isTexts, plainNumber } from '../../ledger/check-entry.ts'
import type { FieldValues } from '../../ledger/fields.ts'
import { type Draft, type Kind, stateOf } from '../../ledger/fields.ts'
import { kindOf } from '../../ledger/kinds.ts'
import { TIER_LEVELS, tierOf } from '../../ledger/people.ts'
import type { LedgerEntryRow, LedgerFields, LedgerLink } from '../../store/ledger-ports.ts'
import type { Store } from '../../store/ports.ts'

const namedMax = 200
const mediaPerPage = 1_000
const namesakesMax = 20
const heldKinds = ['computers', 'machines', 'carriers'] as const
const heldMedia = new Set(['issued', 'lent', 'carried-out', 'suspended'])

/** Returns the entries that an entry names in its fields. */
export function linksOf(kind: Kind, fields: FieldValues): readonly LedgerLink[] {
  return kind.fields.flatMap((field) => {
    const value = fields[field.key]
    if (field.type !== 'link' || !isTexts(value)) return []
    return value.map((number) => ({ field: field.key, kind: field.to, number }))
  })
}

/** Faults of departments and of entries that are named and are not there. */
export async function checkNamed(store: Store, kind: Kind, draft: Draft): Promise<readonly Fault[]> {
  const faults: Fault[] = []
  const tree = await store.departmentTree()
  // A unit that has not written its departments down yet names them as it likes.
  if (tree.length > 0 && !tree.some(({ name }) => name === draft.department))
    faults.push({ field: 'department', code: 'unknown-department' })
  for (const { field, kind: to, number } of linksOf(kind, draft.fields)) {
    if (to === kind.name && plainNumber(number).toLowerCase() === draft.number.toLowerCase())
      faults.push({ field, code: 'names-itself' })
    else if ((await store.ledgerEntry(to, number)) === null) faults.push({ field, code: 'unknown-entry' })
  }
  return faults.filter((one, at) => faults.findIndex(({ field }) => field === one.field) === at)
}

/**
 * Faults of a custodian: only who serves, is cleared for the level, is no temporary staff, was trained and has signed an
 * undertaking is given what is secret. Whom the register of people does not know is not judged.
 */
export async function checkCustodian(store: Store, draft: Draft): Promise<readonly Fault[]> {
  const person = await custodianEntry(store, draft)
  if (person === null || draft.level === null) return []
  const field = isTexts(draft.fields['custodianEntry']) ? 'custodianEntry' : 'custodian'
  if (person.state !== 'on-post') return [{ field, code: 'not-serving' }]
  if (levelRank(draft.level) < levelRank('confidential')) return []
  const fields = person.fields as FieldValues
  if (fields['isTemporary'] === true) return [{ field, code: 'temporary-staff' }]
  if (levelRank(TIER_LEVELS[tierOf(fields)]) < levelRank(draft.level))
    return [{ field, code: 'tier-too-low' }]
  if (!isTexts(fields['trainedOn'])) return [{ field, code: 'not-trained' }]
  return fields['undertakingOn'] === undefined ? [{ field, code: 'no-undertaking' }] : []
}

/** Faults of a person: temporary staff hold no classified post, and training and an undertaking come before one. */
export function checkPerson(draft: Draft): readonly Fault[] {
  const { fields, state } = draft
  if (tierOf(fields) === 'none') return []
  const faults: Fault[] = []
  if (fields['isTemporary'] === true) faults.push({ field: 'tier', code: 'temporary-staff' })
  if (state !== 'on-post') return faults
  if (!isTexts(fields['trainedOn'])) faults.push({ field: 'trainedOn', code: 'not-trained' })
  if (fields['undertakingOn'] === undefined) faults.push({ field: 'undertakingOn', code: 'no-undertaking' })
  return faults
}

/**
 * Faults of who leaves a classified post: they are bound by a cooling-off period, also where they leave the unit at once
 * (保守国家秘密法 art. 46).
 */
export function checkLeaving(draft: Draft, to: string): readonly Fault[] {
  const isBound = draft.state === 'on-post' && to === 'departed' && tierOf(draft.fields) !== 'none'
  return isBound && draft.fields['coolingOffUntil'] === undefined
    ? [{ field: 'coolingOffUntil', code: 'missing' }]
    : []
}

/** Faults of a change that gives a carrier to somebody else without the two signatures of a hand-over. */
export function checkCustody(
  kind: Kind,
  before: Pick<Draft, 'custodian' | 'state'>,
  after: Pick<Draft, 'custodian'>,
): readonly Fault[] {
  const isGiven = kind.name === 'carriers' && IN_HAND_STATES.has(before.state)
  return isGiven && after.custodian !== before.custodian
    ? [{ field: 'custodian', code: 'custodian-by-handover' }]
    : []
}

/**
 * Reports whether somebody who leaves still has something in hand: entries that name them, by number or by a name that only
 * they bear, and media under their name.
 */
export async function stillHolds(store: Store, person: LedgerEntryRow): Promise<boolean> {
  const named = await store.ledgerNamedBy('people', person.number, namedMax)
  if (named.some(({ kind, state, field }) => field === 'custodianEntry' && isInHand(kind, state))) return true
  for (const kind of heldKinds) {
    const states = kindOf(kind).states.flatMap(({ key }) => (isInHand(kind, key) ? [key] : []))
    const { entries } = await store.ledgerEntries({
      filter: { kind, custodian: person.custodian, states },
      ...{ sort: 'number', isDescending: false, limit: namedMax },
    })
    for (const one of entries) if ((await custodianEntry(store, one))?.number === person.number) return true
  }
  for (let afterId = 0; ; ) {
    const media = await store.leanMedia(afterId, mediaPerPage)
    if (media.some(({ custodian, state }) => custodian === person.custodian && heldMedia.has(state)))
      return true
    if (media.length < mediaPerPage) return false
    afterId = media.at(-1)?.id ?? afterId
  }
}

/**
 * Returns the person who is to have it: the one that is named, or the only one of that name; who left long ago does not make a
 * namesake in office unknown.
 */
export async function custodianEntry(
  store: Store,
  draft: { readonly custodian: string; readonly fields: LedgerFields },
): Promise<LedgerEntryRow | null> {
  const named = draft.fields['custodianEntry']
  if (isTexts(named) && named[0] !== undefined) return store.ledgerEntry('people', named[0])
  if (draft.custodian === '') return null
  const { entries } = await store.ledgerEntries({
    filter: { kind: 'people', custodian: draft.custodian },
    ...{ sort: 'number', isDescending: false, limit: namesakesMax },
  })
  const here = entries.filter(({ state }) => state !== 'departed')
  const found = here.length === 0 ? entries : here
  return found.length === 1 ? (found[0] ?? null) : null
}

function isInHand(kind: string, state: string): boolean {
  return state !== 'retired' && !isClosed(kind, state)
}

function isClosed(kind: string, state: string): boolean {
  if (kind !== 'computers' && kind !== 'machines' && kind !== 'people' && kind !== 'carriers') return false
  return stateOf(kindOf(kind), state).isClosed === true
}
