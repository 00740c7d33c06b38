/** Departments as a tree: made, moved, renamed with everything that is given to them, taken out where they are empty. */
import { departmentName, ShoukouError } from '@shoukou/protocol'
import { type FieldValues, LEDGER_KINDS } from '../../ledger/fields.ts'
import { kindOf } from '../../ledger/kinds.ts'
import type { DepartmentRow, LedgerPage, LedgerPlace } from '../../store/ledger-ports.ts'
import type { Store } from '../../store/ports.ts'
import { oneAtATime } from '../media/one-at-a-time.ts'
import { searchText } from './create-registers.ts'
import { reasonOf } from './faults.ts'

export interface DepartmentDetails {
  readonly name: string
  readonly parent: string | null
  readonly isKey: boolean
  readonly head: string
}

export interface Departments {
  make(
    asked: DepartmentDetails & { readonly code: string; readonly reason: string },
    account: string,
  ): Promise<void>
  change(
    code: string,
    asked: DepartmentDetails & { readonly baseVersion: number; readonly reason: string },
    account: string,
  ): Promise<void>
  remove(
    code: string,
    asked: { readonly baseVersion: number; readonly reason: string },
    account: string,
  ): Promise<void>
}

const depthMax = 8
const departmentsMax = 1_000
const rowsPerPage = 500

export function createDepartments({
  store,
  now,
}: {
  readonly store: Store
  readonly now: () => number
}): Departments {
  const inTurn = oneAtATime()
  const write = async (
    row: Omit<DepartmentRow, 'version' | 'changedAt'>,
    baseVersion: number | null,
    how: { readonly account: string; readonly reason: string; readonly before: DepartmentRow | null },
  ): Promise<void> => {
    const name = departmentName(row.name)
    if (name === '') throw new ShoukouError('invalid-request', 'A department has a name; fill it in.')
    assertPlace(await store.departmentTree(), row.code, row.parent)
    const at = now()
    const { before } = how
    const parts = ['name', 'parent', 'isKey', 'head'] as const
    const after = { ...row, name, head: row.head.trim() }
    const changes = Object.fromEntries(
      parts
        .filter((part) => (before?.[part] ?? null) !== after[part])
        .map((part) => [part, [before?.[part] ?? null, after[part]]]),
    )
    if (Object.keys(changes).length === 0)
      throw new ShoukouError('invalid-request', 'Nothing differs; there is nothing to change.')
    await store.writeDepartment({ ...after, version: (baseVersion ?? 0) + 1, changedAt: at }, baseVersion, {
      ...{ at, account: how.account, reason: reasonOf(how.reason), changes: JSON.stringify(changes) },
    })
  }
  const one = async (code: string): Promise<DepartmentRow> => {
    const found = (await store.departmentTree()).find((row) => row.code === code)
    if (found !== undefined) return found
    throw new ShoukouError('not-found', 'There is no department of this code; see the tree.')
  }
  return {
    make: ({ reason, ...row }, account) =>
      inTurn(async () => {
        if ((await store.departmentTree()).length >= departmentsMax)
          throw new ShoukouError('limit-exceeded', `A unit has at most ${departmentsMax} departments here.`)
        await write(row, null, { account, reason, before: null })
      }),
    change: (code, { baseVersion, reason, ...row }, account) =>
      inTurn(async () => {
        const before = await one(code)
        await write({ code, ...row }, baseVersion, { account, reason, before })
        const name = departmentName(row.name)
        if (name !== before.name) await findByName(store, name)
      }),
    remove: (code, { baseVersion, reason }, account) =>
      inTurn(async () => {
        const before = await one(code)
        const event = { at: now(), account, reason: reasonOf(reason) }
        const changes = JSON.stringify({ name: [before.name, null] })
        if (await store.removeDepartment(code, baseVersion, { ...event, changes })) return
        throw new ShoukouError(
          'invalid-request',
          `${before.name} is not empty: give what it has to another department first.`,
        )
      }),
  }
}

/** A search finds entries by their department's name: after a new name, by that one. */
async function findByName(store: Store, department: string): Promise<void> {
  for (const name of LEDGER_KINDS) {
    const kind = kindOf(name)
    let after: LedgerPlace | null = null
    do {
      const page: LedgerPage = {
        filter: { kind: name, departments: [department] },
        ...{ sort: 'number', isDescending: false, limit: rowsPerPage },
      }
      const { entries, next } = await store.ledgerEntries(after === null ? page : { ...page, after })
      await store.indexLedger(
        entries.map(({ number, fields }) => ({
          ...{ kind: name, number },
          text: searchText(kind, { department, fields: fields as FieldValues }),
        })),
      )
      after = next
    } while (after !== null)
  }
}

/** Returns the names of a department and of all below it; of one that is not in the tree, its own. */
export function withAllBelow(tree: readonly DepartmentRow[], name: string): readonly string[] {
  const top = tree.find((one) => one.name === name)
  if (top === undefined) return [name]
  const found = [top]
  for (const one of found) found.push(...tree.filter(({ parent }) => parent === one.code))
  return found.map((one) => one.name)
}

/** @throws ShoukouError `invalid-request` where the parent is not there, below itself, or too deep. */
function assertPlace(tree: readonly DepartmentRow[], code: string, parent: string | null): void {
  let above = parent
  for (let depth = 1; above !== null; depth += 1) {
    if (above === code) throw new ShoukouError('invalid-request', 'A department can’t be below itself.')
    const row = tree.find((one) => one.code === above)
    if (row === undefined)
      throw new ShoukouError('invalid-request', `There is no department ${above}; make it first.`)
    if (depth >= depthMax)
      throw new ShoukouError('invalid-request', `The tree is ${depthMax} levels deep at most.`)
    above = row.parent
  }
}
