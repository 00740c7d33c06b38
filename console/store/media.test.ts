/** What any store must do of the media register. Each engine runs this same suite. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { MediumRow, MediumWrite } from './media-ports.ts'
import { openSqliteStore, openSqliteStoreHere } from './open-store.ts'
import type { Store } from './ports.ts'

const engines: readonly { readonly name: string; open(folder: string): Promise<Store> }[] = [
  { name: 'SQLite in this thread', open: (folder) => openSqliteStoreHere(join(folder, 'a.db')) },
  { name: 'SQLite in its own thread', open: (folder) => openSqliteStore(join(folder, 'b.db')) },
]

function medium(number: string, other: Partial<MediumRow> = {}): MediumWrite['medium'] {
  return {
    number,
    level: 'secret',
    kind: 'usb-stick',
    custodian: '张三',
    department: '办公室',
    computers: ['JM-0001'],
    users: null,
    right: 'read-write',
    validFromMs: 1,
    validUntilMs: null,
    note: '',
    state: 'issued',
    version: 1,
    registeredAt: 10,
    registeredBy: 'li',
    changedAt: 10,
    passport: null,
    seal: null,
    sealsVoidBeforeMs: null,
    sealWrittenAt: null,
    dueBackMs: null,
    ...other,
  }
}

function added(number: string, other: Partial<MediumRow> = {}, keys: readonly string[] = []): MediumWrite {
  const event = { at: 10, account: 'li', kind: 'registered', changes: '{}', reason: 'new' } as const
  return { medium: medium(number, other), baseVersion: null, keys, events: [event] }
}

const seal = { id: 's', issuedAtMs: 5, signed: { payload: 'e30=', signature: 'AA==' } }

describe.each(engines)('the media register on $name', (engine) => {
  let folder: string
  let store: Store
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shoukou-media-'))
  })
  afterAll(() => rm(folder, { recursive: true }))
  beforeEach(async () => {
    await rm(folder, { recursive: true })
    folder = await mkdtemp(join(tmpdir(), 'shoukou-media-'))
    store = await engine.open(folder)
    return () => store.close()
  })

  it('is read page by page, by number either way as by registration, and loses none', async () => {
    await store.writeMedia(
      ['C-2', 'A-1', 'B-9', 'A-3'].map((number) => added(number)),
      null,
    )
    const inPages = async (order: { sort?: 'number'; isDescending?: boolean }): Promise<string[]> => {
      const numbers: string[] = []
      let last: { id: number } | undefined
      do {
        const [row] = await store.media({
          ...order,
          limit: 1,
          ...(last === undefined ? {} : { beforeId: last.id }),
        })
        if (row !== undefined) numbers.push(row.number)
        last = row
      } while (last !== undefined)
      return numbers
    }
    expect(await inPages({})).toEqual(['A-3', 'B-9', 'A-1', 'C-2'])
    expect(await inPages({ sort: 'number' })).toEqual(['A-1', 'A-3', 'B-9', 'C-2'])
    expect(await inPages({ sort: 'number', isDescending: true })).toEqual(['C-2', 'B-9', 'A-3', 'A-1'])
  })

  it('gives back what was written, and its history newest first', async () => {
    const write = added('YM-0001', { users: ['wang'], validUntilMs: 99, seal, note: '100% _of_ \\' })
    await store.writeMedia([write], null)
    const row = await store.medium('YM-0001')
    expect(row).toEqual({ id: row?.id, ...write.medium })
    const change = {
      at: 20,
      account: 'li',
      kind: 'changed',
      changes: '{"note":["",""]}',
      reason: 'x',
    } as const
    const next = { ...write.medium, version: 2, note: 'b' }
    await store.writeMedia([{ medium: next, baseVersion: 1, keys: null, events: [change] }], null)
    const history = await store.mediumHistory('YM-0001', 10)
    expect(history.map(({ kind }) => kind)).toEqual(['changed', 'registered'])
    expect(history[0]).toEqual(change)
  })

  it('writes all of an act or nothing of it', async () => {
    const due = { computers: ['JM-0001'], account: 'li', reason: 'YM-0002 registered' }
    await store.writeMedia([added('YM-0001')], null)
    const act = store.writeMedia([added('YM-0002'), added('ym-0001')], due)
    await expect(act).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('YM-0001'),
    })
    expect(await store.medium('YM-0002')).toBeNull()
    expect(await store.mediaPolicyDue(10)).toEqual([])
    expect(await store.countMedia({})).toBe(1)
  })

  it('refuses a change that began from another version', async () => {
    await store.writeMedia([added('YM-0001')], null)
    const change = (version: number) =>
      store.writeMedia(
        [
          {
            medium: medium('YM-0001', { version: version + 1 }),
            baseVersion: version,
            keys: null,
            events: [],
          },
        ],
        null,
      )
    await change(1)
    await expect(change(1)).rejects.toMatchObject({ code: 'edit-conflict' })
    expect((await store.medium('YM-0001'))?.version).toBe(2)
  })

  it('finds media by key, and forgets keys that were replaced', async () => {
    await store.writeMedia([added('YM-0001', {}, ['a', 'b']), added('YM-0002', {}, ['b'])], null)
    const found = async (key: string) => (await store.mediaWithKeys([key], 9)).map(({ number }) => number)
    expect(await found('b')).toEqual(['YM-0001', 'YM-0002'])
    const write = { medium: medium('YM-0001', { version: 2 }), baseVersion: 1, keys: ['c'], events: [] }
    await store.writeMedia([write], null)
    expect(await found('a')).toEqual([])
    expect(await found('c')).toEqual(['YM-0001'])
    expect(await store.mediaWithKeys([], 9)).toEqual([])
  })

  it('filters by state, level, computer and any part of the words, whatever they hold', async () => {
    await store.writeMedia(
      [
        added('YM-0001', { note: '100%' }),
        added('YM-0002', { state: 'lent', level: 'internal', computers: null }),
        added('YM-0003', { computers: ['JM-0002'], custodian: "O'Neil; drop table media" }),
        added('YM-0004', {}, ['usb:0951:1666:s:E0D55EA57414']),
      ],
      null,
    )
    const found = async (filter: Parameters<Store['countMedia']>[0]) =>
      (await store.media({ ...filter, limit: 9 })).map(({ number }) => number)
    expect(await found({ states: ['lent'] })).toEqual(['YM-0002'])
    expect(await found({ levels: ['internal'] })).toEqual(['YM-0002'])
    expect(await found({ computer: 'JM-0002' })).toEqual(['YM-0003', 'YM-0002'])
    expect(await found({ search: '%' })).toEqual(['YM-0001'])
    expect(await found({ search: "O'Neil;" })).toEqual(['YM-0003'])
    expect(await found({ search: '5EA574' })).toEqual(['YM-0004'])
    expect(await store.countMedia({ computer: 'JM-0001' })).toBe(3)
    const page = await store.media({ limit: 2 })
    const rest = await store.media({ limit: 9, beforeId: page.at(-1)?.id ?? 0 })
    expect([...page, ...rest].map(({ number }) => number)).toEqual([
      'YM-0004',
      'YM-0003',
      'YM-0002',
      'YM-0001',
    ])
  })

  it('counts numbers off without giving one twice', async () => {
    expect(await Promise.all([store.nextMediumCount(3, 'a'), store.nextMediumCount(2, 'a')])).toEqual([1, 4])
    expect(await store.nextMediumCount(0, 'a')).toBe(6)
    expect(await store.nextMediumCount(1, 'a')).toBe(6)
    expect(await store.nextMediumCount(1, 'b')).toBe(1)
  })

  it('names what a computer may use: assigned media first, of these those whose seal is not on them', async () => {
    await store.writeMedia(
      [
        added('YM-0001', { seal, computers: null }),
        added('YM-0002', { seal, sealWrittenAt: 7 }),
        added('YM-0003', { seal }),
        added('YM-0004', { seal, computers: ['JM-0002'] }),
        added('YM-0005', { seal, state: 'suspended' }),
        added('YM-0006'),
      ],
      null,
    )
    const usable = await store.usableMedia('JM-0001', 2)
    expect(usable.total).toBe(3)
    expect(usable.media.map(({ number }) => number)).toEqual(['YM-0003', 'YM-0002'])
  })

  it('names what counts no more: what may turn up any day first, what was never sealed last', async () => {
    await store.writeMedia(
      [
        added('YM-0001', { state: 'destroyed', seal }),
        added('YM-0002', { sealsVoidBeforeMs: 4, seal }),
        added('YM-0003', { state: 'missing' }),
        added('YM-0004', { state: 'missing', seal }),
        added('YM-0005', { seal }),
      ],
      null,
    )
    const revoked = await store.revokedMedia(9)
    expect(revoked.media.map(({ number }) => number)).toEqual(['YM-0004', 'YM-0002', 'YM-0001', 'YM-0003'])
    expect((await store.revokedMedia(1)).total).toBe(4)
  })

  it('keeps what is due until it is settled', async () => {
    await store.writeMedia([added('YM-0001')], { computers: null, account: 'li', reason: 'a' })
    await store.addMediaPolicyDue({ computers: ['JM-1', 'JM-2'], account: 'wu', reason: 'b' })
    const due = await store.mediaPolicyDue(9)
    expect(due.map(({ computer, account }) => [computer, account])).toEqual([
      [null, 'li'],
      ['JM-1', 'wu'],
      ['JM-2', 'wu'],
    ])
    await store.settleMediaPolicyDue(due.slice(0, 2).map(({ id }) => id))
    expect(await store.mediaPolicyDue(9)).toEqual(due.slice(2))
  })
})

describe('the history of a medium', () => {
  it('can’t be changed or removed, whoever asks', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shoukou-media-'))
    const store = await openSqliteStoreHere(join(folder, 'c.db'))
    await store.writeMedia([added('YM-0001')], null)
    await store.close()
    const database = new DatabaseSync(join(folder, 'c.db'))
    expect(() => database.exec("update medium_events set reason = 'other'")).toThrow(/never changed/)
    expect(() => database.exec('delete from medium_events')).toThrow(/never changed/)
    database.close()
    await rm(folder, { recursive: true })
  })
})
