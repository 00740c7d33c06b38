import type { FactNamed, Passport } from '@shoukou/protocol'
import { openSeal } from '@shoukou/protocol/media/seal.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { insertion } from '../../api/test-data.ts'
import type { MediumDetails } from '../../ledger/medium-details.ts'
import type { LedgerFields } from '../../store/ledger-ports.ts'
import type { MediumRow } from '../../store/media-ports.ts'
import { setNumberPattern } from '../registers/patterns.ts'
import { nextMediumNumber } from './number-media.ts'
import { COMPUTER, details, OTHER_COMPUTER, openTestMedia, passport, type TestMedia } from './test-media.ts'

let test: TestMedia
beforeEach(async () => {
  test = await openTestMedia()
})
afterEach(() => test[Symbol.asyncDispose]())

const reason = 'new stick for the office'

async function registered(serial: string, other: Partial<MediumDetails> = {}): Promise<MediumRow> {
  const from = await test.examine(passport(serial))
  return test.media.register.register({ ...details(other), reason, from }, 'li')
}

const change = (row: MediumRow, other: Partial<MediumDetails>) =>
  test.media.register.change(
    row.number,
    { ...details(), ...other, baseVersion: row.version, reason: 'needed' },
    'li',
  )

const setState = (row: MediumRow, state: MediumRow['state'], why = 'needed') =>
  test.media.register.setState(row.number, { baseVersion: row.version, state, reason: why }, 'li')

const historyOf = async (number: string) =>
  (await test.store.mediumHistory(number, 50)).map(({ kind, changes }) => ({
    kind,
    changes: JSON.parse(changes) as Record<string, unknown>,
  }))

describe('registering a medium', () => {
  it('takes its passport from the agent’s own record, and seals what was filled in', async () => {
    const row = await registered('E0D55EA57414')
    expect(row).toMatchObject({ number: 'YM-0001', state: 'issued', version: 1, registeredBy: 'li' })
    expect(row.passport).toEqual(passport('E0D55EA57414'))
    const signed = row.seal?.signed ?? { payload: '', signature: '' }
    expect(openSeal(signed, test.signer.publicKey)).toMatchObject({
      number: 'YM-0001',
      level: 'confidential',
      computers: [COMPUTER],
      right: 'read-write',
      passport: passport('E0D55EA57414'),
    })
    const history = await historyOf('YM-0001')
    expect(history.map(({ kind }) => kind)).toEqual(['seal-issued', 'registered'])
    expect(history[1]?.changes).toMatchObject({
      level: [null, 'confidential'],
      record: [null, 'agent-1/epoch-1/1'],
    })
  })

  it('is possible before it was ever seen: then there is no seal yet', async () => {
    const row = await test.media.register.register({ ...details(), reason, from: null }, 'li')
    expect([row.passport, row.seal]).toEqual([null, null])
    const from = await test.examine(passport('A1'))
    const known = await test.media.register.setPassport(row.number, { baseVersion: 1, from, reason }, 'li')
    expect(known.seal).not.toBeNull()
    expect(known.sealsVoidBeforeMs).toBeNull()
  })

  it('refuses a record that is none, is of something else, or of a medium that could not be read', async () => {
    const ask = (from: { agent: string; epoch: string; seq: number }) =>
      test.media.register.register({ ...details(), reason, from }, 'li')
    await expect(ask({ agent: 'agent-1', epoch: 'epoch-1', seq: 99 })).rejects.toMatchObject({
      code: 'not-found',
    })
    const plugged = await test.examine(null, insertion('DataTraveler'))
    await expect(ask(plugged)).rejects.toThrow(/no examination of a medium/)
    await expect(ask(await test.examine(null))).rejects.toThrow(/Nothing could be read/)
    expect(await test.store.countMedia({})).toBe(0)
  })

  it('counts numbers, and goes past those that somebody chose by hand', async () => {
    const ask = (number?: string) =>
      test.media.register.register({ ...details(), number, reason, from: null }, 'li')
    await ask('ym-0002')
    await ask('ＹＭ－０００３')
    const numbers = [(await ask()).number, (await ask()).number]
    expect(numbers).toEqual(['YM-0001', 'YM-0004'])
    await expect(ask('YM-0002')).rejects.toThrow(/ym-0002 is taken/)
    await expect(ask('=1+1')).rejects.toMatchObject({ code: 'invalid-request' })
  })

  it('refuses computers that nobody enrolled, a validity that ends before it begins, and blanks for a reason', async () => {
    const ask = (other: Partial<MediumDetails>, why = reason) =>
      test.media.register.register({ ...details(other), reason: why, from: null }, 'li')
    await expect(ask({ computers: [COMPUTER, 'JM-9999'] })).rejects.toThrow(/JM-9999/)
    await expect(ask({ validFromMs: 10, validUntilMs: 10 })).rejects.toThrow(/ends before/)
    await expect(ask({}, ' \t')).rejects.toThrow(/Say why/)
  })

  it('refuses a second one with the same identity, and names the first', async () => {
    const first = await registered('E0D55EA57414')
    const again = passport('E0D55EA57414', { partitionTable: { kind: 'gpt', id: 'f'.repeat(8) } })
    const from = await test.examine(again)
    const ask = test.media.register.register({ ...details(), reason, from }, 'li')
    await expect(ask).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining(first.number),
    })
  })

  it('refuses another one that says of itself what a registered one does', async () => {
    const first = await registered('E0D55EA57414')
    const from = await test.examine(passport('E0D55EA57414', { sizeBytes: 31_000_000_000 }))
    const ask = test.media.register.register({ ...details(), reason, from }, 'li')
    await expect(ask).rejects.toThrow(new RegExp(`${first.number}.*another one`))
  })

  it('refuses the identity of one that was destroyed: that it is here again is a matter to look into', async () => {
    const first = await registered('E0D55EA57414')
    await setState(await setState(first, 'retired'), 'destroyed')
    await expect(registered('E0D55EA57414')).rejects.toThrow(/YM-0001 \(destroyed\)/)
  })

  it('takes one of two that asked for the same identity at the same time', async () => {
    const from = await test.examine(passport('E0D55EA57414'))
    const both = await Promise.allSettled(
      ['li', 'wu'].map((who) => test.media.register.register({ ...details(), reason, from }, who)),
    )
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })

  it('registers sticks without serial numbers apart by what formatting set', async () => {
    const ask = async (found: Passport) => {
      const from = await test.examine(found)
      return test.media.register.register({ ...details(), reason, from }, 'li')
    }
    const plain = (uuid: string, table: string): Passport =>
      passport('000000000000', {
        fileSystems: [{ partition: 1, kind: 'vfat', uuid, label: null }],
        partitionTable: { kind: 'mbr', id: table },
      })
    await ask(plain('1111-1111', '11111111'))
    expect((await ask(plain('2222-2222', '22222222'))).number).toBe('YM-0002')
    await expect(ask(plain('1111-1111', '11111111'))).rejects.toThrow(/YM-0001/)
  })

  it('writes nothing where the seal would not fit onto the medium', async () => {
    const long = 'x'.repeat(5_000)
    const from = await test.examine(
      passport('A1', { inquiry: { vendor: long, product: 'p', revision: 'r' } }),
    )
    const ask = test.media.register.register({ ...details(), reason, from }, 'li')
    await expect(ask).rejects.toMatchObject({ code: 'limit-exceeded' })
    expect(await test.store.countMedia({})).toBe(0)
  })
})

describe('a medium among the unit’s own registers', () => {
  const person = (fields: LedgerFields, level: 'confidential' | null = null) =>
    test.store.writeLedger([
      {
        entry: {
          ...{ kind: 'people', number: 'RY-1', state: 'on-post', level, department: '办公室', version: 1 },
          ...{ custodian: '周宁', fields, createdAt: 1, createdBy: 'li', changedAt: 1 },
        },
        ...{ baseVersion: null, links: [], text: '', events: [] },
      },
    ])

  it('is numbered by the unit’s own pattern, each text around the count by itself', async () => {
    const { store, clock } = test
    const by = { account: 'li', now: clock.now }
    await expect(
      setNumberPattern(store, 'media', { pattern: 'YM〔{year}〕{seq:3}', baseVersion: 0, reason }, by),
    ).rejects.toMatchObject({ code: 'invalid-request' })
    await setNumberPattern(store, 'media', { pattern: 'JZ-{level}-{seq:3}', baseVersion: 0, reason }, by)
    expect((await registered('A1')).number).toBe('JZ-C-001')
    const of = { level: 'secret' as const, department: '' }
    expect(await nextMediumNumber(store, of, clock.now)).toBe('JZ-S-001')
    const row = (level: 'secret' | 'confidential', number: string | null) => ({
      ...{ ...details({ level }), number },
    })
    const rows = [
      row('secret', null),
      row('confidential', null),
      row('secret', 'JZ-S-002'),
      row('secret', null),
    ]
    await test.media.register.importAll(rows, reason, 'li')
    const numbers = (await store.media({ limit: 10 })).map(({ number }) => number)
    expect(numbers.toSorted()).toEqual(['JZ-C-001', 'JZ-C-002', 'JZ-S-001', 'JZ-S-002', 'JZ-S-003'])
  })

  it('is given to nobody who is temporary, or whose tier is too low', async () => {
    await person({ name: '周宁', tier: 'none', isTemporary: true })
    const faulty = { code: 'entry-refused', context: { faults: expect.stringContaining('temporary-staff') } }
    await expect(registered('A1', { custodian: '周宁' })).rejects.toMatchObject(faulty)
    const row = await registered('A2')
    await expect(change(row, { custodian: '周宁' })).rejects.toMatchObject(faulty)
    const rows = [{ ...details({ custodian: '周宁' }), number: null }]
    await expect(test.media.register.importAll(rows, reason, 'li')).rejects.toMatchObject(faulty)
    expect((await change(row, { note: 'x' })).version).toBe(2)
  })

  it('gets another level by the decision of an officer who may set it', async () => {
    await person({ name: '周宁', tier: 'none' }, 'confidential')
    const row = await registered('A1', { level: 'internal' })
    await expect(change(row, { level: 'confidential' })).rejects.toMatchObject({ code: 'not-permitted' })
    const asked = { ...details({ level: 'confidential' }), baseVersion: 1, reason, officer: 'RY-1' }
    await test.media.register.change(row.number, asked, 'li')
    const changed = (await historyOf(row.number)).find(({ kind }) => kind === 'changed')
    expect(changed?.changes).toMatchObject({ level: ['internal', 'confidential'], officer: [null, 'RY-1'] })
    const above = { ...details({ level: 'secret' }), baseVersion: 2, reason, officer: 'RY-1' }
    await expect(test.media.register.change(row.number, above, 'li')).rejects.toThrow(/秘密/)
  })
})

describe('changing a medium', () => {
  it('never lowers its level, and seals it anew where it rises', async () => {
    const row = await registered('A1', { level: 'secret' })
    await expect(change(row, { level: 'confidential' })).rejects.toThrow(/never lowered/)
    test.clock.now += 1_000
    const raised = await change(row, { level: 'top-secret' })
    expect(raised.seal?.id).not.toBe(row.seal?.id)
    expect(raised.sealsVoidBeforeMs).toBe(raised.seal?.issuedAtMs)
    expect((await historyOf(row.number)).slice(0, 2)).toEqual([
      expect.objectContaining({ kind: 'seal-issued' }),
      { kind: 'changed', changes: { level: ['secret', 'top-secret'] } },
    ])
  })

  it('gives a newer seal a later time, also within one millisecond', async () => {
    const row = await registered('A1')
    const changed = await change(row, { custodian: '李四' })
    expect(changed.seal?.issuedAtMs).toBe((row.seal?.issuedAtMs ?? 0) + 1)
  })

  it('leaves the seal where only what it does not say differs', async () => {
    const row = await registered('A1')
    const changed = await change(row, { note: 'red label', department: '财务' })
    expect(changed.seal).toEqual(row.seal)
    expect(changed.version).toBe(2)
    await expect(change(changed, { note: 'red label', department: '财务' })).rejects.toThrow(
      /Nothing differs/,
    )
  })

  it('lets one of two win that began from the same version', async () => {
    const row = await registered('A1')
    const both = await Promise.allSettled([change(row, { note: 'a' }), change(row, { note: 'b' })])
    expect(both[0].status).toBe('fulfilled')
    expect(both[1]).toMatchObject({ status: 'rejected', reason: { code: 'edit-conflict' } })
  })

  it('keeps computers that are not there any more, and takes no new ones', async () => {
    const row = await registered('A1', { computers: null })
    const narrowed = await change(row, { computers: [OTHER_COMPUTER] })
    expect(narrowed.computers).toEqual([OTHER_COMPUTER])
    await expect(change(narrowed, { computers: ['JM-7777'] })).rejects.toThrow(/JM-7777/)
  })
})

describe('the state of a medium', () => {
  it('goes the ways that the table has, and says which there are', async () => {
    const row = await registered('A1')
    await expect(setState(row, 'destroyed')).rejects.toThrow(
      /may become lent, carried-out, suspended, missing, retired/,
    )
    const lent = await setState(row, 'lent')
    expect(await historyOf(row.number)).toContainEqual({
      kind: 'state-changed',
      changes: { state: ['issued', 'lent'] },
    })
    await expect(setState(lent, 'retired')).rejects.toThrow(/is lent/)
  })

  it('keeps by when what is away is to be back, takes another day, and forgets it with the return', async () => {
    const row = await registered('A1')
    const day = 86_400_000
    const move = (from: MediumRow, state: MediumRow['state'], dueBackMs: number | null) =>
      test.media.register.setState(
        row.number,
        { baseVersion: from.version, state, dueBackMs, reason: 'a journey' },
        'li',
      )
    const due = test.clock.now + 7 * day
    await expect(move(row, 'lent', test.clock.now)).rejects.toThrow(/from today on/)
    await expect(move(row, 'suspended', due)).rejects.toThrow(/leave the day out/)
    const lent = await move(row, 'lent', due)
    expect(lent.dueBackMs).toBe(due)
    await expect(move(lent, 'lent', due)).rejects.toThrow(/is lent/)
    const later = await move(lent, 'lent', due + day)
    const [putOff] = await historyOf(row.number)
    expect(putOff).toEqual({ kind: 'state-changed', changes: { dueBackMs: [due, due + day] } })
    expect((await move(later, 'issued', null)).dueBackMs).toBeNull()
  })

  it('closes the entry with destruction', async () => {
    const gone = await setState(await setState(await registered('A1'), 'retired'), 'destroyed')
    await expect(setState(gone, 'issued')).rejects.toThrow(/its entry is closed/)
    await expect(change(gone, { note: 'x' })).rejects.toThrow(/its entry is closed/)
  })

  it('makes every older seal void when one that was missing comes back', async () => {
    const row = await registered('A1')
    const missing = await setState(row, 'missing')
    await expect(setState(missing, 'issued', '  ')).rejects.toThrow(/Say why/)
    const back = await setState(missing, 'issued', 'found in drawer 3')
    expect(back.seal?.id).not.toBe(row.seal?.id)
    expect(back.sealsVoidBeforeMs).toBe(back.seal?.issuedAtMs)
    const suspended = await setState(back, 'suspended')
    expect((await setState(suspended, 'issued')).seal).toEqual(back.seal)
  })
})

describe('a medium that was formatted', () => {
  it('is known by its new passport, under its own number', async () => {
    const row = await registered('A1')
    const formatted = passport('A1', {
      partitionTable: { kind: 'gpt', id: '00000000-1111-2222-3333-444444444444' },
      fileSystems: [{ partition: 1, kind: 'exfat', uuid: '9999-9999', label: null }],
    })
    const from = await test.examine(formatted)
    const renewed = await test.media.register.setPassport(row.number, { baseVersion: 1, from, reason }, 'li')
    expect(renewed.passport).toEqual(formatted)
    expect(renewed.sealsVoidBeforeMs).toBe(renewed.seal?.issuedAtMs)
    expect((await historyOf(row.number))[1]).toMatchObject({
      kind: 'passport-set',
      changes: { passport: [row.passport, formatted] },
    })
  })

  it('does not become another registered one', async () => {
    await registered('A1')
    const other = await registered('B2')
    const from = await test.examine(passport('A1'))
    const ask = test.media.register.setPassport(other.number, { baseVersion: 1, from, reason }, 'li')
    await expect(ask).rejects.toThrow(/YM-0001/)
  })
})

describe('a seal that a station wrote', () => {
  it('is noted with the record that says so, once, and only while it is the one in force', async () => {
    const row = await registered('A1')
    const written = sealed(row.number, row.seal?.id ?? '')
    await test.examine(null, { ...written, result: 'failed' })
    expect((await test.store.medium(row.number))?.sealWrittenAt).toBeNull()
    const { seq } = await test.examine(null, written)
    const noted = await test.store.medium(row.number)
    expect(noted?.sealWrittenAt).toBe(test.clock.now)
    test.clock.now += 1_000
    await test.examine(null, written)
    const changed = await change(noted ?? row, { custodian: '李四' })
    expect(changed.sealWrittenAt).toBeNull()
    await test.examine(null, written)
    expect((await test.store.medium(row.number))?.sealWrittenAt).toBeNull()
    const notes = (await historyOf(row.number)).filter(({ kind }) => kind === 'seal-written')
    expect(notes.map(({ changes }) => changes['record'])).toEqual([[null, `agent-1/epoch-1/${seq}`]])
  })
})

function sealed(number: string, sealId: string): FactNamed<'media.sealed'> {
  const place = { usbPath: '1-1', disk: null, instance: 'usb:1-1#1.4' }
  return { kind: 'media.sealed', place, number, sealId, result: 'written', detail: 'before-first-partition' }
}
