import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { NewIsolationOrder } from './network-ports.ts'
import { openSqliteStoreHere } from './open-store.ts'
import type { Store } from './ports.ts'

let folder: string
let path: string
let store: Store
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-network-'))
  path = join(folder, 'console.db')
  store = await openSqliteStoreHere(path)
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

const order = (orderId: string, act: NewIsolationOrder['act'] = 'isolate'): NewIsolationOrder => ({
  orderId,
  agent: 'a',
  act,
  reason: 'r',
  account: 'li',
  at: 1,
})

describe('orders of isolation', () => {
  it('are kept beside how it stands, and are never changed', async () => {
    await store.orderIsolation(order('o-1'))
    await store.orderIsolation(order('o-2', 'release'))
    expect(await store.isolation('a')).toMatchObject({ orderId: 'o-2', state: 'release-ordered', sends: 0 })
    expect(await store.isolationHistory('a', 10)).toHaveLength(2)
    const raw = new DatabaseSync(path)
    expect(() => raw.exec("update isolation_orders set reason = 'x'")).toThrow(/never changed/)
    expect(() => raw.exec('delete from isolation_orders')).toThrow(/never changed/)
    raw.close()
  })

  it('stand over a restart of the console, with how often they were sent', async () => {
    await store.orderIsolation(order('o-1'))
    await store.noteIsolationSent('a', 'o-1')
    await store.close()
    store = await openSqliteStoreHere(path)
    expect(await store.isolation('a')).toMatchObject({ isPending: true, sends: 1 })
    expect(await store.noteIsolationSent('a', 'another')).toBeNull()
    expect(await store.networkStandings()).toMatchObject([{ agent: 'a', isolation: { orderId: 'o-1' } }])
  })
})

describe('what lasts', () => {
  it('is looked for by an index, however many violations there are', () => {
    const raw = new DatabaseSync(path)
    const plan = raw
      .prepare(
        "explain query plan select 1 from violations where agent = 'a' and lasting = 'l' and type = 't' and lasting is not null and ended_at is null",
      )
      .all()
    raw.close()
    expect(String(plan[0]?.['detail'])).toContain('violations_lasting')
  })
})
