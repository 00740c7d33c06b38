/** Reads where media were seen: one medium everywhere, all media of one computer, the one that a violation is about. */
import { mayReach, type ViewScope } from '@shoukou/protocol'
import type { ComputerRow, SightingRow, Store, ViolationRow } from '../store/ports.ts'
import { findTwin } from '../workflows/media/find-twin.ts'
import { policyOf } from '../workflows/policies.ts'
import type { MediumSighting, SeenMedium } from './contract-media.ts'
import { API_LIMITS } from './limits.ts'

export interface MediaReader {
  /** Newest first, at computers that may be seen. */
  sightings(number: string, scope: ViewScope): Promise<readonly MediumSighting[]>
  /** By number; those that were never seen, or last where one may not look, are not in it. */
  lastSightings(numbers: readonly string[], scope: ViewScope): Promise<ReadonlyMap<string, MediumSighting>>
  /** What is plugged in there now. */
  seenAt(computer: ComputerRow): Promise<SeenMedium[]>
  ofViolation(violation: ViolationRow, scope: ViewScope): Promise<SeenMedium[]>
}

export function createMediaReader(store: Store): MediaReader {
  return {
    sightings: async (number, scope) => {
      const rows = await store.mediumSightings(number, API_LIMITS.mediumSightingsMax)
      return (await reached(store, rows, scope)).map(sightingView)
    },
    lastSightings: async (numbers, scope) => {
      const rows = await reached(store, await store.lastSightings(numbers), scope)
      return new Map(rows.map((row) => [row.number ?? '', sightingView(row)]))
    },
    seenAt: async ({ agent }) => seenViews(store, await store.presentMedia(agent)),
    ofViolation: async ({ id, agent, epoch, seq }, scope) => {
      const rows = await reached(store, await store.sightingsOfViolation(id), scope)
      if (rows.length > 0 || epoch === null || seq === null) return seenViews(store, rows)
      const row = await store.sightingOfRecord(agent, epoch, seq)
      return seenViews(store, row === null ? [] : [row])
    },
  }
}

/** What was seen at another department's computers is theirs, also of one's own medium. */
async function reached(
  store: Store,
  rows: readonly SightingRow[],
  scope: ViewScope,
): Promise<readonly SightingRow[]> {
  if (scope.kind === 'unit') return rows
  const isReached = new Map<string, boolean>()
  for (const agent of new Set(rows.map((row) => row.agent))) {
    const department = (await store.departmentOf('computer', agent))?.department ?? null
    isReached.set(agent, mayReach(scope, department))
  }
  return rows.filter(({ agent }) => isReached.get(agent) === true)
}

function sightingView(row: SightingRow): MediumSighting {
  const { agent, computer, instance, at, endedAt, right, rule, epoch, seq } = row
  return { agent, computer, instance, at, endedAt, right, rule, epoch, seq }
}

async function seenViews(store: Store, rows: readonly SightingRow[]): Promise<SeenMedium[]> {
  const stations = new Map<string, boolean>()
  for (const agent of new Set(rows.map((row) => row.agent)))
    stations.set(agent, await isStation(store, agent))
  return Promise.all(
    rows.map(async (row) => ({
      agent: row.agent,
      computer: row.computer,
      instance: row.instance,
      record: row.isExamined ? { epoch: row.epoch, seq: row.seq } : null,
      at: row.at,
      isPresent: row.endedAt === null,
      isStation: stations.get(row.agent) ?? false,
      passport: row.passport,
      number: await numberOf(store, row),
      right: row.right,
      rule: row.rule,
    })),
  )
}

/** What the agent recognised; or what was registered since it looked. */
async function numberOf(store: Store, { number, passport }: SightingRow): Promise<string | null> {
  if (number !== null || passport === null) return number
  const twin = await findTwin(store, passport, null)
  return twin?.same === true ? twin.medium.number : null
}

async function isStation(store: Store, agent: string): Promise<boolean> {
  const computer = await store.computer(agent)
  const row = computer === null ? null : await store.policy(agent, computer.policyVersion)
  return row !== null && policyOf(row).settings.roles?.includes('station') === true
}
