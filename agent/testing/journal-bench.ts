/** A journal on a real folder, for tests: opened, filled, damaged and opened again. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Fact, Position } from '@shoukou/protocol'
import { onTestFinished } from 'vitest'
import { createJournal, listEpochs } from '../journal/epoch-folder.ts'
import type { Journal } from '../journal/journal.ts'
import type { JournalOptions } from '../journal/open-epoch-store.ts'
import { openJournal } from '../journal/open-journal.ts'
import { buildFact, memoryLog, testAgent } from './test-facts.ts'

/** Makes a folder that goes with its test. */
export async function makeFolderForTest(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'shoukou-agent-'))
  // Once more where something that is just ending still writes there.
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }))
  return folder
}

export async function makeJournalFolder(): Promise<string> {
  const folder = join(await makeFolderForTest(), 'journal')
  await createJournal(folder)
  return folder
}

export function openTestJournal(folder: string, more: Partial<JournalOptions> = {}): Promise<Journal> {
  return openJournal({
    folder,
    agent: testAgent,
    bytesMax: 64 * 1_048_576,
    buildOwn: buildFact,
    wallMs: () => Date.now(),
    log: memoryLog(),
    ...more,
  })
}

/** Appends facts and waits until each is synced. */
export async function appendAll(journal: Journal, facts: readonly Fact[]): Promise<(Position | null)[]> {
  return await Promise.all(
    facts.map((fact) => journal.append(fact.kind, JSON.stringify(fact).length + 400, buildFact(fact))),
  )
}

/** Reads everything that is there, checking that numbers and chain follow; gaps are returned. */
export async function readAll(
  journal: Journal,
): Promise<{ seqs: number[]; facts: Fact[]; gaps: { firstSeq: number; lastSeq: number }[] }> {
  const seqs: number[] = []
  const facts: Fact[] = []
  const gaps: { firstSeq: number; lastSeq: number }[] = []
  let next = 1
  for (;;) {
    const chunk = await journal.read(next, { records: 100, bytes: 200_000 })
    if (chunk === null) return { seqs, facts, gaps }
    if (chunk.gap !== null) gaps.push(chunk.gap)
    chunk.raws.forEach((raw, index) => {
      seqs.push(chunk.firstSeq + index)
      facts.push((JSON.parse(raw.toString('utf8')) as { fact: Fact }).fact)
    })
    next = chunk.lastSeq + 1
  }
}

/** The segment files of the newest epoch, oldest first. */
export async function segmentFiles(folder: string): Promise<string[]> {
  const epoch = (await listEpochs(folder)).at(-1) ?? ''
  const names = (await readdir(join(folder, epoch))).filter((name) => name.endsWith('.seg')).sort()
  return names.map((name) => join(folder, epoch, name))
}

export async function epochFile(folder: string, name: string): Promise<string> {
  return join(folder, (await listEpochs(folder)).at(-1) ?? '', name)
}

export async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, 'utf8')) as T
}

/** A small generator of numbers that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
