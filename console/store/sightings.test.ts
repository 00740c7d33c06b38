/** What any store must do with media that were seen. Each engine runs this same suite. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_POLICY_SETTINGS, type Passport } from '@shoukou/protocol'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openSqliteStore, openSqliteStoreHere } from './open-store.ts'
import type { IngestBatch, Store } from './ports.ts'
import type { StayRow } from './sighting-ports.ts'

const engines: readonly { readonly name: string; open(folder: string): Promise<Store> }[] = [
  { name: 'SQLite in this thread', open: (folder) => openSqliteStoreHere(join(folder, 'a.db')) },
  { name: 'SQLite in its own thread', open: (folder) => openSqliteStore(join(folder, 'b.db')) },
]

const passport: Passport = {
  bus: 'usb',
  usb: {
    vendorId: '0781',
    productId: '5581',
    release: null,
    serial: { b64: 'U04A/w==' },
    manufacturer: null,
    product: 'Ultra',
    descriptorHash: null,
  },
  inquiry: null,
  diskSerial: null,
  wwn: null,
  sizeBytes: 16_000_000_000,
  blockBytes: 512,
  partitionTable: null,
  fileSystems: [],
}

function stay(seq: number, more: Partial<StayRow> = {}): StayRow {
  return {
    id: `e1:${seq}`,
    bootId: 'b1',
    instance: 'usb:1-1#1.5',
    by: 'usb',
    usbPath: 's:1-1',
    disk: null,
    epoch: 'e1',
    seq,
    isExamined: false,
    at: 5_000 + seq,
    endedAt: null,
    openedBootMs: 12.5,
    number: null,
    level: null,
    keys: [],
    passport: null,
    sealId: null,
    right: 'none',
    rule: 'medium-to-be-examined',
    isConfirmed: true,
    dueBootMs: null,
    pending: '{"a":1}',
    mounts: [],
    ...more,
  }
}

const examined = (seq: number, number: string, more: Partial<StayRow> = {}): StayRow =>
  stay(seq, {
    isExamined: true,
    pending: null,
    number,
    level: 'secret',
    keys: ['usb:0781:5581:SN'],
    passport,
    right: 'read-write',
    rule: 'registered-medium',
    ...more,
  })

for (const engine of engines) {
  describe(engine.name, () => {
    let folder: string
    let store: Store
    let agent: string
    let number: string
    let seq: number
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'shoukou-sightings-'))
      store = await engine.open(folder)
    })
    afterAll(async () => {
      await store.close()
      await rm(folder, { recursive: true })
    })
    const addComputer = async (): Promise<string> => {
      const id = randomUUID()
      const token = { id, number: 'x', settings: DEFAULT_POLICY_SETTINGS, createdAt: 0, createdBy: 's' }
      await store.addToken({ ...token, expiresAt: 9e12, usedAt: null, usedBy: null })
      await store.addComputer(
        {
          agent: id,
          number: `JM-${id.slice(0, 8)}`,
          hostname: 'h',
          certificateSerial: id,
          certificate: 'PEM',
          enrolledAt: 1,
        },
        {
          agent: id,
          version: 1,
          createdAt: 1,
          createdBy: 's',
          reason: 'enrolment',
          envelope: '{}',
          settings: DEFAULT_POLICY_SETTINGS,
        },
        id,
      )
      return id
    }
    beforeEach(async () => {
      agent = await addComputer()
      number = `YM-${randomUUID().slice(0, 8)}`
      seq = 0
    })
    const ingest = async (more: Partial<IngestBatch>): Promise<number> => {
      const expected = seq === 0 ? null : { epoch: 'e1', seq, head: 'aa'.repeat(32) }
      seq += 1
      const position = { epoch: 'e1', seq, head: 'aa'.repeat(32) }
      const raw = Buffer.from('{}')
      const base = { kind: 'usb.attached', sensor: 'usb', wallMs: 1, policyVersion: 1, raw } as const
      const { violations } = await store.ingest({
        agent,
        receivedAt: 9_000 + seq,
        epoch: 'e1',
        expected,
        records: [{ ...base, seq, head: 'aa'.repeat(32) }],
        position,
        violations: [],
        gaps: [],
        settledGaps: [],
        status: null,
        coverage: null,
        appliedPolicyVersion: null,
        isCaughtUp: true,
        ...more,
      })
      return violations[0]?.id ?? 0
    }

    it('keeps a stay through its attachment, its examination and its end as one row', async () => {
      await ingest({ stays: [stay(1)] })
      expect(await store.openStays(agent)).toEqual([stay(1)])
      await ingest({ stays: [examined(2, number, { id: 'e1:1' })] })
      const [present, ...others] = await store.presentMedia(agent)
      expect(others).toEqual([])
      expect(present).toMatchObject({ stay: 'e1:1', seq: 2, number, passport, receivedAt: 9_001 })
      await ingest({ stays: [examined(2, number, { id: 'e1:1', endedAt: 77 })] })
      expect(await store.presentMedia(agent)).toEqual([])
      expect(await store.openStays(agent)).toEqual([])
      expect(await store.mediumSightings(number, 9)).toMatchObject([{ endedAt: 77, right: 'read-write' }])
    })

    it('finds a stay by the record that opened it and by the one that examined it', async () => {
      await ingest({ stays: [stay(1)] })
      await ingest({ stays: [examined(2, number, { id: 'e1:1' })] })
      expect((await store.sightingOfRecord(agent, 'e1', 1))?.stay).toBe('e1:1')
      expect((await store.sightingOfRecord(agent, 'e1', 2))?.stay).toBe('e1:1')
      expect(await store.sightingOfRecord(agent, 'e1', 3)).toBeNull()
    })

    it('finds the stay of a violation, of its own computer alone', async () => {
      const violation = {
        key: 'unregistered-media-inserted:e1:1',
        type: 'unregistered-media-inserted',
        severity: 'high',
        level: 'secret',
        policyVersion: 1,
        evidence: '{}',
        epoch: 'e1',
        seq: 1,
        occurredAt: 1,
      } as const
      const id = await ingest({ stays: [stay(1)], violations: [violation] })
      expect(await store.sightingsOfViolation(id)).toMatchObject([{ agent, stay: 'e1:1' }])
      const other = await ingest({
        violations: [{ ...violation, type: 'agent-silent', key: 'agent-silent:e1:1:x' }],
      })
      expect(await store.sightingsOfViolation(other)).toEqual([])
      expect(await store.sightingsOfViolation(9_999_999)).toEqual([])
    })

    it('finds what shares an identity and is still there, at whichever computer', async () => {
      const key = `usb:0781:5581:${randomUUID()}`
      await ingest({ stays: [examined(1, number, { keys: [key] })] })
      const first = agent
      agent = await addComputer()
      seq = 0
      await ingest({ stays: [examined(1, number, { keys: [key] })] })
      const agents = async (identity: Parameters<Store['presentWith']>[0]) =>
        (await store.presentWith(identity, 9)).map((one) => one.agent).toSorted()
      const both = [first, agent].toSorted()
      expect(await agents({ keys: [key], number: null })).toEqual(both)
      expect(await agents({ keys: [], number })).toEqual(both)
      expect(await agents({ keys: ['usb:none'], number: null })).toEqual([])
      expect(await agents({ keys: [], number: null })).toEqual([])
      await ingest({ stays: [examined(1, number, { keys: [], endedAt: 5 })] })
      expect(await agents({ keys: [key], number })).toEqual([first])
    })

    it('knows where each of several media was last', async () => {
      await ingest({ stays: [examined(1, number, { endedAt: 5 })] })
      await ingest({ stays: [examined(2, number)] })
      const last = await store.lastSightings([number, 'never-seen'])
      expect(last).toMatchObject([{ number, stay: 'e1:2', computer: `JM-${agent.slice(0, 8)}` }])
      expect(await store.lastSightings([])).toEqual([])
    })

    it('stores no stay of a batch that is refused', async () => {
      await expect(
        ingest({
          stays: [stay(1)],
          position: { epoch: 'e1', seq: 1, head: 'x' },
          expected: { epoch: 'e1', seq: 9, head: 'y' },
        }),
      ).rejects.toMatchObject({ code: 'out-of-sequence' })
      expect(await store.openStays(agent)).toEqual([])
    })
  })
}
