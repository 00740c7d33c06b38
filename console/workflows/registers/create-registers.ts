/**
 * The registers: each act reads, checks and writes in its turn, and leaves the entry and its history in one transaction. Who may
 * act, on which department, and the log of what administrators do, are the API's.
 */
import { departmentName, type Level, ShoukouError } from '@shoukou/protocol'
import {
  changesBetween,
  checkEntry,
  checkStep,
  type Fault,
  plainNumber,
  tidyFields,
} from '../../ledger/check-entry.ts'
import { areFieldsOf } from '../../ledger/entry-schema.ts'
import {
  type Draft,
  type FieldValue,
  type FieldValues,
  type Kind,
  type LedgerKindName,
  stateOf,
} from '../../ledger/fields.ts'
import { kindOf } from '../../ledger/kinds.ts'
import { stemOf } from '../../ledger/number-pattern.ts'
import type { LedgerEntryRow, LedgerEventKind, LedgerWrite, NumberStem } from '../../store/ledger-ports.ts'
import type { Store } from '../../store/ports.ts'
import { oneAtATime } from '../media/one-at-a-time.ts'
import {
  checkCustodian,
  checkCustody,
  checkLeaving,
  checkNamed,
  checkPerson,
  custodianEntry,
  linksOf,
  stillHolds,
} from './check-against.ts'
import { reasonOf, refuseFaults } from './faults.ts'
import { officerFor } from './officers.ts'
import { rememberReads } from './remember-reads.ts'

/** Who acts: an account, and the person that it names. */
export interface By {
  readonly account: string
  readonly person: string | null
}

export interface EntryDetails {
  readonly level: Level | null
  readonly department: string
  readonly custodian: string
  readonly fields: FieldValues
}
export interface NewEntry extends EntryDetails {
  /** Left out: the next by the unit's pattern. */
  readonly number?: string | undefined
  readonly reason: string
}
/** A row of a spreadsheet: what was kept elsewhere until now may be in any state. */
export interface ImportedEntry extends EntryDetails {
  readonly number: string | null
  readonly state: string
  /** The entry that the row changes, as it was when the file was looked at; left out: it is new. */
  readonly base?: LedgerEntryRow
}
/** What a row would do: nothing where it has faults, or where nothing differs. */
export interface CheckedRow {
  readonly faults: readonly Fault[]
  readonly changes: Readonly<Record<string, readonly [FieldValue, FieldValue]>>
}
export interface EntryChange extends EntryDetails {
  readonly baseVersion: number
  readonly officer?: string | undefined
  readonly reason: string
}
export interface EntryStep {
  readonly baseVersion: number
  readonly state: string
  readonly fields: FieldValues
  readonly reason: string
}

/** Acts resolve to the entry as they left it. All throw ShoukouError with words for a person. */
export interface Registers {
  register(kind: LedgerKindName, asked: NewEntry, by: By): Promise<LedgerEntryRow>
  change(kind: LedgerKindName, number: string, asked: EntryChange, by: By): Promise<LedgerEntryRow>
  step(kind: LedgerKindName, number: string, asked: EntryStep, by: By): Promise<LedgerEntryRow>
  /** Returns what keeps rows from being imported, and what each would change, row by row. */
  checkImport(kind: LedgerKindName, rows: readonly ImportedEntry[]): Promise<readonly CheckedRow[]>
  /** Registers and changes all of them or none. @throws ShoukouError `edit-conflict` where one was changed meanwhile. */
  importAll(
    kind: LedgerKindName,
    rows: readonly ImportedEntry[],
    reason: string,
    by: By,
  ): Promise<readonly LedgerEntryRow[]>
  /** The number that an entry would be given now; nothing is counted off. */
  nextNumber(kind: LedgerKindName, of: Pick<EntryDetails, 'level' | 'department'>): Promise<string>
  /** Takes an entry to another custodian, as a hand-over that both sides signed. */
  handOver(
    entry: LedgerEntryRow,
    to: { readonly custodian: string; readonly department: string; readonly handover: number },
    by: By & { readonly reason: string },
  ): Promise<LedgerEntryRow>
}

export interface RegistersOptions {
  readonly store: Store
  readonly now: () => number
  /** Called after entries of the computers' register were written. */
  readonly computersWritten: (numbers: readonly string[]) => Promise<void>
}

export function createRegisters(options: RegistersOptions): Registers {
  const inTurn = oneAtATime()
  const book = new Book(options)
  // Rows of one file name the same departments and people again and again.
  const reading = () => new Book({ ...options, store: rememberReads(options.store) })
  return {
    register: (kind, asked, by) => inTurn(() => book.register(kindOf(kind), asked, by)),
    change: (kind, number, asked, by) => inTurn(() => book.change(kindOf(kind), number, { asked, by })),
    step: (kind, number, asked, by) => inTurn(() => book.step(kindOf(kind), number, { asked, by })),
    checkImport: (kind, rows) => reading().checkImport(kindOf(kind), rows),
    importAll: (kind, rows, reason, by) =>
      inTurn(() => reading().importAll(kindOf(kind), rows, { reason, by })),
    nextNumber: async (kind, of) => options.store.nextLedgerNumber(kind, await book.stem(kindOf(kind), of)),
    handOver: (entry, to, by) => inTurn(() => book.handOver(entry, to, by)),
  }
}

class Book {
  readonly #options: RegistersOptions

  constructor(options: RegistersOptions) {
    this.#options = options
  }

  async register(kind: Kind, asked: NewEntry, by: By): Promise<LedgerEntryRow> {
    const reason = reasonOf(asked.reason)
    const draft = await this.#draft(kind, asked, {
      number: plainNumber(asked.number ?? ''),
      state: kind.states[0]?.key ?? '',
    })
    refuseFaults(await this.#faults(kind, draft))
    const number = draft.number === '' ? await this.stem(kind, draft) : draft.number
    const events = [this.#event('registered', changesBetween(null, draft), { by, reason })]
    const [row] = await this.#write([this.#newWrite(kind, draft, { number, events, by })])
    return row as LedgerEntryRow
  }

  async change(
    kind: Kind,
    number: string,
    { asked, by }: { readonly asked: EntryChange; readonly by: By },
  ): Promise<LedgerEntryRow> {
    const reason = reasonOf(asked.reason)
    const before = await this.#current(kind, number, asked.baseVersion)
    const draft = await this.#draft(kind, asked, before)
    const changes = changesBetween(draftOf(before), draft)
    if (Object.keys(changes).length === 0)
      throw new ShoukouError('invalid-request', 'Nothing differs; there is nothing to change.')
    const isJudged = 'level' in changes || 'custodian' in changes || 'custodianEntry' in changes
    refuseFaults([...checkCustody(kind, before, draft), ...(await this.#faults(kind, draft, isJudged))])
    const officer =
      'level' in changes && kind.name !== 'people'
        ? await officerFor(this.#options.store, [before.level, draft.level], {
            ...{ person: by.person, officer: asked.officer },
          })
        : null
    const told = officer === null ? changes : { ...changes, officer: [null, officer] as const }
    return this.#rewrite(kind, before, draft, [this.#event('changed', told, { by, reason })])
  }

  async step(
    kind: Kind,
    number: string,
    { asked, by }: { readonly asked: EntryStep; readonly by: By },
  ): Promise<LedgerEntryRow> {
    const { store } = this.#options
    const reason = reasonOf(asked.reason)
    const before = await this.#current(kind, number, asked.baseVersion)
    const fields = { ...(before.fields as FieldValues), ...asked.fields }
    const draft = await this.#draft(kind, { ...draftOf(before), fields }, before)
    const { state } = asked
    const lacking = kind.states.some(({ key }) => key === state) ? checkStep(kind, draft, state) : null
    if (lacking === null) throw noStep(kind, before, state)
    const after = { ...draft, state }
    const others = isHeldIn(kind, state) ? await this.#faultsElsewhere(kind, after, true) : []
    const isLeaving = kind.name === 'people' && (state === 'cooling-off' || state === 'departed')
    const held: Fault[] =
      isLeaving && (await stillHolds(store, before)) ? [{ field: 'state', code: 'still-held' }] : []
    const leaving = kind.name === 'people' ? checkLeaving(draft, state) : []
    const custody = checkCustody(kind, before, draft)
    refuseFaults([...lacking, ...leaving, ...others, ...held, ...custody])
    const changes = { state: [before.state, state] as const, ...changesBetween(draftOf(before), draft) }
    return this.#rewrite(kind, before, after, [this.#event('state-changed', changes, { by, reason })])
  }

  async checkImport(kind: Kind, rows: readonly ImportedEntry[]): Promise<readonly CheckedRow[]> {
    const checked: CheckedRow[] = []
    for (const row of rows) {
      if (!kind.states.some(({ key }) => key === row.state)) {
        checked.push({ faults: [{ field: 'state', code: 'not-a-choice' }], changes: {} })
        continue
      }
      const number = plainNumber(row.number ?? '')
      const draft = await this.#draft(kind, row, { number, state: row.state })
      const changes = changesBetween(row.base === undefined ? null : draftOf(row.base), draft)
      const isJudged =
        row.base === undefined || 'level' in changes || 'custodian' in changes || 'custodianEntry' in changes
      const isAsIs = row.base !== undefined && Object.keys(changes).length === 0
      checked.push({ faults: isAsIs ? [] : await this.#faults(kind, draft, isJudged), changes })
    }
    return checked
  }

  async importAll(
    kind: Kind,
    rows: readonly ImportedEntry[],
    { reason, by }: { readonly reason: string; readonly by: By },
  ): Promise<readonly LedgerEntryRow[]> {
    const why = reasonOf(reason)
    const checked = await this.checkImport(kind, rows)
    refuseFaults(checked.find(({ faults }) => faults.length > 0)?.faults ?? [])
    const writes: LedgerWrite[] = []
    for (const row of rows) {
      const asked = plainNumber(row.number ?? '')
      const draft = await this.#draft(kind, row, { number: asked, state: row.state })
      if (row.base !== undefined) {
        const event = this.#event('imported', changesBetween(draftOf(row.base), draft), { by, reason: why })
        writes.push(this.#changeWrite(kind, row.base, draft, [event]))
        continue
      }
      const number = asked === '' ? await this.stem(kind, draft) : asked
      const changes = { state: [null, draft.state] as const, ...changesBetween(null, draft) }
      const events = [this.#event('imported', changes, { by, reason: why })]
      writes.push(this.#newWrite(kind, draft, { number, events, by }))
    }
    // Numbers that were chosen come first: what is counted off afterwards passes them by.
    const inOrder = writes.toSorted((a, b) => Number(isCounted(a)) - Number(isCounted(b)))
    return this.#write(inOrder)
  }

  async handOver(
    { kind: name, number }: LedgerEntryRow,
    to: { readonly custodian: string; readonly department: string; readonly handover: number },
    by: By & { readonly reason: string },
  ): Promise<LedgerEntryRow> {
    const { store, now } = this.#options
    const kind = kindOf(name as LedgerKindName)
    const before = await store.ledgerEntry(name, number)
    if (before === null) throw noEntry(kind)
    const { custodianEntry: _was, ...fields } = before.fields as FieldValues
    const { custodian, department } = to
    const draft = { ...draftOf(before), fields, custodian, department }
    const changes = { ...changesBetween(draftOf(before), draft), handover: [null, to.handover] as const }
    const handover = { id: to.handover, doneAt: now() }
    const event = this.#event('handed-over', changes, { by, reason: by.reason })
    return this.#rewrite(kind, before, draft, [event], handover)
  }

  async stem(kind: Kind, of: Pick<EntryDetails, 'level' | 'department'>): Promise<NumberStem> {
    const { store, now } = this.#options
    const own = (await store.numberPatterns()).find((one) => one.kind === kind.name)
    const tree = await store.departmentTree()
    const year = new Date(now()).getFullYear()
    const departmentCode = tree.find(({ name }) => name === of.department)?.code ?? ''
    return stemOf(own?.pattern ?? kind.pattern, { level: of.level, departmentCode, year })
  }

  /** What was asked for, as it would be kept: texts tidied, the custodian by the name of the person who is named. */
  async #draft(
    kind: Kind,
    asked: EntryDetails,
    { number, state }: Pick<Draft, 'number' | 'state'>,
  ): Promise<Draft> {
    const fields = tidyFields(kind, asked.fields)
    const department = departmentName(asked.department)
    const typed = asked.custodian.normalize('NFC').trim()
    const draft = { number, state, level: asked.level, department, fields }
    if (kind.custodian === 'self') {
      const { name } = fields
      return { ...draft, custodian: typeof name === 'string' ? name : '' }
    }
    const isNamed = fields['custodianEntry'] !== undefined
    const person = isNamed ? await custodianEntry(this.#options.store, { custodian: '', fields }) : null
    return { ...draft, custodian: person?.custodian ?? typed }
  }

  async #faults(kind: Kind, draft: Draft, isJudged = true): Promise<readonly Fault[]> {
    const own = checkEntry(kind, draft)
    const elsewhere = await this.#faultsElsewhere(kind, draft, isJudged && isHeldIn(kind, draft.state))
    return [...own, ...elsewhere.filter((one) => !own.some(({ field }) => field === one.field))]
  }

  async #faultsElsewhere(kind: Kind, draft: Draft, isJudged: boolean): Promise<readonly Fault[]> {
    const { store } = this.#options
    const named = await checkNamed(store, kind, draft)
    if (kind.name === 'people') return [...named, ...checkPerson(draft)]
    return isJudged ? [...named, ...(await checkCustodian(store, draft))] : named
  }

  async #current(kind: Kind, number: string, baseVersion: number): Promise<LedgerEntryRow> {
    const row = await this.#options.store.ledgerEntry(kind.name, number)
    if (row === null) throw noEntry(kind)
    if (row.version !== baseVersion) {
      throw new ShoukouError(
        'edit-conflict',
        `${row.number} was changed meanwhile (version ${row.version}); load it, and make the change again.`,
      )
    }
    if (stateOf(kind, row.state).isClosed === true)
      throw new ShoukouError('invalid-request', `${row.number} is ${row.state}: its entry is closed.`)
    return row
  }

  #newWrite(
    kind: Kind,
    draft: Draft,
    how: { readonly number: string | NumberStem; readonly events: LedgerWrite['events']; readonly by: By },
  ): LedgerWrite {
    const now = this.#options.now()
    const { number: _number, ...rest } = draft
    return {
      entry: {
        ...rest,
        number: how.number,
        kind: kind.name,
        version: 1,
        createdAt: now,
        createdBy: how.by.account,
        changedAt: now,
      },
      baseVersion: null,
      links: linksOf(kind, draft.fields),
      text: searchText(kind, draft),
      events: how.events,
    }
  }

  async #rewrite(
    kind: Kind,
    before: LedgerEntryRow,
    draft: Draft,
    events: LedgerWrite['events'],
    handover?: NonNullable<LedgerWrite['handover']>,
  ): Promise<LedgerEntryRow> {
    const write = this.#changeWrite(kind, before, draft, events)
    const [row] = await this.#write([handover === undefined ? write : { ...write, handover }])
    return row as LedgerEntryRow
  }

  #changeWrite(kind: Kind, before: LedgerEntryRow, draft: Draft, events: LedgerWrite['events']): LedgerWrite {
    const { id: _id, ...rest } = before
    return {
      entry: {
        ...rest,
        ...draft,
        number: before.number,
        version: before.version + 1,
        changedAt: this.#options.now(),
      },
      baseVersion: before.version,
      links: linksOf(kind, draft.fields),
      text: searchText(kind, draft),
      events,
    }
  }

  async #write(writes: readonly LedgerWrite[]): Promise<readonly LedgerEntryRow[]> {
    const { store, computersWritten } = this.#options
    for (const { entry } of writes) {
      if (!areFieldsOf(entry.kind as LedgerKindName, entry.fields))
        throw new ShoukouError('invalid-request', 'The fields are not what this register keeps.')
    }
    const rows = await store.writeLedger(writes)
    const computers = rows.filter(({ kind }) => kind === 'computers').map(({ number }) => number)
    if (computers.length > 0) await computersWritten(computers)
    return rows
  }

  #event(
    kind: LedgerEventKind,
    changes: Readonly<Record<string, readonly [unknown, unknown]>>,
    { by, reason }: { readonly by: By; readonly reason: string },
  ): LedgerWrite['events'][number] {
    return { at: this.#options.now(), account: by.account, kind, changes: JSON.stringify(changes), reason }
  }
}

/** States in which somebody has the thing in hand, so that it matters who. */
const unheldStates = new Set([
  'retired',
  'destroyed',
  'returned',
  'sent',
  'missing',
  'to-destroy',
  'suspended',
])

function isHeldIn(kind: Kind, state: string): boolean {
  return kind.name === 'people' || !unheldStates.has(state)
}

function isCounted({ entry }: LedgerWrite): boolean {
  return typeof entry.number !== 'string'
}

function draftOf(row: LedgerEntryRow): Draft {
  const { number, level, department, custodian, state } = row
  return { number, level, department, custodian, state, fields: row.fields as FieldValues }
}

/** Returns what people look for beside number and custodian: texts, serial numbers, entries named. */
export function searchText(kind: Kind, { department, fields }: Pick<Draft, 'department' | 'fields'>): string {
  const texts = kind.fields.flatMap(({ key, type }) => {
    const value = fields[key]
    if (type === 'text' && typeof value === 'string') return [value]
    return (type === 'list' || type === 'link') && Array.isArray(value) ? value.map(String) : []
  })
  return [department, ...texts].join(' ')
}

function noEntry(kind: Kind): ShoukouError {
  return new ShoukouError('not-found', `There is no ${kind.one.en} of this number; see the register.`)
}

function noStep(kind: Kind, { number, state }: LedgerEntryRow, to: string): ShoukouError {
  const ways = stateOf(kind, state).steps.map((one) => one.to)
  const may = ways.length === 0 ? 'its entry is closed' : `it may become ${ways.join(', ')}`
  return new ShoukouError('invalid-request', `${number} is ${state} and can’t become ${to}: ${may}.`)
}
