import { readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { parseRecord } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import {
  appendAll,
  epochFile,
  makeJournalFolder,
  openTestJournal,
  readAll,
  readJson,
  seeded,
  segmentFiles,
} from '../testing/journal-bench.ts'
import { buildFact, numbered, testAgent } from '../testing/test-facts.ts'
import { decodeEntry } from './entry.ts'
import { listEpochs } from './epoch-folder.ts'
import { decodeSegmentHeader } from './segment-header.ts'
import { verifyEpoch } from './verify-journal.ts'

const small = { segmentBytesMax: 4_096 }

async function filled(count: number, more = {}): Promise<string> {
  const folder = await makeJournalFolder()
  const journal = await openTestJournal(folder, more)
  await appendAll(
    journal,
    Array.from({ length: count }, (_, index) => numbered(index)),
  )
  await journal.close()
  return folder
}

const gapFacts = (facts: { kind: string }[]) => facts.filter(({ kind }) => kind === 'journal.gap')

describe('journal', () => {
  it('opens with the record of its opening, numbers without a hole, and goes on after a restart', async () => {
    const folder = await filled(50, small)
    const journal = await openTestJournal(folder, small)
    await appendAll(journal, [numbered(50)])
    const { seqs, facts, gaps } = await readAll(journal)
    expect(facts[0]).toMatchObject({ kind: 'journal.opened', reason: 'enrolled' })
    expect(seqs).toEqual(Array.from({ length: 52 }, (_, index) => index + 1))
    expect(gaps).toEqual([])
    expect((await segmentFiles(folder)).length).toBeGreaterThan(5)
    await journal.close()
    const verdict = await verifyEpoch(
      dirname((await segmentFiles(folder))[0] ?? ''),
      journal.end.epoch,
      testAgent,
    )
    expect(verdict).toMatchObject({ records: 52, faults: [] })
  })

  it('reports a place only once it is synced, in order, and shares a sync among what gathers', async () => {
    const folder = await makeJournalFolder()
    const journal = await openTestJournal(folder)
    let syncs = 0
    journal.onSynced(() => {
      syncs += 1
    })
    const places = await appendAll(
      journal,
      Array.from({ length: 1_000 }, (_, index) => numbered(index)),
    )
    expect(places.map((place) => place?.seq)).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 2))
    expect(syncs).toBeLessThan(20)
    expect(places.at(-1)).toEqual(journal.end)
    await journal.close()
  })

  it('cuts a torn tail off at whatever byte it tore, keeps the bytes, and uses the number again', async () => {
    const folder = await filled(5)
    const [file = ''] = await segmentFiles(folder)
    const whole = await readFile(file)
    // No cursor: nothing says that the last record had been reported.
    await rm(await epochFile(folder, 'cursor.json'))
    const lastAt = lastEntryAt(whole)
    for (let length = lastAt + 1; length < whole.length; length += 7) {
      await writeFile(file, whole.subarray(0, length))
      const journal = await openTestJournal(folder)
      expect(journal.end.seq).toBe(5)
      const { gaps, facts } = await readAll(journal)
      expect([gaps, gapFacts(facts)]).toEqual([[], []])
      await journal.close()
      const torn = (await readdir(dirname(file))).filter((name) => name.includes('.torn-'))
      expect(torn.length).toBeGreaterThan(0)
      await rm(await epochFile(folder, 'cursor.json'))
    }
  })

  it('declares a lost tail that had been reported, and never uses its numbers again', async () => {
    const folder = await filled(5)
    const [file = ''] = await segmentFiles(folder)
    await truncate(file, lastEntryAt(await readFile(file)) + 10)
    const journal = await openTestJournal(folder)
    expect(journal.end.seq).toBe(7)
    const { facts, gaps, seqs } = await readAll(journal)
    expect(gapFacts(facts)).toMatchObject([{ reason: 'segment-damaged', firstSeq: 6, lastSeq: 6 }])
    expect(gaps).toEqual([{ firstSeq: 6, lastSeq: 6 }])
    expect(seqs).toEqual([1, 2, 3, 4, 5, 7])
    await journal.close()
  })

  it('loses one record to a flipped bit, declares exactly that one, once, and goes on', async () => {
    const random = seeded(7)
    for (let round = 0; round < 25; round += 1) {
      const folder = await filled(60, small)
      const files = await segmentFiles(folder)
      const file = files[Math.floor(random() * files.length)] ?? ''
      const bytes = await readFile(file)
      const at = Math.floor(random() * bytes.length)
      bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8))
      await writeFile(file, bytes)
      const first = await openTestJournal(folder, small)
      const { seqs, gaps, facts } = await readAll(first)
      const missing = Array.from({ length: 61 }, (_, index) => index + 1).filter((seq) => !seqs.includes(seq))
      expect(missing.length).toBeLessThanOrEqual(1)
      expect(gaps.map((gap) => gap.firstSeq)).toEqual(missing)
      expect(gapFacts(facts).map((fact) => (fact as { firstSeq?: number }).firstSeq)).toEqual(missing)
      await first.close()
      const again = await openTestJournal(folder, small)
      expect(gapFacts((await readAll(again)).facts)).toHaveLength(missing.length)
      await again.close()
      const names = await readdir(dirname(file))
      expect(names.some((name) => /\.(damaged|torn)-/.test(name))).toBe(true)
    }
  })

  it('finds damage that happens while it runs, declares it behind the end, and reads on', async () => {
    const folder = await makeJournalFolder()
    const journal = await openTestJournal(folder, small)
    await appendAll(
      journal,
      Array.from({ length: 40 }, (_, index) => numbered(index)),
    )
    const file = (await segmentFiles(folder))[1] ?? ''
    const bytes = await readFile(file)
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1
    await writeFile(file, bytes)
    const { seqs, gaps } = await readAll(journal)
    expect(gaps).toHaveLength(1)
    expect(seqs).toHaveLength(41)
    expect(seqs.at(-1)).toBe(42)
    expect(journal.repairs).toBe(1)
    await appendAll(journal, [numbered(99)])
    await journal.close()
    const again = await openTestJournal(folder, small)
    expect(gapFacts((await readAll(again)).facts)).toHaveLength(1)
    await again.close()
  })

  it('declares a missing segment as missing, first, middle and last', async () => {
    for (const which of [0, 2, -1]) {
      const folder = await filled(60, small)
      const file = (await segmentFiles(folder)).at(which) ?? ''
      const firstSeq = Number.parseInt(basename(file), 10)
      await rm(file)
      const journal = await openTestJournal(folder, small)
      const { gaps, facts } = await readAll(journal)
      expect(gapFacts(facts)).toMatchObject([{ reason: 'segment-missing', firstSeq }])
      expect(gaps).toMatchObject([{ firstSeq }])
      expect(journal.end.seq).toBe(62)
      await journal.close()
    }
  })

  it('takes files that a deletion for room left behind, in whatever order, for no gap', async () => {
    const folder = await filled(60, small)
    const files = await segmentFiles(folder)
    const retainedFrom = Number.parseInt(basename(files[3] ?? ''), 10)
    const path = await epochFile(folder, 'cursor.json')
    await writeFile(path, JSON.stringify({ ...(await readJson<object>(path)), retainedFrom }))
    await rm(files[1] ?? '')
    const epochFolder = dirname(path)
    const verify = () => verifyEpoch(epochFolder, basename(epochFolder), testAgent)
    expect((await verify()).faults).toEqual([])
    const journal = await openTestJournal(folder, small)
    expect(gapFacts((await readAll(journal)).facts)).toEqual([])
    expect(journal.end.seq).toBe(61)
    await journal.close()
    expect((await verify()).faults).toEqual([])
  })

  it('reads one after another, whoever asks at once', async () => {
    const folder = await filled(60, small)
    const journal = await openTestJournal(folder, small)
    const seqs = [1, 50, 2, 30, 61, 17]
    const chunks = await Promise.all(seqs.map((seq) => journal.read(seq, { records: 1, bytes: 1 })))
    expect(chunks.map((chunk) => parseRecord(chunk?.raws[0] ?? Buffer.alloc(0)).seq)).toEqual(seqs)
    expect(journal.repairs).toBe(0)
    await journal.close()
  })

  it('begins a new epoch, and says so, where the whole journal is gone', async () => {
    const folder = await filled(5)
    await rm(folder, { recursive: true })
    const journal = await openTestJournal(folder)
    const { facts } = await readAll(journal)
    expect(facts).toMatchObject([{ kind: 'journal.opened', reason: 'journal-lost' }])
    await journal.close()
  })

  it('keeps its numbers where all segments of an epoch are gone', async () => {
    const folder = await filled(5)
    for (const file of await segmentFiles(folder)) await rm(file)
    const journal = await openTestJournal(folder)
    const { seqs, facts } = await readAll(journal)
    expect(seqs).toEqual([7])
    expect(facts).toMatchObject([{ kind: 'journal.gap', reason: 'segment-missing', firstSeq: 1, lastSeq: 6 }])
    await journal.close()
  })

  it('never gives a number again that the console has acknowledged', async () => {
    const folder = await filled(5)
    const cursor = await epochFile(folder, 'cursor.json')
    const head = 'ab'.repeat(32)
    await writeFile(cursor, JSON.stringify({ v: 1, acked: { seq: 20, head }, end: null, retainedFrom: 1 }))
    const journal = await openTestJournal(folder)
    expect(journal.end.seq).toBe(21)
    expect(journal.acked).toMatchObject({ seq: 20, head })
    await journal.close()
  })

  it('finishes a salvage that a crash interrupted between the renames, and undoes one that had only begun', async () => {
    const folder = await filled(20, small)
    const [file = ''] = await segmentFiles(folder)
    const name = basename(file)
    await rename(file, `${file}.from-${name}.damaged-1`)
    await writeFile(join(dirname(file), `${name}.damaged-1`), 'as it was')
    const second = (await segmentFiles(folder))[0] ?? ''
    await writeFile(`${second}.from-${basename(second)}.damaged-1`, 'half')
    const journal = await openTestJournal(folder, small)
    const { seqs, gaps } = await readAll(journal)
    expect([seqs.length, gaps]).toEqual([21, []])
    await journal.close()
    expect((await readdir(dirname(file))).filter((each) => each.includes('.from-'))).toEqual([])
  })

  it('reads frames within the limits of records and bytes, and one record however large', async () => {
    const folder = await makeJournalFolder()
    const journal = await openTestJournal(folder)
    await appendAll(journal, [numbered(1), { ...numbered(2), id: 'x'.repeat(60) } as never, numbered(3)])
    expect((await journal.read(1, { records: 2, bytes: 1_000_000 }))?.raws).toHaveLength(2)
    expect((await journal.read(1, { records: 9, bytes: 1 }))?.raws).toHaveLength(1)
    expect(await journal.read(5, { records: 9, bytes: 1 })).toBeNull()
    await journal.close()
  })

  it('hands out the head of any number that is there', async () => {
    const folder = await filled(30, small)
    const journal = await openTestJournal(folder, small)
    const chunk = await journal.read(12, { records: 1, bytes: 1 })
    expect(await journal.headAt(12)).toBe(chunk?.headAfter.toString('hex'))
    expect(await journal.headAt(31)).toBe(journal.end.head)
    expect(await journal.headAt(99)).toBeNull()
    await journal.close()
  })

  it('goes on in a new epoch where the console has another continuation, carrying what was not acknowledged', async () => {
    const folder = await makeJournalFolder()
    const journal = await openTestJournal(folder, small)
    await appendAll(
      journal,
      Array.from({ length: 30 }, (_, index) => numbered(index)),
    )
    const before = journal.end.epoch
    journal.acknowledge({ epoch: before, seq: 11, head: (await journal.headAt(11)) ?? '' }, 'ab'.repeat(32))
    const late = appendAll(journal, [numbered(30)])
    await journal.fork(77)
    await late
    await appendAll(journal, [numbered(31)])
    const { facts, seqs } = await readAll(journal)
    expect(facts[0]).toMatchObject({
      kind: 'journal.opened',
      reason: 'console-ahead',
      previousEpoch: before,
      previousSeq: 77,
    })
    expect(facts.slice(1).map((fact) => 'id' in fact && Number(fact.id))).toEqual(
      Array.from({ length: 22 }, (_, index) => index + 10),
    )
    expect(seqs).toEqual(Array.from({ length: 23 }, (_, index) => index + 1))
    const carried = parseRecord((await journal.read(2, { records: 1, bytes: 1 }))?.raws[0] ?? Buffer.alloc(0))
    expect(carried).toMatchObject({ epoch: journal.end.epoch, seq: 2, wallMs: 1_700_000_000_012, bootMs: 12 })
    await journal.close()
    expect(await listEpochs(folder)).toEqual([before, journal.end.epoch])
  })

  it('carries the rest after a crash in the middle of carrying, none twice', async () => {
    const folder = await makeJournalFolder()
    const journal = await openTestJournal(folder, small)
    await appendAll(
      journal,
      Array.from({ length: 30 }, (_, index) => numbered(index)),
    )
    await journal.fork(77)
    await journal.close()
    // As a kill would leave it: the marker missing, the last two thirds not yet written.
    await rm(await epochFile(folder, 'carried.json'))
    await rm(await epochFile(folder, 'cursor.json'))
    for (const file of (await segmentFiles(folder)).slice(1)) await rm(file)
    const again = await openTestJournal(folder, small)
    const { facts } = await readAll(again)
    expect(facts.map((fact) => fact.kind).slice(0, 2)).toEqual(['journal.opened', 'journal.opened'])
    expect(facts.slice(2).map((fact) => 'id' in fact && Number(fact.id))).toEqual(
      Array.from({ length: 30 }, (_, index) => index),
    )
    await again.close()
  })

  it('counts a fact that is no valid record as lost, and writes the next one under its number', async () => {
    const folder = await makeJournalFolder()
    const journal = await openTestJournal(folder)
    const build = buildFact(numbered(1))
    const lost = await journal.append('command.done', 10, (place) => {
      parseRecord(Buffer.from('{}'))
      return build(place)
    })
    expect(lost).toBeNull()
    expect((await appendAll(journal, [numbered(2)]))[0]?.seq).toBe(2)
    expect(journal.health.lost).toBe(1)
    await journal.close()
  })

  it('closes without what came too late, and says that it was lost', async () => {
    const folder = await makeJournalFolder()
    const journal = await openTestJournal(folder)
    const last = appendAll(journal, [numbered(1)])
    await journal.close()
    expect((await last)[0]?.seq).toBe(2)
    expect(await appendAll(journal, [numbered(2)])).toEqual([null])
    const stored = () => readJson(join(folder, 'loss.json'))
    await expect.poll(stored).toMatchObject({ counts: { 'command.done': 1 }, isClosed: false })
  })
})

function lastEntryAt(bytes: Buffer): number {
  let at = decodeSegmentHeader(bytes)?.bytes ?? 0
  for (;;) {
    const decoded = decodeEntry(bytes, at)
    if (decoded.kind !== 'entry') throw new Error('not whole')
    if (at + decoded.bytes === bytes.length) return at
    at += decoded.bytes
  }
}
