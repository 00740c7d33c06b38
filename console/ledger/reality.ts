/**
 * The ledger against reality: where what is registered and what is seen do not agree, each as a piece of work with a name that
 * stays the same while it lasts. Pure: what is known comes in, with the time; who took what on is the store's.
 *
 * Nothing here accuses anybody. That a thing is not seen has many reasons, and the finding says which day it was last seen.
 */
import type { Level } from '@shoukou/protocol/levels.ts'
import { isTexts, plainMac } from './check-entry.ts'
import { ENDED_STATES, FILED_STATES } from './computers.ts'
import type { FieldValues, LedgerKindName } from './fields.ts'
import type { Difference, DifferenceName } from './measured.ts'
import { isAway } from './medium-states.ts'

export const FINDING_KINDS = [
  'computer-unseen',
  'computer-never-seen',
  'computer-unregistered',
  'computer-ended-seen',
  'disk-differs',
  'card-differs',
  'setup-differs',
  'medium-unseen',
  'medium-unregistered',
  'medium-ended-seen',
  'medium-missing-seen',
  'medium-expired',
  'medium-overdue',
  'mark-differs',
  'person-cooling-over',
  'custodian-left',
  'duplicate-disk',
  'duplicate-mac',
  'duplicate-serial',
] as const
export type FindingKind = (typeof FINDING_KINDS)[number]
export type FindingSeverity = 'high' | 'medium' | 'low'

export const FINDING_SEVERITY: Readonly<Record<FindingKind, FindingSeverity>> = {
  'computer-unseen': 'medium',
  'computer-never-seen': 'medium',
  'computer-unregistered': 'high',
  'computer-ended-seen': 'high',
  'disk-differs': 'high',
  'card-differs': 'high',
  'setup-differs': 'medium',
  'medium-unseen': 'low',
  'medium-unregistered': 'medium',
  'medium-ended-seen': 'high',
  'medium-missing-seen': 'high',
  'medium-expired': 'medium',
  'medium-overdue': 'medium',
  'mark-differs': 'high',
  'person-cooling-over': 'low',
  'custodian-left': 'high',
  'duplicate-disk': 'medium',
  'duplicate-mac': 'medium',
  'duplicate-serial': 'medium',
}

/** Where the thing that a finding is about stands: a register, or what agents told of. */
export type FindingPlace = LedgerKindName | 'media' | 'agents' | 'sightings'

export interface Finding {
  /** Stable while it lasts, and the same when it comes again. */
  readonly id: string
  readonly kind: FindingKind
  readonly place: FindingPlace
  /** Number of the entry; the agent's number; what an unregistered medium is called. */
  readonly number: string
  /** Null: given to none, and seen by those alone who see the whole unit. */
  readonly department: string | null
  /** Since when it is so, as far as can be told, Unix ms. */
  readonly since: number
  /** What the sentence needs: names, numbers, days. Texts from devices are data. */
  readonly told: Readonly<Record<string, string>>
}

export interface RealEntry {
  readonly kind: LedgerKindName
  readonly number: string
  readonly state: string
  readonly level: Level | null
  readonly department: string
  readonly custodian: string
  readonly fields: FieldValues
  readonly changedAt: number
  /** Since when it is in its state; left out: since it was changed last. */
  readonly stateSince?: number
}
export interface RealAgent {
  readonly agent: string
  readonly number: string
  /** What a person said that it is; null: said to be none; left out: found by its number. */
  readonly saidToBe?: string | null
  readonly department: string | null
  readonly enrolledAt: number
  readonly lastSeenAt: number | null
}
export interface RealMedium {
  readonly number: string
  readonly state: string
  readonly level: Level
  readonly department: string
  readonly custodian: string
  readonly validUntilMs: number | null
  /** Of one that is lent or carried out; null: no day was agreed. */
  readonly dueBackMs: number | null
  readonly registeredAt: number
  readonly changedAt: number
  /** Since when it is in its state; left out: since it was changed last. */
  readonly stateSince?: number
  /** When it was last received that it came somewhere; null: never. */
  readonly lastSeenAt: number | null
  readonly lastSeenAtComputer: string | null
  /**
   * Levels that stand elsewhere than in the register: on its seal, on its case, in what is on it. What tells them joins this
   * list; nothing else changes.
   */
  readonly marks: readonly {
    readonly by: 'seal' | 'case' | 'document'
    readonly level: Level
    readonly at: number
  }[]
}
/** A medium that no register has, as it was seen last. */
export interface UnregisteredMedium {
  /** What tells it from others: a strong number of its own. */
  readonly key: string
  readonly name: string
  readonly computer: string
  readonly department: string | null
  readonly firstAt: number
  readonly lastAt: number
}
/** Where a computer that is filed and what it tells of itself differ. */
export interface RealDifferences {
  /** Of the entry. */
  readonly number: string
  readonly differences: readonly Difference[]
}
export interface Reality {
  readonly entries: readonly RealEntry[]
  readonly agents: readonly RealAgent[]
  readonly media: readonly RealMedium[]
  readonly unregistered: readonly UnregisteredMedium[]
  readonly measured: readonly RealDifferences[]
}
export interface RealityRules {
  /** Registered, and not seen for longer than so many days. */
  readonly unseenDays: number
}

const dayMs = 86_400_000
const usableMedia = new Set(['issued', 'lent', 'carried-out'])
/** States in which nobody has the thing in hand any more. */
const closedStates = new Set(['retired', 'destroyed', 'returned', 'sent', 'departed'])

/** Returns everything that does not agree, in the order of its names. */
export function findDifferences(reality: Reality, rules: RealityRules, now: number): readonly Finding[] {
  const found = [
    ...computerFindings(reality, rules, now),
    ...measuredFindings(reality),
    ...mediumFindings(reality, rules, now),
    ...peopleFindings(reality, now),
    ...duplicateFindings(reality.entries),
  ]
  const byId = new Map(found.map((one) => [one.id, one]))
  return [...byId.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

function computerFindings(
  { entries, agents }: Reality,
  { unseenDays }: RealityRules,
  now: number,
): Finding[] {
  const computers = entries.filter(({ kind }) => kind === 'computers')
  const byNumber = new Map(computers.map((one) => [plain(one.number), one]))
  const heard = new Map<string, RealAgent>()
  const found: Finding[] = []
  for (const agent of agents) {
    const called = agent.saidToBe === undefined ? agent.number : agent.saidToBe
    const entry = called === null ? undefined : byNumber.get(plain(called))
    if (entry !== undefined) {
      const before = heard.get(plain(entry.number))
      if (before === undefined || (before.lastSeenAt ?? 0) < (agent.lastSeenAt ?? 0))
        heard.set(plain(entry.number), agent)
    }
    if (entry !== undefined && ENDED_STATES.has(entry.state)) {
      const { lastSeenAt } = agent
      if (lastSeenAt !== null && lastSeenAt > (entry.stateSince ?? entry.changedAt))
        found.push(
          of('computer-ended-seen', 'computers', entry, lastSeenAt, {
            state: entry.state,
            agent: agent.agent,
          }),
        )
    } else if (entry === undefined || !FILED_STATES.has(entry.state)) {
      const { number, department, enrolledAt } = agent
      found.push({
        ...{ id: `computer-unregistered:${agent.agent}`, kind: 'computer-unregistered', place: 'agents' },
        ...{ number, department, since: enrolledAt },
        told: { agent: agent.agent, state: entry?.state ?? 'none' },
      })
    }
  }
  for (const entry of computers) {
    if (entry.state !== 'in-use') continue
    const agent = heard.get(plain(entry.number))
    const lastSeenAt = agent?.lastSeenAt ?? null
    if (lastSeenAt === null) {
      const usedSince = entry.stateSince ?? entry.changedAt
      if (now - usedSince > unseenDays * dayMs)
        found.push(of('computer-never-seen', 'computers', entry, usedSince, {}))
    } else if (now - lastSeenAt > unseenDays * dayMs) {
      found.push(of('computer-unseen', 'computers', entry, lastSeenAt, { days: days(now - lastSeenAt) }))
    }
  }
  return found
}

const differenceKinds: Readonly<Record<DifferenceName, FindingKind>> = {
  'disk-missing': 'disk-differs',
  'disk-unknown': 'disk-differs',
  'card-missing': 'card-differs',
  'card-unknown': 'card-differs',
  level: 'setup-differs',
  'network-mode': 'setup-differs',
  os: 'setup-differs',
  'hardware-changed': 'setup-differs',
}

/** A disk that was swapped is one that is missing and one that nobody registered: each is its own piece of work. */
function measuredFindings({ entries, measured }: Reality): Finding[] {
  const computers = entries.filter(({ kind, state }) => kind === 'computers' && FILED_STATES.has(state))
  const byNumber = new Map(computers.map((one) => [plain(one.number), one]))
  return measured.flatMap(({ number, differences }) => {
    const entry = byNumber.get(plain(number))
    if (entry === undefined) return []
    return differences.map(({ kind: what, registered, measured: told, since }) =>
      of(
        differenceKinds[what],
        'computers',
        entry,
        since ?? entry.changedAt,
        { what, registered: registered ?? '', measured: told ?? '' },
        `:${what}:${plainSerial(registered ?? told ?? '').slice(0, 100)}`,
      ),
    )
  })
}

function mediumFindings(
  { media, unregistered }: Reality,
  { unseenDays }: RealityRules,
  now: number,
): Finding[] {
  const found: Finding[] = []
  for (const medium of media) {
    const { state, lastSeenAt, validUntilMs } = medium
    const stateSince = medium.stateSince ?? medium.changedAt
    const computer = medium.lastSeenAtComputer ?? ''
    const wasSeenSince = lastSeenAt !== null && lastSeenAt > stateSince
    if (ENDED_STATES.has(state) && wasSeenSince)
      found.push(of('medium-ended-seen', 'media', medium, lastSeenAt, { state, computer }))
    if (state === 'missing' && wasSeenSince)
      found.push(of('medium-missing-seen', 'media', medium, lastSeenAt, { computer }))
    if (usableMedia.has(state)) {
      const quietSince = lastSeenAt ?? medium.registeredAt
      if (now - quietSince > unseenDays * dayMs) {
        const told = { days: days(now - quietSince), seen: lastSeenAt === null ? 'never' : 'once', computer }
        found.push(of('medium-unseen', 'media', medium, quietSince, told))
      }
      if (validUntilMs !== null && validUntilMs < now)
        found.push(of('medium-expired', 'media', medium, validUntilMs, { days: days(now - validUntilMs) }))
    }
    if (isAway(state) && medium.dueBackMs !== null && medium.dueBackMs < now) {
      // The day after the last one is the first of being late.
      const told = { days: String(Math.floor((now - medium.dueBackMs) / dayMs) + 1), state, computer }
      found.push(of('medium-overdue', 'media', medium, medium.dueBackMs, told))
    }
    for (const mark of medium.marks) {
      if (mark.level === medium.level || state === 'destroyed') continue
      const told = { by: mark.by, registered: medium.level, marked: mark.level }
      found.push(of('mark-differs', 'media', medium, mark.at, told, `:${mark.by}`))
    }
  }
  for (const { key, name, computer, department, firstAt } of unregistered) {
    found.push({
      ...{ id: `medium-unregistered:${key}`, kind: 'medium-unregistered', place: 'sightings', number: name },
      ...{ department, since: firstAt, told: { computer } },
    })
  }
  return found
}

function peopleFindings({ entries, media }: Reality, now: number): Finding[] {
  const people = entries.filter(({ kind }) => kind === 'people')
  const found: Finding[] = []
  for (const person of people) {
    const until = person.fields['coolingOffUntil']
    if (person.state !== 'cooling-off' || typeof until !== 'string') continue
    const endsAt = Date.parse(`${until}T00:00:00`) + dayMs
    if (endsAt < now)
      found.push(of('person-cooling-over', 'people', person, endsAt, { name: person.custodian, until }))
  }
  const byNumber = new Map(people.map((one) => [plain(one.number), one]))
  const byName = Map.groupBy(people, ({ custodian }) => custodian)
  /** Who has it: the person that is named, or the only one of that name. Of several nobody is picked. */
  const holder = (custodian: string, named: unknown): RealEntry | null => {
    const number = isTexts(named) ? named[0] : undefined
    if (number !== undefined) return byNumber.get(plain(number)) ?? null
    const same = byName.get(custodian) ?? []
    return same.length === 1 ? (same[0] ?? null) : null
  }
  const held = [
    ...entries
      .filter(({ kind, state }) => kind !== 'people' && !closedStates.has(state))
      .map((one) => ({ ...one, place: one.kind as FindingPlace, named: one.fields['custodianEntry'] })),
    ...media
      .filter(({ state }) => !closedStates.has(state))
      .map((one) => ({ ...one, place: 'media' as const, named: undefined })),
  ]
  for (const one of held) {
    const person = holder(one.custodian, one.named)
    if (person === null || (person.state !== 'departed' && person.state !== 'cooling-off')) continue
    const told = { person: person.number, name: person.custodian, personState: person.state }
    found.push(of('custodian-left', one.place, one, Math.max(person.changedAt, one.changedAt), told))
  }
  return found
}

/** One disk, card or machine in two entries that are both in force. */
function duplicateFindings(entries: readonly RealEntry[]): Finding[] {
  const inForce = entries.filter(({ state }) => !closedStates.has(state))
  const computers = inForce.filter(({ kind }) => kind === 'computers')
  const machines = inForce.filter(({ kind }) => kind === 'machines')
  const texts = (value: unknown) => (isTexts(value) ? value : typeof value === 'string' ? [value] : [])
  return [
    ...twice('duplicate-disk', [...computers, ...machines], (one) =>
      texts(one.fields['diskSerials']).map(plainSerial),
    ),
    ...twice('duplicate-mac', computers, (one) => texts(one.fields['macs']).map(plainMac)),
    ...twice('duplicate-serial', machines, (one) => texts(one.fields['serial']).map(plainSerial)),
  ]
}

function twice(
  kind: FindingKind,
  entries: readonly RealEntry[],
  valuesOf: (entry: RealEntry) => readonly string[],
): Finding[] {
  const owners = new Map<string, RealEntry[]>()
  for (const entry of entries) {
    for (const value of new Set(valuesOf(entry))) {
      if (value !== '') owners.set(value, [...(owners.get(value) ?? []), entry].slice(0, sharedMax))
    }
  }
  return [...owners].flatMap(([value, shared]) => {
    // The later one is asked: it says what another entry said before.
    const [later, ...others] = shared.toSorted(
      (a, b) => b.changedAt - a.changedAt || (a.number < b.number ? 1 : -1),
    )
    if (later === undefined || others.length === 0) return []
    const told = {
      value,
      others: others
        .map(({ number }) => number)
        .toSorted()
        .join('、'),
    }
    return [of(kind, later.kind, later, later.changedAt, told, `:${value}`)]
  })
}

/** Entries that share one number: more of them say nothing more. */
const sharedMax = 20

function of(
  kind: FindingKind,
  place: FindingPlace,
  at: { readonly number: string; readonly department: string },
  ...[since, told, more = '']: readonly [number, Readonly<Record<string, string>>, string?]
): Finding {
  const { number, department } = at
  return { id: `${kind}:${place}:${plain(number)}${more}`, kind, place, number, department, since, told }
}

function plain(number: string): string {
  return number.normalize('NFKC').trim().toLowerCase()
}

function plainSerial(text: string): string {
  return text.normalize('NFKC').replaceAll(/\s/g, '').toLowerCase()
}

function days(ms: number): string {
  return String(Math.floor(ms / dayMs))
}
