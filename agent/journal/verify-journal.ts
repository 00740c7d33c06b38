/** Walks a journal from its files alone and says what holds, segment by segment. Changes nothing. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type ChainHash, chainHashOf, genesisHead, parseRecord } from '@shoukou/protocol'
import { readFileIfThere } from '../base/atomic-file.ts'
import { isSealRecord } from './carry-over.ts'
import type { Cursor } from './cursor.ts'
import { readSegmentFile } from './read-segment-file.ts'
import { entriesOfRun, scanSegment } from './scan-segment.ts'
import { firstSeqOfName } from './segment-header.ts'

export interface SegmentVerdict {
  readonly name: string
  readonly firstSeq: number | null
  readonly lastSeq: number | null
  readonly faults: readonly JournalFault[]
}

export interface JournalFault {
  /** `torn-tail` is the end of a write that never finished: it was never reported, and is no fault of the chain. */
  readonly kind: 'damaged' | 'chain-mismatch' | 'missing' | 'torn-tail'
  readonly segment: string
  readonly atByte: number | null
  readonly firstSeq: number | null
  readonly lastSeq: number | null
  /** A record in the chain says that these numbers are missing. */
  readonly isDeclared: boolean
}

export interface EpochVerdict {
  readonly epoch: string
  /** What its chain is made with. */
  readonly hash: ChainHash
  readonly reason: string
  readonly records: number
  /** Where the last seal stands, and its index; null where there is none. Whether it holds, the console knows: it has the keys. */
  readonly sealed: { readonly upToSeq: number; readonly index: number } | null
  readonly segments: readonly SegmentVerdict[]
  readonly faults: readonly JournalFault[]
}

/** Verifies one epoch. Memory holds one segment at a time. */
export async function verifyEpoch(folder: string, epoch: string, agent: string): Promise<EpochVerdict> {
  const hash = chainHashOf(epoch)
  const names = (await readdir(folder)).filter((name) => firstSeqOfName(name) !== null).sort()
  const cursor = await readJson<Cursor>(join(folder, 'cursor.json'))
  const reason = (await readJson<{ reason: string }>(join(folder, 'opened.json')))?.reason ?? 'unknown'
  const declared: { firstSeq: number; lastSeq: number }[] = []
  const segments: {
    name: string
    firstSeq: number | null
    lastSeq: number | null
    faults: JournalFault[]
  }[] = []
  const retainedFrom = cursor?.retainedFrom ?? 1
  let expected: number | null = null
  let head: Buffer | null = null
  let records = 0
  let sealed: EpochVerdict['sealed'] = null
  for (const [index, name] of names.entries()) {
    const bytes = await readSegmentFile(join(folder, name))
    const scan = scanSegment(bytes, hash)
    const isLast = index === names.length - 1
    const faults: JournalFault[] = scan.faults.map((fault) => ({
      kind:
        isLast && fault.kind === 'damaged' && fault.at >= scan.endOfEntries && scan.header !== null
          ? 'torn-tail'
          : fault.kind,
      segment: name,
      atByte: fault.at,
      firstSeq: fault.seq,
      lastSeq: fault.seq,
      isDeclared: false,
    }))
    for (const run of scan.runs) {
      // Files below `retainedFrom` may still be there: deleting them was interrupted, and is no fault.
      expected ??= Math.min(retainedFrom, run.firstSeq)
      if (expected === 1) head = genesisHead(agent, epoch)
      const missingFrom = Math.max(expected, retainedFrom)
      if (run.firstSeq > expected && run.firstSeq <= retainedFrom) head = null
      else if (run.firstSeq > expected) {
        faults.push({
          kind: 'missing',
          segment: name,
          atByte: run.from,
          firstSeq: missingFrom,
          lastSeq: run.firstSeq - 1,
          isDeclared: false,
        })
      } else if (run.firstSeq < expected || (head !== null && !head.equals(run.headBefore))) {
        faults.push({
          kind: 'chain-mismatch',
          segment: name,
          atByte: run.from,
          firstSeq: run.firstSeq,
          lastSeq: run.firstSeq,
          isDeclared: false,
        })
      }
      for (const entry of entriesOfRun(bytes, run)) {
        declared.push(...declaredBy(entry.raw))
        sealed = sealIn(entry.raw) ?? sealed
      }
      records += run.lastSeq - run.firstSeq + 1
      expected = run.lastSeq + 1
      head = run.headAfter
    }
    segments.push({
      name,
      firstSeq: scan.runs[0]?.firstSeq ?? null,
      lastSeq: scan.runs.at(-1)?.lastSeq ?? null,
      faults,
    })
  }
  const claimed = Math.max(cursor?.end?.seq ?? 0, cursor?.acked?.seq ?? 0)
  const last = segments.at(-1)
  const next = expected ?? retainedFrom
  if (claimed >= next) {
    const fault: JournalFault = {
      kind: 'missing',
      segment: last?.name ?? '',
      atByte: null,
      firstSeq: next,
      lastSeq: claimed,
      isDeclared: false,
    }
    if (last === undefined) segments.push({ name: '-', firstSeq: null, lastSeq: null, faults: [fault] })
    else last.faults.push(fault)
  }
  for (const segment of segments)
    segment.faults = segment.faults.map((fault) => ({ ...fault, isDeclared: isCovered(fault, declared) }))
  return { epoch, hash, reason, records, sealed, segments, faults: segments.flatMap(({ faults }) => faults) }
}

function declaredBy(raw: Buffer): { firstSeq: number; lastSeq: number }[] {
  // A cheap look first: almost no record is a gap's.
  if (!raw.includes('"journal.gap"')) return []
  const { fact } = JSON.parse(raw.toString('utf8')) as {
    fact: { kind: string; firstSeq: number; lastSeq: number }
  }
  return fact.kind === 'journal.gap' ? [{ firstSeq: fact.firstSeq, lastSeq: fact.lastSeq }] : []
}

function sealIn(raw: Buffer): EpochVerdict['sealed'] {
  if (!isSealRecord(raw)) return null
  const { fact } = parseRecord(raw)
  return fact.kind === 'journal.sealed' ? { upToSeq: fact.upToSeq, index: fact.index } : null
}

function isCovered(fault: JournalFault, declared: readonly { firstSeq: number; lastSeq: number }[]): boolean {
  if (fault.kind === 'torn-tail' || fault.firstSeq === null || fault.lastSeq === null) return false
  let next = fault.firstSeq
  for (const range of declared.toSorted((a, b) => a.firstSeq - b.firstSeq)) {
    if (range.firstSeq <= next) next = Math.max(next, range.lastSeq + 1)
  }
  return next > fault.lastSeq
}

async function readJson<T>(path: string): Promise<T | null> {
  const bytes = await readFileIfThere(path)
  if (bytes === null) return null
  try {
    return JSON.parse(bytes.toString('utf8')) as T
  } catch (fault) {
    if (fault instanceof SyntaxError) return null
    throw fault
  }
}
