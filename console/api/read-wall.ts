/**
 * Reads what a wall display shows. Several screens, and a storm of violations, are one reading: an answer is used again for
 * a moment, so that looking never costs more than a few readings a second.
 */
import type { Level } from '@shoukou/protocol'
import { OF_REGISTERS } from '../store/clock-ports.ts'
import { HANDLING_STATES } from '../store/handling-ports.ts'
import type { Severity, Store } from '../store/ports.ts'
import { OPEN_STATES } from '../workflows/handling/handling-state.ts'
import type { Computer } from './contract.ts'
import { WALL_HEADLINES, type WallAnswer } from './contract-wall.ts'
import type { ComputerReader } from './read-computers.ts'
import { violationItem } from './view/violation-view.ts'
import { wallTiles } from './view/wall-view.ts'

/** What turned out to be none accuses nobody in front of everybody. */
const shownStates = HANDLING_STATES.filter((state) => state !== 'false-positive')

/** An answer may be this old when it is given. */
const keptMs = 200

export interface WallReaderOptions {
  readonly store: Store
  readonly computers: ComputerReader
  readonly now: () => number
  readonly unit: string
  readonly level: Level
  /** Never goes back, ms. */
  readonly monotonicMs?: () => number
}

export type Shown = Omit<WallAnswer, 'until'>

/** Returns a reader of the whole unit. */
export function createWallReader(options: WallReaderOptions): () => Promise<Shown> {
  const { monotonicMs = () => performance.now() } = options
  let kept: { readonly at: number; readonly shown: Promise<Shown> } | undefined
  return () => {
    const at = monotonicMs()
    if (kept === undefined || at - kept.at >= keptMs) {
      const shown = read(options)
      const reading = { at, shown }
      kept = reading
      // What could not be read is not kept.
      shown.catch(() => {
        if (kept === reading) kept = undefined
      })
    }
    return kept.shown
  }
}

async function read({ store, computers, now, unit, level }: WallReaderOptions): Promise<Shown> {
  const [all, ofComputers, ofRegisters, newest] = await Promise.all([
    computers.all(false, { kind: 'unit' }),
    store.openViolationsByComputer(OPEN_STATES),
    store.openViolationsOfRegisters(OPEN_STATES),
    store.violations({ isGrouped: true, state: shownStates, limit: WALL_HEADLINES }),
  ])
  const open = ofComputers.filter(({ agent }) => agent !== OF_REGISTERS)
  const departmentOf = new Map(all.map(({ agent, department }) => [agent, department]))
  const sums = new Map<Severity, number>()
  for (const { severity, count } of [...open, ...ofRegisters])
    sums.set(severity, (sums.get(severity) ?? 0) + count)
  return {
    now: now(),
    unit,
    level,
    coverage: {
      proven: countOf(all, 'proven'),
      unproven: countOf(all, 'unproven'),
      broken: countOf(all, 'broken'),
    },
    agents: {
      connected: all.filter(({ status }) => status === 'online').length,
      expected: all.filter(({ status }) => status !== 'standalone').length,
      told: all.filter(({ status }) => status === 'standalone').length,
    },
    counts: [...sums].map(([severity, count]) => ({ severity, count })),
    lastViolationAt: newest[0]?.receivedAt ?? null,
    departments: wallTiles(all, open, ofRegisters),
    newest: newest.map((row) => {
      const { id, severity, number, headline, receivedAt } = violationItem(row)
      return { id, severity, number, department: departmentOf.get(row.agent) ?? null, headline, receivedAt }
    }),
  }
}

function countOf(all: readonly Computer[], state: Computer['watch']['state']): number {
  return all.filter(({ watch }) => watch.state === state).length
}
