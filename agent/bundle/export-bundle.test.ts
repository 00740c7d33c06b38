/** Exports from a real journal, opened again as the console opens them; and the way home into it. */
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeRecord, makeSealingKey, parseBundleBytes } from '@shoukou/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeTestPair } from '../../protocol/fixtures/bundles.ts'
import { stateFolder } from '../base/state-folder.ts'
import { createJournal } from '../journal/epoch-folder.ts'
import type { Journal } from '../journal/journal.ts'
import { openJournal } from '../journal/open-journal.ts'
import { writeBundleKey } from '../link/bundle-key.ts'
import type { Identity } from '../link/identity.ts'
import { WitnessStore } from '../link/witness-store.ts'
import { bundleFileName, writeWhole } from './bundle-file.ts'
import { peekBook, writeTold } from './export-book.ts'
import { type ExportOptions, exportBundle, fingerprintOf } from './export-bundle.ts'

let root: string
let medium: string
let journal: Journal
let identity: Identity
const sealing = makeSealingKey()
const log = { info() {}, warn() {}, error() {}, debug() {} } as never

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'shoukou-export-'))
  medium = join(root, 'medium')
  await mkdir(medium)
  await mkdir(join(root, 'identity'))
  const [pair, authority] = await Promise.all([makeTestPair('agent-1'), makeTestPair('authority')])
  identity = {
    v: 1,
    agent: 'agent-1',
    computer: '../JM/0001',
    host: 'console.unit',
    agentPort: 8444,
    consoleUrl: 'https://console.unit:8443',
    ...pair,
    authority: authority.certificate,
    policyKey: '',
  }
  await writeBundleKey(stateFolder(root), sealing.publicKey)
  await createJournal(stateFolder(root).journal)
  journal = await openJournal({
    folder: stateFolder(root).journal,
    agent: 'agent-1',
    bytesMax: 67_108_864,
    buildOwn: (fact) => (place) => record(place, fact),
    wallMs: () => 1,
    log,
  })
})
afterEach(async () => {
  await journal.close()
  await rm(root, { recursive: true, force: true })
})

type Place = { readonly epoch: string; readonly seq: number }
const record = (place: Place, fact: Parameters<typeof encodeRecord>[0]['fact']) =>
  encodeRecord({
    v: 1,
    agent: 'agent-1',
    ...place,
    wallMs: 1,
    bootMs: 1,
    bootId: 'boot',
    agentVersion: '0.1.0',
    policyVersion: 1,
    level: 'secret',
    networkMode: 'standalone',
    sensor: 'agent',
    fact,
    decision: null,
  })
async function append(count: number): Promise<void> {
  const digest = createHash('sha256').update('x').digest('hex')
  await Promise.all(
    Array.from({ length: count }, (_, version) =>
      journal.append('policy.applied', 500, (place) =>
        record(place, { kind: 'policy.applied', version, digest }),
      ),
    ),
  )
}
const exported = (more: Partial<ExportOptions> = {}) =>
  exportBundle({
    folder: stateFolder(root),
    identity,
    to: medium,
    isAll: false,
    upTo: null,
    manifest: {
      agentVersion: '0.1.0',
      bootId: 'boot',
      bootMs: 1,
      policyVersion: 1,
      coverage: [],
      isRunning: false,
      renewal: null,
      identity: null,
      ceilingVersion: 0,
    },
    medium: null,
    nowMs: 1_780_000_000_000,
    onDamaged: () => {},
    ...more,
  })
const opened = async (path: string) =>
  parseBundleBytes(await readFile(path), {
    console: fingerprintOf(identity.authority),
    privateKeys: [sealing.privateKey],
  })

describe('an export', () => {
  it('brings the journal byte for byte, while it is open', async () => {
    await append(2_500)
    const done = await exported()
    const { header, frames, totals } = await opened(done.path)
    expect(done).toMatchObject({ number: 1, firstSeq: 1, lastSeq: 2_501, records: 2_501 })
    expect(totals).toEqual({ frames: frames.length, records: 2_501 })
    expect(header).toMatchObject({ headAfter: journal.end.head, previous: null })
    expect(frames.every((frame) => frame.records.length <= 1_000)).toBe(true)
    const chunk = await journal.read(1, { records: 3, bytes: 10_000 })
    expect(frames[0]?.records.slice(0, 3)).toEqual(chunk?.raws)
  })

  it('goes on after what the console has a receipt for, and with all of it from the first record', async () => {
    await append(20)
    const head = await journal.headAt(10)
    journal.acknowledge({ epoch: journal.end.epoch, seq: 10, head: head ?? '' }, 'b'.repeat(64))
    await expect.poll(async () => (await exported()).firstSeq, { timeout: 10_000 }).toBe(11)
    const done = await exported()
    expect((await opened(done.path)).header).toMatchObject({ firstSeq: 11, lastSeq: 21, headBefore: head })
    expect(await exported({ isAll: true })).toMatchObject({ firstSeq: 1, lastSeq: 21 })
  })

  it('gives no number twice, also after its book was damaged', async () => {
    await append(3)
    const { number } = await exported()
    const folder = stateFolder(root)
    // As the running agent notes it.
    await writeTold(folder, number)
    await writeFile(join(folder.bundles, 'exported.json'), 'damaged')
    expect((await exported()).number).toBe(number + 1)
  })

  it('brings nothing beyond what a running agent has synced', async () => {
    await append(20)
    const { epoch } = journal.end
    expect(await exported({ upTo: { epoch, seq: 12 } })).toMatchObject({ lastSeq: 12, records: 12 })
  })

  it('with nothing new is word of the computer all the same, and its numbers go on', async () => {
    const { epoch, seq, head } = journal.end
    journal.acknowledge({ epoch, seq, head }, 'b'.repeat(64))
    await expect.poll(async () => (await exported()).records, { timeout: 10_000 }).toBe(0)
    const before = await peekBook(stateFolder(root))
    const done = await exported()
    expect(done).toMatchObject({ number: before.lastNumber + 1, records: 0 })
    expect((await opened(done.path)).header.previous).toBe(before.lastBundle)
  })

  it('shows the head of the console’s log that is held here, beside a running agent', async () => {
    expect((await opened((await exported()).path)).manifest.witness).toBeNull()
    const witness = { seq: 7, head: 'ab'.repeat(32), signature: `${'A'.repeat(86)}==` }
    const held = await WitnessStore.open(stateFolder(root).witnessFile, () => undefined)
    await held.take(witness)
    expect((await opened((await exported()).path)).manifest.witness).toEqual(witness)
  })

  it('takes no folder from the computer’s name', async () => {
    const done = await exported()
    expect(done.path.startsWith(`${medium}/shoukou-JM0001-000001-`)).toBe(true)
    expect(bundleFileName('../../x', 1, '../y')).toMatch(/^shoukou-x-000001-[0-9a-f]*\.skb$/)
  })

  it('without the console’s key says how to get it', async () => {
    await rm(stateFolder(root).bundleKeyFile)
    await expect(exported()).rejects.toThrow(/return package/)
    expect(await readdir(medium)).toEqual([])
  })
})

describe('a file on a medium', () => {
  const once = async function* (...all: readonly string[]) {
    for (const one of all) yield Buffer.from(one)
  }

  it('is never written over another', async () => {
    await writeFile(join(medium, 'a'), 'mine')
    await expect(writeWhole(medium, 'a', once('theirs'))).rejects.toMatchObject({ code: 'EEXIST' })
    expect(await readFile(join(medium, 'a'), 'utf8')).toBe('mine')
  })

  it('leaves nothing where the medium takes no more', async () => {
    const full = async function* () {
      yield Buffer.from('half')
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
    }
    await expect(writeWhole(medium, 'a', full())).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(await readdir(medium)).toEqual([])
  })

  it('is there whole, for its owner alone', async () => {
    const path = await writeWhole(medium, 'a', once('one', 'two'))
    expect(await readFile(path, 'utf8')).toBe('onetwo')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(medium)).toEqual(['a'])
  })
})
