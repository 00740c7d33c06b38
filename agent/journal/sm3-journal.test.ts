/** A journal chained with SM3: the same guarantees, and no way to pass for the other kind. */
import { appendFile, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { chainHashOf, genesisHead, headAfter } from '@shoukou/protocol'
import { expect, it } from 'vitest'
import {
  appendAll,
  epochFile,
  makeFolderForTest,
  makeJournalFolder,
  openTestJournal,
  readAll,
  segmentFiles,
} from '../testing/journal-bench.ts'
import { numbered, testAgent } from '../testing/test-facts.ts'
import { createJournal, listEpochs } from './epoch-folder.ts'
import { scanSegment } from './scan-segment.ts'
import { verifyEpoch } from './verify-journal.ts'

const sm3 = { chainHash: 'sm3' } as const
const facts = (count: number) => Array.from({ length: count }, (_, index) => numbered(index))

async function filledSm3(count: number): Promise<string> {
  const folder = join(await makeFolderForTest(), 'journal')
  await createJournal(folder, 'sm3')
  const journal = await openTestJournal(folder)
  await appendAll(journal, facts(count))
  await journal.close()
  return folder
}

async function verdictOf(folder: string, at = -1) {
  const epoch = (await listEpochs(folder)).at(at) ?? ''
  return await verifyEpoch(join(folder, epoch), epoch, testAgent)
}

it('is chained from its name on as the protocol says, and verified from its files', async () => {
  const folder = await filledSm3(30)
  const journal = await openTestJournal(folder)
  const { epoch } = journal.end
  expect(epoch).toMatch(/^sm3\.0001-[0-9a-f]{16}$/)
  const chunk = await journal.read(1, { records: 100, bytes: 1_000_000 })
  let head = genesisHead(testAgent, epoch)
  for (const [index, raw] of (chunk?.raws ?? []).entries()) head = headAfter(head, index + 1, raw, 'sm3')
  expect(chunk?.lastSeq).toBe(31)
  expect(head.toString('hex')).toBe(journal.end.head)
  await journal.close()
  expect(await verdictOf(folder)).toMatchObject({ hash: 'sm3', records: 31, faults: [] })
})

it('goes on after a torn tail with the number that was never reported, and says no gap', async () => {
  const folder = await filledSm3(5)
  const [file = ''] = await segmentFiles(folder)
  const whole = await readFile(file)
  await rm(await epochFile(folder, 'cursor.json'))
  await truncate(file, whole.length - 9)
  const journal = await openTestJournal(folder)
  expect(journal.end).toMatchObject({ seq: 5, epoch: expect.stringMatching(/^sm3\./) })
  await appendAll(journal, facts(3))
  const { seqs, gaps } = await readAll(journal)
  expect([seqs, gaps]).toEqual([[1, 2, 3, 4, 5, 6, 7, 8], []])
  await journal.close()
  // An unfinished write behind the last entry, this time.
  await appendFile(file, whole.subarray(whole.length - 40))
  expect((await verdictOf(folder)).faults).toMatchObject([{ kind: 'torn-tail' }])
})

it('loses one record to a flipped bit and declares exactly that one', async () => {
  const folder = await filledSm3(20)
  const [file = ''] = await segmentFiles(folder)
  const bytes = await readFile(file)
  const scan = scanSegment(bytes, 'sm3')
  expect(scan).toMatchObject({ faults: [], runs: [{ firstSeq: 1, lastSeq: 21 }] })
  const at = Math.floor(bytes.length / 2)
  bytes[at] = (bytes[at] ?? 0) ^ 4
  await writeFile(file, bytes)
  const [fault] = scanSegment(bytes, 'sm3').faults
  const journal = await openTestJournal(folder)
  const { gaps } = await readAll(journal)
  expect(gaps).toEqual([{ firstSeq: fault?.seq, lastSeq: fault?.seq }])
  await journal.close()
})

it('is no journal of SHA-256, nor is that one of SM3: not one entry is chained', async () => {
  const other = await makeJournalFolder()
  const journal = await openTestJournal(other)
  await appendAll(journal, facts(20))
  await journal.close()
  for (const [folder, wrong] of [
    [await filledSm3(20), 'sha-256'],
    [other, 'sm3'],
  ] as const) {
    const [file = ''] = await segmentFiles(folder)
    const scan = scanSegment(await readFile(file), wrong)
    expect(scan.runs).toEqual([])
    expect(scan.faults.map(({ kind }) => kind)).toEqual(Array.from({ length: 21 }, () => 'chain-mismatch'))
    // Renamed to claim the other hash: nothing of it holds.
    const claimed = wrong === 'sm3' ? 'sm3.0001-0123456789abcdef' : '0001-0123456789abcdef'
    const verdict = await verifyEpoch(dirname(file), claimed, testAgent)
    expect(verdict).toMatchObject({ hash: wrong, records: 0, faults: expect.any(Array) })
    expect(verdict.faults.length).toBeGreaterThan(20)
  }
})

it('begins where the setting asks for it: a journal that is here keeps its own hash', async () => {
  const folder = await makeJournalFolder()
  const first = await openTestJournal(folder, sm3)
  await appendAll(first, facts(10))
  expect(chainHashOf(first.end.epoch)).toBe('sha-256')
  // The console has another continuation: what it had not acknowledged is written again, now with SM3.
  await first.fork(77)
  await appendAll(first, [numbered(10)])
  expect(first.end.epoch).toMatch(/^sm3\.0002-/)
  const carried = await readAll(first)
  expect(carried.facts.slice(2).map((fact) => 'id' in fact && Number(fact.id))).toEqual(
    Array.from({ length: 11 }, (_, index) => index),
  )
  await first.close()
  // And back: the setting was taken away, the journal stays what it is until another one begins.
  const again = await openTestJournal(folder)
  expect(again.end).toMatchObject({ seq: carried.seqs.length, epoch: first.end.epoch })
  await again.fork(78)
  expect(again.end.epoch).toMatch(/^0003-/)
  expect((await readAll(again)).facts[0]).toMatchObject({ previousEpoch: first.end.epoch })
  await again.close()
  expect((await listEpochs(folder)).map(chainHashOf)).toEqual(['sha-256', 'sm3', 'sha-256'])
  for (const at of [0, 1, 2]) expect((await verdictOf(folder, at)).faults).toEqual([])
})

it('begins anew with SM3 where the journal was lost', async () => {
  const folder = join(await makeFolderForTest(), 'journal')
  const journal = await openTestJournal(folder, sm3)
  expect(journal.end.epoch).toMatch(/^sm3\.0001-/)
  expect((await readAll(journal)).facts).toMatchObject([{ kind: 'journal.opened', reason: 'journal-lost' }])
  await journal.close()
})
