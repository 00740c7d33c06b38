/** Reads one violation with everything that proves it: the record, the one before it, what happened around it. */
import { FACT_KINDS, importanceOf } from '@shoukou/protocol'
import type { Store, StoredRecord, ViolationRow } from '../store/ports.ts'
import type { ViolationDetail } from './contract.ts'
import { API_LIMITS } from './limits.ts'
import { decisionOf, proofOf } from './view/proof-view.ts'
import { recordItem } from './view/record-view.ts'
import { timelineOf } from './view/timeline.ts'
import { catalogueView, violationItem } from './view/violation-view.ts'

/** Kinds of which there are never so many that they bury the others. */
const rareKinds = FACT_KINDS.filter((kind) => importanceOf(kind) > 0)

/** Returns the detail of a violation, its proof computed from the stored bytes at this moment. */
export async function readViolationDetail(store: Store, row: ViolationRow): Promise<ViolationDetail> {
  const [record, previous, around, archived] = await Promise.all([
    row.epoch === null || row.seq === null ? null : store.record(row.agent, row.epoch, row.seq),
    row.epoch === null || row.seq === null || row.seq === 1
      ? null
      : headBefore(store, row.agent, row.epoch, row.seq),
    readAround(store, row),
    readArchived(store, row),
  ])
  const timeline = timelineOf(around.rows, {
    occurredAt: row.occurredAt,
    receivedAt: row.receivedAt,
    windowMs: API_LIMITS.timelineMs,
    recordsMax: API_LIMITS.timelineRecordsMax,
    bytesMax: API_LIMITS.recordBytesPerAnswerMax,
  })
  return {
    violation: violationItem(row),
    catalogue: catalogueView(row.type),
    evidence: JSON.parse(row.evidence),
    proof: record === null ? null : proofOf(record, previous),
    archived: record === null ? archived : null,
    decision: record === null ? null : decisionOf(record),
    timeline: timeline.rows.map(recordItem),
    isTimelineWhole: timeline.isWhole && !around.isCut,
  }
}

/** The record before it, or the stub where that is in an archive. */
async function headBefore(
  store: Store,
  agent: string,
  epoch: string,
  seq: number,
): Promise<{ readonly head: string } | null> {
  const previous = await store.record(agent, epoch, seq - 1)
  if (previous !== null) return previous
  const archived = await store.archivedTo(agent, epoch)
  return archived?.seq === seq - 1 ? archived : null
}

async function readArchived(
  store: Store,
  { agent, epoch, seq }: ViolationRow,
): Promise<ViolationDetail['archived']> {
  if (epoch === null || seq === null) return null
  const place = await store.archivedPlace(agent, epoch, seq)
  return place === null ? null : { name: place.name, digest: place.digest, at: place.at, seq, epoch }
}

/**
 * Reads the neighbours by number, which no clock can hide, and the rare kinds by both clocks: a burst of file activity
 * may put hundreds of numbers between an insertion and what was done with it.
 */
async function readAround(
  store: Store,
  row: ViolationRow,
): Promise<{ rows: StoredRecord[]; isCut: boolean }> {
  const { agent, epoch, seq } = row
  const { timelineMs: window, timelineNeighbours: neighbours, timelineRecordsMax: limit } = API_LIMITS
  const [beside, byReceipt, byClock] = await Promise.all([
    epoch === null || seq === null
      ? []
      : store.recordRange(agent, epoch, Math.max(1, seq - neighbours), seq + neighbours),
    store.records({
      agent,
      kinds: rareKinds,
      limit,
      receivedFrom: row.receivedAt - window,
      receivedTo: row.receivedAt + window,
    }),
    store.records({
      agent,
      kinds: rareKinds,
      limit,
      wallFrom: row.occurredAt - window,
      wallTo: row.occurredAt + window,
    }),
  ])
  const isCut = byReceipt.length === limit || byClock.length === limit || beside.length > neighbours * 2
  return { rows: [...beside, ...byReceipt, ...byClock], isCut }
}
