import { randomBytes } from 'node:crypto'
import { copyFile, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  beginSealCheck,
  checkSeals,
  encodeRecord,
  type Fact,
  firstSealKey,
  genesisHead,
  parseRecord,
  RECORDS_PER_SEAL_MAX,
  type SealVerdict,
  sealMac,
} from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { SealKeyFile } from '../base/seal-key-file.ts'
import {
  appendAll,
  epochFile,
  makeJournalFolder,
  openTestJournal,
  segmentFiles,
} from '../testing/journal-bench.ts'
import { buildFact, numbered, testAgent } from '../testing/test-facts.ts'
import { makeEntry } from './entry.ts'
import type { Journal } from './journal.ts'
import { Sealer } from './sealer.ts'

const consoleKey = randomBytes(32)
const keyOf = (generation: number) => firstSealKey(consoleKey, testAgent, generation)

async function openSealed(folder: string, generation = 0): Promise<{ journal: Journal; sealer: Sealer }> {
  const path = join(dirname(folder), 'seal.key')
  const onFault = (fault: unknown) => {
    throw fault
  }
  const sealer = await Sealer.open({ path, agent: testAgent, onFault })
  if (sealer.nextIndex === null || generation > 0) await sealer.take(generation, keyOf(generation))
  return { sealer, journal: await openTestJournal(folder, { sealer, segmentBytesMax: 65_536 }) }
}

/** What the console makes of it: each record, in order, from the first. */
async function verdictsOf(journal: Journal): Promise<SealVerdict[]> {
  const verdicts: SealVerdict[] = []
  let check = beginSealCheck(0, keyOf(0))
  let next = 1
  for (;;) {
    const chunk = await journal.read(next, { records: 500, bytes: 1_048_576 })
    if (chunk === null) return verdicts
    for (const [index, raw] of chunk.raws.entries()) {
      const { agent, epoch, seq, bootId, fact } = parseRecord(raw)
      const head = (await journal.headAt(chunk.firstSeq + index)) ?? ''
      const step = checkSeals(check, { agent, epoch, seq, raw, head, bootId, fact }, keyOf)
      check = step.check
      if (step.verdict !== null) verdicts.push(step.verdict)
    }
    next = chunk.lastSeq + 1
  }
}

const many = (count: number, from = 0): Fact[] =>
  Array.from({ length: count }, (_, index) => numbered(from + index))
const kindsOf = (verdicts: readonly SealVerdict[]) => verdicts.map(({ kind }) => kind)

describe('a sealed journal', () => {
  it('is sealed before the thousandth record is passed, and at an orderly stop, and each seal holds', async () => {
    const folder = await makeJournalFolder()
    const { journal } = await openSealed(folder)
    await appendAll(journal, many(2_500))
    await journal.close()
    const again = await openSealed(folder)
    const verdicts = await verdictsOf(again.journal)
    expect(verdicts.every(({ kind }) => kind === 'held')).toBe(true)
    expect(verdicts.length).toBeGreaterThanOrEqual(Math.ceil(2_500 / RECORDS_PER_SEAL_MAX))
    expect(again.journal.foundSeal).toBe(verdicts.length - 1)
    await again.journal.close()
  })

  it('writes nothing while there is nothing new, and its seals are no news that need a seal', async () => {
    const folder = await makeJournalFolder()
    const { journal } = await openSealed(folder)
    await appendAll(journal, many(3))
    await journal.seal()
    const { seq } = journal.end
    await journal.seal()
    await journal.seal()
    expect(journal.end.seq).toBe(seq)
    await journal.close()
  })

  it('goes on with the next index where a crash left the key behind the journal', async () => {
    const folder = await makeJournalFolder()
    const keyPath = join(dirname(folder), 'seal.key')
    const first = await openSealed(folder)
    await appendAll(first.journal, many(10))
    await copyFile(keyPath, `${keyPath}.before`)
    await first.journal.seal()
    await appendAll(first.journal, many(10))
    await first.journal.close()
    // As a kill between the synced seal and the key's own write leaves it.
    await copyFile(`${keyPath}.before`, keyPath)
    const second = await openSealed(folder)
    await appendAll(second.journal, many(10))
    await second.journal.seal()
    expect(new Set(kindsOf(await verdictsOf(second.journal)))).toEqual(new Set(['held']))
    await second.journal.close()
  })

  it('is accused of nothing where the power cut left a torn tail, at whatever byte', async () => {
    const folder = await makeJournalFolder()
    const { journal } = await openSealed(folder)
    await appendAll(journal, many(10))
    await journal.seal()
    await appendAll(journal, many(5))
    await journal.seal()
    await journal.close()
    const files = await segmentFiles(folder)
    const last = files.at(-1) ?? ''
    const keyPath = join(dirname(folder), 'seal.key')
    // The key as it is before the last seal is on the disk: it never goes before the journal.
    for (const cut of [1, 40, 200, 500]) {
      const { size } = await stat(last)
      await truncate(last, size - cut)
      await rm(await epochFile(folder, 'cursor.json'), { force: true })
      const file = await SealKeyFile.open(keyPath)
      await file.file.write({ index: 0, key: keyOf(0) })
      await file.file.close()
      const again = await openSealed(folder)
      await appendAll(again.journal, many(3))
      await again.journal.seal()
      const kinds = new Set(kindsOf(await verdictsOf(again.journal)))
      expect(kinds.has('broken') || kinds.has('missing')).toBe(false)
      await again.journal.close()
    }
  })

  it('says of a damaged part that nothing is proved there, and blames nobody', async () => {
    const folder = await makeJournalFolder()
    const { journal } = await openSealed(folder)
    await appendAll(journal, many(3_500))
    await journal.close()
    const files = await segmentFiles(folder)
    const middle = files[Math.floor(files.length / 2)] ?? ''
    const bytes = await readFile(middle)
    bytes.fill(0x20, 2_000, bytes.length - 2_000)
    await writeFile(middle, bytes)
    const again = await openSealed(folder)
    await appendAll(again.journal, many(2_000))
    await again.journal.seal()
    const verdicts = await verdictsOf(again.journal)
    expect(verdicts.some(({ kind }) => kind === 'broken' || kind === 'missing')).toBe(false)
    expect(verdicts.at(-1)).toMatchObject({ kind: 'held' })
    await again.journal.close()
  })

  it('leaves seals behind in an epoch that it left, and what follows the fork is told as not proved', async () => {
    const folder = await makeJournalFolder()
    const { journal } = await openSealed(folder)
    await appendAll(journal, many(2_200))
    await journal.seal()
    await journal.fork(5)
    await appendAll(journal, many(5))
    await journal.seal()
    await appendAll(journal, many(5))
    await journal.seal()
    expect(kindsOf(await verdictsOf(journal)).slice(-2)).not.toContain('broken')
    const carried = await journal.read(1, { records: 2_000, bytes: 1_048_576 })
    expect(carried?.raws.filter((raw) => raw.includes('journal.sealed'))).toEqual([])
    await journal.close()
  })

  it('that was cut short and sealed anew with the key of today is found out', async () => {
    const folder = await makeJournalFolder()
    const { journal, sealer } = await openSealed(folder)
    for (let round = 0; round < 4; round += 1) {
      await appendAll(journal, many(5, round * 5))
      await journal.seal()
    }
    expect(sealer.nextIndex).toBe(4)
    const { epoch } = journal.end
    await journal.close()
    const stolen = (await SealKeyFile.open(join(dirname(folder), 'seal.key'))).found
    if (stolen === null) throw new Error('the key is there')
    // Whoever has all rights today: what stood behind record 6 goes, and a seal of today's key covers the rest.
    const forged = forge(await readFirst(folder, 6), { epoch, index: stolen.index, key: stolen.key })
    expect(forged).toMatchObject({ kind: 'missing', fault: 'index-skipped', expectedIndex: 0 })
    // With the index of the seal that was there, its MAC can't be made.
    const guessed = forge(await readFirst(folder, 6), { epoch, index: 0, key: stolen.key })
    expect(guessed).toMatchObject({ kind: 'broken', fault: 'mac-wrong' })
  })
})

async function readFirst(folder: string, count: number): Promise<readonly Buffer[]> {
  const { journal } = await openSealed(folder)
  const chunk = await journal.read(1, { records: count, bytes: 1_048_576 })
  await journal.close()
  return chunk?.raws ?? []
}

/** Seals some records with a key and index of one's choice, and returns what the check says of that seal. */
function forge(
  raws: readonly Buffer[],
  seal: { readonly epoch: string; readonly index: number; readonly key: Buffer },
): SealVerdict | null {
  let check = beginSealCheck(0, keyOf(0))
  const first = parseRecord(raws[0] ?? Buffer.alloc(0))
  const genesis = makeEntry(1, genesisHead(first.agent, first.epoch), raws[0] ?? Buffer.alloc(0), 'sha-256')
  let entry = genesis
  const take = (raw: Buffer, head: Buffer) => {
    const { agent, epoch, seq, bootId, fact } = parseRecord(raw)
    const step = checkSeals(
      check,
      { agent, epoch, seq, raw, head: head.toString('hex'), bootId, fact },
      keyOf,
    )
    check = step.check
    return step.verdict
  }
  take(entry.raw, entry.headAfter)
  for (const raw of raws.slice(1)) {
    entry = makeEntry(entry.seq + 1, entry.headAfter, raw, 'sha-256')
    take(raw, entry.headAfter)
  }
  const place = {
    agent: testAgent,
    epoch: seal.epoch,
    index: seal.index,
    upToSeq: entry.seq,
    head: entry.headAfter.toString('hex'),
  }
  const fact: Fact = {
    kind: 'journal.sealed',
    index: seal.index,
    upToSeq: entry.seq,
    head: place.head,
    mac: sealMac(seal.key, place),
  }
  const raw = encodeRecord(parseRecord(buildFact(fact)({ epoch: seal.epoch, seq: entry.seq + 1 })))
  return take(raw, makeEntry(entry.seq + 1, entry.headAfter, raw, 'sha-256').headAfter)
}
