import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fact } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import {
  appendAll,
  makeJournalFolder,
  openTestJournal,
  readAll,
  readJson,
  segmentFiles,
} from '../testing/journal-bench.ts'
import { buildFact, fileFact, numbered } from '../testing/test-facts.ts'
import type { Journal } from './journal.ts'

const quota = { bytesMax: 400_000, segmentBytesMax: 20_000 }

const overflow: Fact = {
  kind: 'sensor.overflow',
  sensor: 'usb',
  queue: 'netlink',
  rescanMs: 1,
  changesFound: 0,
}

/** Appends one at a time until one is refused; returns how many were taken. */
async function fillWith(journal: Journal, fact: Fact): Promise<number> {
  for (let count = 0; ; count += 1) {
    const [place] = await appendAll(journal, [fact])
    if (place === null) return count
    if (count > 5_000) throw new Error('the quota is never reached')
  }
}

async function acknowledgeAll(journal: Journal): Promise<void> {
  journal.acknowledge(journal.end, 'ab'.repeat(32))
}

describe('journal quota', () => {
  it('drops bulk first, then routine, evidence last, and stays within its bytes', async () => {
    const folder = await makeJournalFolder()
    const journal = await openTestJournal(folder, quota)
    expect(await fillWith(journal, fileFact('x'.repeat(1_500)))).toBeGreaterThan(50)
    expect(journal.health.bytes).toBeGreaterThan(quota.bytesMax * 0.78)
    expect(await fillWith(journal, numbered(1))).toBeGreaterThan(10)
    expect(journal.health.bytes).toBeGreaterThan(quota.bytesMax * 0.93)
    expect(await fillWith(journal, overflow)).toBeGreaterThan(5)
    expect(journal.health.bytes).toBeLessThanOrEqual(quota.bytesMax)
    expect(journal.health.lost).toBe(3)
    await journal.close()
  })

  it('deletes acknowledged segments when it needs the room, and tells the loss in one record', async () => {
    const folder = await makeJournalFolder()
    const journal = await openTestJournal(folder, quota)
    await fillWith(journal, fileFact('x'.repeat(1_500)))
    const refused = await appendAll(
      journal,
      Array.from({ length: 9 }, () => fileFact('y'.repeat(1_500))),
    )
    expect(refused.every((place) => place === null)).toBe(true)
    const before = (await segmentFiles(folder)).length
    await acknowledgeAll(journal)
    await expect.poll(() => journal.health.lost, { timeout: 8_000 }).toBe(0)
    expect((await segmentFiles(folder)).length).toBeLessThan(before)
    const end =
      (await journal.read(journal.end.seq, { records: 1, bytes: 1 }))?.raws[0]?.toString('utf8') ?? ''
    expect(JSON.parse(end)).toMatchObject({
      fact: { kind: 'journal.loss', counts: { 'file.activity': 10 }, total: 10, isExact: true },
    })
    expect(await appendAll(journal, [fileFact('again')])).not.toContain(null)
    await journal.close()
    const again = await openTestJournal(folder, quota)
    const { facts, gaps } = await readAll(again)
    expect(facts.filter(({ kind }) => kind === 'journal.loss')).toHaveLength(1)
    expect(facts.filter(({ kind }) => kind === 'journal.gap')).toEqual([])
    // What was deleted had been acknowledged: only a reader that asks for it sees that it is gone.
    expect(gaps).toHaveLength(1)
    await again.close()
  })

  it('remembers a loss across an unclean end, and then no longer calls the count exact', async () => {
    const folder = await makeJournalFolder()
    const journal = await openTestJournal(folder, quota)
    journal.countLost('file.activity')
    const path = join(folder, 'loss.json')
    await expect.poll(() => readFile(path, 'utf8').catch(() => '')).toContain('file.activity')
    const asKilled = await readFile(path)
    await journal.close()
    await writeFile(path, asKilled)
    const again = await openTestJournal(folder, quota)
    await expect.poll(() => again.health.lost, { timeout: 5_000 }).toBe(0)
    const { facts } = await readAll(again)
    expect(facts.at(-1)).toMatchObject({ kind: 'journal.loss', total: 1, isExact: false })
    await again.close()
  })

  it('keeps a loss exact across a clean stop', async () => {
    const folder = await makeJournalFolder()
    const journal = await openTestJournal(folder, quota)
    journal.countLost('file.activity')
    await journal.close()
    expect(await readJson(join(folder, 'loss.json'))).toMatchObject({ isExact: true, isClosed: true })
    const again = await openTestJournal(folder, quota)
    await expect.poll(() => again.health.lost, { timeout: 5_000 }).toBe(0)
    expect((await readAll(again)).facts.at(-1)).toMatchObject({ kind: 'journal.loss', isExact: true })
    await again.close()
  })

  it('bounds what waits in memory: bulk beyond the queue is counted, not kept', async () => {
    const folder = await makeJournalFolder()
    const journal = await openTestJournal(folder)
    const places = await Promise.all(
      Array.from({ length: 17_000 }, () => journal.append('file.activity', 500, buildFact(fileFact('x')))),
    )
    const taken = places.filter((place) => place !== null).length
    expect(taken).toBe(16_000)
    expect(journal.health.lost).toBe(1_000)
    await journal.close()
  })
})
