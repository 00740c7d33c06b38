/**
 * Verifies a whole database, by as many threads as there are processors for the records, and this one for the rest.
 * Reads only; a running console goes on. What came after the beginning is left for the next time.
 */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { type Finding, Findings, PRODUCT_VERSION, parseCheckpointText, ShoukouError } from '@shoukou/protocol'
import { openReadOnly, type ReadOnlyDatabase } from '../store/verify/read-only.ts'
import { type JournalsResult, verifyJournals } from '../store/verify/verify-journals.ts'
import { type KeptResult, verifyKept } from '../store/verify/verify-kept.ts'
import { type RecordSpan, type SpanResult, verifyRecords } from '../store/verify/verify-records.ts'
import {
  type CheckpointsResult,
  type TrailResult,
  verifyCheckpoints,
  verifyPrinted,
  verifyTrail,
} from '../store/verify/verify-trail.ts'
import { judgeAgain } from './judge-again.ts'

export interface VerifyOptions {
  readonly path: string
  /** Ed25519, SPKI PEM; null: checkpoints' signatures are not looked at, and that is said. */
  readonly logPublicKey: string | null
  /** Beside those that the log itself names. */
  readonly policyKeys: readonly string[]
  /** As printed, or as held by an agent. */
  readonly checkpoint?: string
  /** By number or name: the findings of this computer alone, and what is everybody's. */
  readonly threadsMax?: number
  readonly progress?: (progress: Progress) => void
}

export interface Progress {
  readonly stage: 'log' | 'records' | 'journals' | 'evidence' | 'checkpoints'
  readonly done: number
  readonly total: number
}

export interface Report {
  readonly isWhole: boolean
  readonly findings: readonly Finding[]
  /** More than are listed, where there are many. */
  readonly findingsTotal: number
  readonly trail: TrailResult
  readonly records: SpanResult & { readonly threads: number }
  readonly journals: JournalsResult
  readonly kept: KeptResult
  readonly checkpoints: CheckpointsResult
  readonly hasLogKey: boolean
  readonly hasPolicyKeys: boolean
  readonly tookMs: number
}

/** @throws ShoukouError `config-invalid` where the database can't be read, or the checkpoint's text is none. */
export async function verifyDatabase(options: VerifyOptions): Promise<Report> {
  const begun = performance.now()
  const printed = options.checkpoint === undefined ? null : parseCheckpointText(options.checkpoint)
  const database = openReadOnly(options.path)
  try {
    const findings = new Findings()
    const tell = teller(options.progress)
    const totals = totalsOf(database)
    tell.begin('log', totals.trail)
    const trail = verifyTrail(database, findings.add, tell.done)
    if (printed !== null) verifyPrinted(database, printed, options.logPublicKey, findings.add)
    const policyKeys = [...new Set([...trail.policyKeys, ...options.policyKeys])]
    tell.begin('records', totals.records)
    const records = await verifyAllRecords(options, totals.lastRecord, findings, tell.done)
    tell.begin('journals', 0)
    const journals = verifyJournals(database, findings.add)
    tell.begin('evidence', totals.kept)
    const kept = verifyKept(
      database,
      { policyKeys, version: PRODUCT_VERSION, judgeAgain, walked: tell.done },
      findings.add,
    )
    tell.begin('checkpoints', 0)
    const checkpoints = verifyCheckpoints(database, options.logPublicKey, findings.add)
    tell.end()
    return {
      isWhole: findings.total === 0,
      findings: inOrder(findings.kept),
      findingsTotal: findings.total,
      trail,
      records,
      journals,
      kept,
      checkpoints,
      hasLogKey: options.logPublicKey !== null,
      hasPolicyKeys: policyKeys.length > 0,
      tookMs: performance.now() - begun,
    }
  } finally {
    database.close()
  }
}

/** A span that one thread takes at a time: small enough that all end together. */
const spanRows = 32_768

/** Verifies all records up to a row number, by threads; returns what they did. */
export async function verifyAllRecords(
  options: Pick<VerifyOptions, 'path' | 'threadsMax'> & { readonly withColumns?: boolean },
  lastRecord: number,
  findings: Findings,
  walked: (records: number) => void,
): Promise<SpanResult & { readonly threads: number }> {
  const { withColumns = true } = options
  const spans: RecordSpan[] = []
  for (let fromId = 0; fromId < lastRecord; fromId += spanRows) {
    spans.push({ fromId, toId: Math.min(fromId + spanRows, lastRecord), withColumns })
  }
  const threads = Math.max(
    1,
    Math.min(options.threadsMax ?? availableParallelism(), threadsAtMost, spans.length),
  )
  const results =
    threads === 1
      ? [walkHere(options.path, spans, findings, walked)]
      : await Promise.all(
          Array.from({ length: threads }, () => workThrough(options.path, spans, findings, walked)),
        )
  const sum = (of: (result: SpanResult) => number): number =>
    results.flat().reduce((all, one) => all + of(one), 0)
  return {
    records: sum((one) => one.records),
    bytes: sum((one) => one.bytes),
    unprovable: sum((one) => one.unprovable),
    threads,
  }
}

const threadsAtMost = 4

/** Where there is work for one alone, a thread of its own costs more than it takes off this one. */
function walkHere(
  path: string,
  spans: readonly RecordSpan[],
  findings: Findings,
  walked: (records: number) => void,
): SpanResult[] {
  const database = openReadOnly(path)
  try {
    return spans.map((span) => verifyRecords(database, span, findings.add, walked))
  } finally {
    database.close()
  }
}

/** What a thread answers. */
export type SpanMessage =
  | { readonly kind: 'walked'; readonly records: number }
  | {
      readonly kind: 'done'
      readonly result: SpanResult
      readonly findings: readonly Finding[]
      readonly total: number
    }
  | { readonly kind: 'failed'; readonly message: string }

async function workThrough(
  path: string,
  spans: RecordSpan[],
  findings: Findings,
  walked: (records: number) => void,
): Promise<SpanResult[]> {
  const results: SpanResult[] = []
  if (spans.length === 0) return results
  const worker = new Worker(new URL('./verify-thread.ts', import.meta.url), { workerData: { path } })
  try {
    for (let span = spans.shift(); span !== undefined; span = spans.shift()) {
      results.push(await answered(worker, span, findings, walked))
    }
  } finally {
    await worker.terminate()
  }
  return results
}

function answered(
  worker: Worker,
  span: RecordSpan,
  findings: Findings,
  walked: (records: number) => void,
): Promise<SpanResult> {
  return new Promise((resolve, reject) => {
    const onEnd = (): void => reject(new ShoukouError('internal-error', 'A thread that verifies has ended.'))
    const onMessage = (message: SpanMessage): void => {
      if (message.kind === 'walked') return walked(message.records)
      worker.off('message', onMessage)
      worker.off('error', reject)
      worker.off('exit', onEnd)
      if (message.kind === 'failed') return reject(new ShoukouError('internal-error', message.message))
      for (const finding of message.findings) findings.add(finding)
      findings.total += message.total - message.findings.length
      resolve(message.result)
    }
    worker.on('message', onMessage)
    worker.on('error', reject)
    worker.on('exit', onEnd)
    worker.postMessage(span)
  })
}

function totalsOf({ connection }: ReadOnlyDatabase): {
  trail: number
  kept: number
  records: number
  lastRecord: number
} {
  return connection
    .prepare(
      `select (select coalesce(max(seq), 0) from trail) trail, (select coalesce(max(seq), 0) from kept) kept,
         (select coalesce(max(id), 0) from records) "lastRecord", (select coalesce(sum(seq), 0) from journals) records`,
    )
    .get() as { trail: number; kept: number; records: number; lastRecord: number }
}

const tellEveryMs = 100

function teller(progress: VerifyOptions['progress']) {
  let state: Progress = { stage: 'log', done: 0, total: 0 }
  let toldAt = 0
  const tell = (): void => {
    toldAt = performance.now()
    progress?.(state)
  }
  return {
    begin: (stage: Progress['stage'], total: number): void => {
      state = { stage, done: 0, total }
      tell()
    },
    done: (more: number): void => {
      state = { ...state, done: state.done + more }
      if (progress !== undefined && performance.now() - toldAt >= tellEveryMs) tell()
    },
    end: tell,
  }
}

/** The first alteration first: by table as the stages go, then by place. */
function inOrder(findings: readonly Finding[]): Finding[] {
  return findings.toSorted(
    (a, b) =>
      tableOrder.indexOf(a.table) - tableOrder.indexOf(b.table) ||
      (a.agent ?? '').localeCompare(b.agent ?? '') ||
      (a.epoch ?? '').localeCompare(b.epoch ?? '') ||
      (a.seq ?? 0) - (b.seq ?? 0),
  )
}

const tableOrder = ['trail', 'checkpoints', 'records', 'journals', 'gaps', 'kept', 'violations', 'policies']
