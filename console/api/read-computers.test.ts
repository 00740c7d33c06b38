import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_POLICY_SETTINGS } from '@shoukou/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSqliteStoreHere } from '../store/open-store.ts'
import type { Store } from '../store/ports.ts'
import type { ComputersQuery } from './contract.ts'
import { createComputerReader } from './read-computers.ts'

let folder: string
let store: Store

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-computers-'))
  store = await openSqliteStoreHere(join(folder, 'console.db'))
  for (const [number, hostname] of [
    ['JM-10', 'alpha'],
    ['JM-9', 'Beta'],
    ['JM-11', 'gamma'],
  ] as const) {
    const settings = DEFAULT_POLICY_SETTINGS
    const token = { id: number, number, settings, createdAt: 0, createdBy: 'x', expiresAt: 9e12 }
    await store.addToken({ ...token, usedAt: null, usedBy: null })
    const policy = { agent: number, version: 1, createdAt: 1, createdBy: 'x', reason: 'r', envelope: '{}' }
    const certificate = { certificateSerial: number, certificate: 'PEM' }
    await store.addComputer(
      { agent: number, number, hostname, ...certificate, enrolledAt: 1 },
      { ...policy, settings },
      number,
    )
  }
})
afterAll(async () => {
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

async function numbers(asked: ComputersQuery): Promise<[string[], number]> {
  const { computers, total } = await createComputerReader(store).page(asked, true, { kind: 'unit' })
  return [computers.map(({ number }) => number), total]
}

it.each([[{}], [{ limit: 10 }]])('are listed as people count, all or a page: %o', async (how) => {
  expect(await numbers(how)).toEqual([['JM-9', 'JM-10', 'JM-11'], 3])
  expect(await numbers({ ...how, text: ' jm-1 ' })).toEqual([['JM-10', 'JM-11'], 2])
  expect(await numbers({ ...how, text: 'BETA' })).toEqual([['JM-9'], 1])
  expect(await numbers({ ...how, watch: 'unproven' })).toEqual([['JM-9', 'JM-10', 'JM-11'], 3])
  expect(await numbers({ ...how, watch: 'broken' })).toEqual([[], 0])
})

it('are paged by place, with how many there are', async () => {
  expect(await numbers({ limit: 2 })).toEqual([['JM-9', 'JM-10'], 3])
  expect(await numbers({ limit: 2, offset: 2 })).toEqual([['JM-11'], 3])
  const nobody = await createComputerReader(store).page({ limit: 2 }, true, {
    kind: 'department',
    department: 'x',
  })
  expect(nobody).toEqual({ computers: [], total: 0 })
})

it('are in the order asked for, and paged in it', async () => {
  const sorted = { sort: 'number', order: 'desc' } as const
  expect(await numbers({ ...sorted, limit: 2 })).toEqual([['JM-11', 'JM-10'], 3])
  expect(await numbers({ sort: 'last-seen', limit: 2, offset: 1 })).toEqual([['JM-10', 'JM-11'], 3])
})

it('say how many violations each has, in whatever order and by whatever filter they are listed', async () => {
  const told = {
    key: 'k',
    type: 'agent-silent',
    severity: 'high',
    level: 'secret',
    policyVersion: 1,
  } as const
  const evidence = JSON.stringify({ lastSeenMs: 1, lastSeq: 1, limitMs: 1, silentMs: 1, wasCleanStop: false })
  await store.addViolation('JM-10', { ...told, evidence, epoch: null, seq: null, occurredAt: 5 }, 5)
  const counted = async (asked: ComputersQuery, mayReadViolations: boolean) => {
    const reader = createComputerReader(store)
    const { computers } = await reader.page(asked, mayReadViolations, { kind: 'unit' })
    return computers.map(({ number, violations }) => [number, violations.map(({ count }) => count)])
  }
  const each = [
    ['JM-9', []],
    ['JM-10', [1]],
    ['JM-11', []],
  ]
  expect(await counted({}, true)).toEqual(each)
  expect(await counted({ limit: 3 }, true)).toEqual(each)
  expect(await counted({ limit: 3, watch: 'unproven' }, true)).toEqual(each)
  expect(await counted({ limit: 3, sort: 'level' }, true)).toEqual(each)
  expect((await counted({ limit: 3, sort: 'violations', order: 'desc' }, true))[0]).toEqual(['JM-10', [1]])
  expect((await counted({ limit: 3, watch: 'unproven' }, false))[1]).toEqual(['JM-10', []])
})
