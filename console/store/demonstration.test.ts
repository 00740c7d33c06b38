/** The mark of a demonstration: before anything else, and for good. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFirstAccounts } from '../workflows/accounts/first-accounts.ts'
import { openSqliteStoreHere } from './open-store.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-demonstration-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('the mark of a demonstration', () => {
  it('is set on an empty store, once, and stays', async () => {
    const path = join(folder, 'console.db')
    const store = await openSqliteStoreHere(path)
    expect(await store.demonstrationSince()).toBeNull()
    expect(await store.markDemonstration(1_000)).toBe(true)
    await createFirstAccounts(store, 2_000)
    expect(await store.markDemonstration(3_000)).toBe(true)
    expect(await store.demonstrationSince()).toBe(1_000)
    await store.close()
    const raw = new DatabaseSync(path)
    expect(() => raw.exec("delete from console_marks where name = 'demonstration'")).toThrow('never changed')
    raw.close()
  })

  it('is refused to a store that a unit has begun to use', async () => {
    const store = await openSqliteStoreHere(join(folder, 'console.db'))
    await createFirstAccounts(store, 1_000)
    expect(await store.markDemonstration(2_000)).toBe(false)
    expect(await store.demonstrationSince()).toBeNull()
    await store.close()
  })
})
