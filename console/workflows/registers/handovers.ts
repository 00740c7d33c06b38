/**
 * Hand-over with two signatures: giver and receiver are two different people, and each signs in a session of their own, or on a
 * paper form whose number the security office writes down.
 */
import { departmentName, ShoukouError } from '@shoukou/protocol'
import { IN_HAND_STATES } from '../../ledger/carriers.ts'
import type { FieldValues } from '../../ledger/fields.ts'
import { kindOf } from '../../ledger/kinds.ts'
import type { HandoverRow, LedgerEntryRow } from '../../store/ledger-ports.ts'
import type { Store } from '../../store/ports.ts'
import { oneAtATime } from '../media/one-at-a-time.ts'
import { checkCustodian, checkNamed } from './check-against.ts'
import type { By, Registers } from './create-registers.ts'
import { reasonOf, refuseFaults } from './faults.ts'

export interface Handovers {
  ask(
    number: string,
    asked: { readonly receiver: string; readonly department: string; readonly reason: string },
    by: By,
  ): Promise<HandoverRow>
  /** Signs for one side; with the second signature the carrier is the receiver's. */
  sign(
    id: number,
    asked: { readonly side: 'given' | 'received'; readonly paper: string | null },
    by: By,
  ): Promise<HandoverRow>
  withdraw(id: number): Promise<HandoverRow>
}

export interface HandoversOptions {
  readonly store: Store
  readonly registers: Registers
  readonly now: () => number
}

const kind = 'carriers'
const paperCharactersMax = 64

export function createHandovers({ store, registers, now }: HandoversOptions): Handovers {
  const inTurn = oneAtATime()
  const one = async (id: number): Promise<HandoverRow> => {
    const row = await store.handover(id)
    if (row === null) throw new ShoukouError('not-found', 'There is no such hand-over; see the entry.')
    return row
  }
  const ask: Handovers['ask'] = async (number, asked, by) => {
    const entry = await store.ledgerEntry(kind, number)
    if (entry === null)
      throw new ShoukouError('not-found', 'There is no carrier of this number; see the register.')
    const reason = reasonOf(asked.reason)
    const receiver = asked.receiver.normalize('NFC').trim()
    const department = departmentName(asked.department)
    if (receiver === '' || receiver === entry.custodian)
      throw new ShoukouError(
        'invalid-request',
        'Giver and receiver are two people; name the one who receives.',
      )
    if (!IN_HAND_STATES.has(entry.state))
      throw new ShoukouError('invalid-request', `${entry.number} is ${entry.state}: it is in nobody’s hand.`)
    await assertMayReceive(store, entry, { receiver, department })
    const row = await store.addHandover({
      ...{ kind, number, giver: entry.custodian, receiver, department, reason },
      ...{ askedAt: now(), askedBy: by.account },
    })
    if (row !== null) return row
    throw new ShoukouError('edit-conflict', 'A hand-over of it waits already; sign that one, or withdraw it.')
  }
  const sign: Handovers['sign'] = async (id, { side, paper }, by) => {
    const row = await one(id)
    if (row.end !== null) throw new ShoukouError('edit-conflict', 'The hand-over is over already; load it.')
    // Both have signed, and the console ended before it wrote so.
    if (row.given !== null && row.received !== null) return finish(row, by)
    await assertStillMay(row)
    const name = side === 'given' ? row.giver : row.receiver
    const form = paperNumber(paper)
    if (form === null) await assertIsThemself(store, { name, by })
    const other = side === 'given' ? row.received : row.given
    // One session for both sides would be one person's word.
    if (form === null && other !== null && other.paper === null && other.account === by.account)
      throw new ShoukouError(
        'second-person-needed',
        'The other side was signed by this account; two people sign.',
      )
    const signature = { at: now(), account: by.account, person: name, paper: form }
    if (!(await store.signHandover(id, side, signature)))
      throw new ShoukouError('edit-conflict', 'This side was signed already; load it.')
    return finish(await one(id), by)
  }
  /** Meanwhile it may have been sent, destroyed or given away, and the receiver may have left: nobody signs for that. */
  const assertStillMay = async (row: HandoverRow): Promise<void> => {
    const entry = await entryOf(row)
    if (entry.custodian !== row.giver || !IN_HAND_STATES.has(entry.state))
      throw new ShoukouError(
        'edit-conflict',
        `${row.number} is ${entry.custodian}’s now and ${entry.state}; withdraw this hand-over.`,
      )
    await assertMayReceive(store, entry, row)
  }
  const entryOf = async (row: HandoverRow): Promise<LedgerEntryRow> => {
    const entry = await store.ledgerEntry(row.kind, row.number)
    if (entry !== null) return entry
    throw new ShoukouError('not-found', 'There is no carrier of this number; see the register.')
  }
  /** Where both have signed; also what an end of the console left undone. */
  const finish = async (row: HandoverRow, by: By): Promise<HandoverRow> => {
    if (row.given === null || row.received === null) return row
    const entry = await entryOf(row)
    if (entry.custodian !== row.giver) {
      await store.withdrawHandover(row.id, now())
      throw new ShoukouError(
        'edit-conflict',
        `${row.number} is ${entry.custodian}’s now; ask for a new hand-over.`,
      )
    }
    const { receiver: custodian, department, id: handover, reason } = row
    await registers.handOver(entry, { custodian, department, handover }, { ...by, reason })
    return one(row.id)
  }
  return {
    ask: (number, asked, by) => inTurn(() => ask(number, asked, by)),
    sign: (id, asked, by) => inTurn(() => sign(id, asked, by)),
    withdraw: (id) =>
      inTurn(async () => {
        if (!(await store.withdrawHandover((await one(id)).id, now())))
          throw new ShoukouError('edit-conflict', 'The hand-over is over already; load it.')
        return one(id)
      }),
  }
}

async function assertMayReceive(
  store: Store,
  entry: LedgerEntryRow,
  to: { readonly receiver: string; readonly department: string },
): Promise<void> {
  const { custodianEntry: _giver, ...fields } = entry.fields as FieldValues
  const { number, level, state } = entry
  const draft = { number, level, state, fields, custodian: to.receiver, department: to.department }
  const faults = [...(await checkNamed(store, kindOf(kind), draft)), ...(await checkCustodian(store, draft))]
  refuseFaults(faults.map((one) => (one.field === 'custodian' ? { ...one, field: 'receiver' } : one)))
}

/** @throws ShoukouError `not-permitted` where whoever is signed in is not the person who gives or receives. */
async function assertIsThemself(
  store: Store,
  { name, by }: { readonly name: string; readonly by: By },
): Promise<void> {
  if (by.person !== null) {
    if (by.person === name) return
    const entry = await store.ledgerEntry('people', by.person)
    if (entry?.custodian === name) return
  }
  throw new ShoukouError(
    'not-permitted',
    `${name} signs in a session of their own; or have the paper form signed, and write its number down here.`,
  )
}

function paperNumber(text: string | null): string | null {
  if (text === null) return null
  const number = text.normalize('NFKC').trim()
  if (number !== '' && number.length <= paperCharactersMax) return number
  throw new ShoukouError(
    'invalid-request',
    'Write down the number of the paper form, in 64 characters at most.',
  )
}
