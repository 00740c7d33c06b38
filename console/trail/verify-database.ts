/**
 * Verifies a whole database, by as many threads as there are processors for the records, and this one for the rest.
 * Reads only; a running console goes on. What came after the beginning is left for the next time.
 */
import { type Finding, Findings, PRODUCT_VERSION, parseCheckpointText } from '@shoukou/protocol'
import { openReadOnly } from '../store/verify/read-only.ts'
import { readTotals } from '../store/verify/read-totals.ts'
import { type JournalsResult, verifyJournals } from '../store/verify/verify-journals.ts'
import { type KeptResult, verifyKept } from '../store/verify/verify-kept.ts'
import type { SpanResult } from '../store/verify/verify-records.ts'
import { type StubsResult, verifyStubs } from '../store/verify/verify-stubs.ts'
import {
  type CheckpointsResult,
  type TrailResult,
  verifyCheckpoints,
  verifyPrinted,
  verifyTrail,
} from '../store/verify/verify-trail.ts'
import { judgeAgain } from './judge-again.ts'
import { verifyAllRecords } from './verify-all-records.ts'
import { type Together, verifyTogether } from './verify-together.ts'

export interface VerifyOptions {
  readonly path: string
  /** Ed25519, SPKI PEM; null: checkpoints' signatures are not looked at, and that is said. */
  readonly logPublicKey: string | null
  /** Beside those that the log itself names. */
  readonly policyKeys: readonly string[]
  /** As printed, or as held by an agent. */
  readonly checkpoint?: string
  /** Files that hold what is no longer in the database. */
  readonly archives?: readonly string[]
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
  readonly archived: StubsResult & { readonly given: Together }
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
    const totals = readTotals(database)
    tell.begin('log', totals.trail)
    const trail = verifyTrail(database, findings.add, tell.done)
    if (printed !== null) verifyPrinted(database, printed, options.logPublicKey, findings.add)
    const policyKeys = [...new Set([...trail.policyKeys, ...options.policyKeys])]
    tell.begin('records', totals.records)
    const walk = { path: options.path, lastRecord: totals.lastRecord, add: findings.add, walked: tell.done }
    const records = await verifyAllRecords({
      ...walk,
      ...(options.threadsMax === undefined ? {} : { threadsMax: options.threadsMax }),
    })
    tell.begin('journals', 0)
    const journals = verifyJournals(database, findings.add)
    tell.begin('evidence', totals.kept)
    const kept = verifyKept(
      database,
      { policyKeys, version: PRODUCT_VERSION, judgeAgain, walked: tell.done },
      findings.add,
    )
    const stubs = verifyStubs(database, options.logPublicKey, findings.add)
    const given = await verifyTogether(
      database,
      { paths: options.archives ?? [], logPublicKey: options.logPublicKey },
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
      archived: { ...stubs, given },
      hasLogKey: options.logPublicKey !== null,
      hasPolicyKeys: policyKeys.length > 0,
      tookMs: performance.now() - begun,
    }
  } finally {
    database.close()
  }
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

const tableOrder = [
  'trail',
  'checkpoints',
  'archives',
  'stubs',
  'archive_manifest',
  'records',
  'journals',
  'gaps',
  'kept',
  'violations',
  'policies',
]
