import { readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  appendAll,
  makeJournalFolder,
  openTestJournal,
  readAll,
  segmentFiles,
} from '../testing/journal-bench.ts'
import { numbered, testAgent } from '../testing/test-facts.ts'
import { decodeEntry, encodeEntry } from './entry.ts'
import { decodeSegmentHeader, encodeSegmentHeader, segmentName } from './segment-header.ts'
import { verifyEpoch } from './verify-journal.ts'

const small = { segmentBytesMax: 4_096 }

async function filled(more = {}): Promise<{ folder: string; epoch: string; files: string[] }> {
  const folder = await makeJournalFolder()
  const journal = await openTestJournal(folder, more)
  await appendAll(
    journal,
    Array.from({ length: 40 }, (_, index) => numbered(index)),
  )
  await journal.close()
  return { folder, epoch: journal.end.epoch, files: await segmentFiles(folder) }
}

function entriesOf(bytes: Buffer) {
  const entries = []
  let at = decodeSegmentHeader(bytes)?.bytes ?? 0
  for (;;) {
    const decoded = decodeEntry(bytes, at)
    if (decoded.kind !== 'entry') return entries
    entries.push({ at, entry: decoded.entry })
    at += decoded.bytes
  }
}

describe('verifying a journal', () => {
  it('names the segment, the byte and the record of the first fault, and changes nothing', async () => {
    const { epoch, files } = await filled(small)
    const file = files[1] ?? ''
    const bytes = await readFile(file)
    const { at, entry } = entriesOf(bytes)[2] ?? { at: 0, entry: { seq: 0 } }
    bytes[at + 90] = (bytes[at + 90] ?? 0) ^ 1
    await writeFile(file, bytes)
    const verdict = await verifyEpoch(dirname(file), epoch, testAgent)
    expect(verdict.faults[0]).toMatchObject({
      kind: 'damaged',
      segment: basename(file),
      atByte: at,
      firstSeq: entry.seq,
      isDeclared: false,
    })
    expect(await readFile(file)).toEqual(bytes)
  })

  it('does not excuse a missing segment that nobody declared, and does once the journal has', async () => {
    const { folder, epoch, files } = await filled(small)
    await rm(files[1] ?? '')
    const before = await verifyEpoch(dirname(files[0] ?? ''), epoch, testAgent)
    expect(before.faults).toMatchObject([{ kind: 'missing', isDeclared: false }])
    await (await openTestJournal(folder, small)).close()
    const after = await verifyEpoch(dirname(files[0] ?? ''), epoch, testAgent)
    expect(after.faults).toMatchObject([{ kind: 'missing', isDeclared: true }])
  })
})

describe('a segment given up after a failed sync', () => {
  it('is superseded by the one that was written anew, without a gap and without a number twice', async () => {
    const { folder, epoch, files } = await filled()
    const file = files[0] ?? ''
    const entries = entriesOf(await readFile(file)).map(({ entry }) => entry)
    const again = entries.slice(20)
    const [first] = again
    if (first === undefined) throw new Error('too few entries')
    const head = first.headBefore.toString('hex')
    const header = encodeSegmentHeader({ v: 1, agent: testAgent, epoch, firstSeq: first.seq, head })
    await writeFile(
      `${dirname(file)}/${segmentName(first.seq)}`,
      Buffer.concat([header, ...again.map(encodeEntry)]),
    )
    const journal = await openTestJournal(folder)
    const { gaps, seqs, facts } = await readAll(journal)
    expect(gaps).toEqual([])
    expect(seqs).toEqual(Array.from({ length: 41 }, (_, index) => index + 1))
    expect(facts.some(({ kind }) => kind === 'journal.gap')).toBe(false)
    await journal.close()
  })
})
