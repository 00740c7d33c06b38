/** Stored violations as the pages see them: the sentence first. Pure. */
import { citeBasis, type Headlined, headline, LEVEL_NAMES, violationById } from '@shoukou/protocol'
import { Compile } from 'typebox/compile'
import type { ViolationRow } from '../../store/ports.ts'
import { isLive } from '../../workflows/handling/handling-state.ts'
import type { Bilingual, ViolationItem } from '../contract.ts'

const checks = new Map<string, { Check(value: unknown): boolean }>()

/** Returns a violation as lists and the feed show it. */
export function violationItem(row: ViolationRow): ViolationItem {
  return {
    id: row.id,
    type: row.type,
    severity: row.severity,
    level: row.level,
    agent: row.agent,
    number: row.number,
    policyVersion: row.policyVersion,
    occurredAt: row.occurredAt,
    receivedAt: row.receivedAt,
    endedAt: row.endedAt,
    headline: headlineOf(row),
    standing: standingOf(row),
    place: row.standing?.place ?? row.id,
  }
}

function standingOf(row: ViolationRow): ViolationItem['standing'] {
  const { standing } = row
  if (standing === undefined)
    return {
      ...{ state: 'detected', disposition: null, isIncident: false, assignee: null, subject: null },
      ...{ repeatOf: null, repeats: 1, lastAt: row.receivedAt, isOngoing: false, exception: null },
      isLive: true,
    }
  const { place: _place, ...told } = standing
  return { ...told, isLive: isLive(row) }
}

/** Returns what the catalogue says of a type: its number, its name, and what it rests on. */
export function catalogueView(type: string): { number: number | null; name: Bilingual; basis: Bilingual[] } {
  const entry = violationById(type)
  if (entry === null) return { number: null, name: { zh: type, en: type }, basis: [] }
  return {
    number: entry.number,
    name: { zh: entry.name.zh, en: entry.name.en },
    basis: entry.basis.map((basis) => ({ zh: citeBasis(basis, 'zh'), en: citeBasis(basis, 'en') })),
  }
}

function headlineOf(row: ViolationRow): Bilingual {
  const evidence: unknown = JSON.parse(row.evidence)
  if (!isEvidence(row.type, evidence)) return plainHeadline(row)
  const headlined = { id: row.type, level: row.level, computer: row.number, evidence } as Headlined
  return { zh: headline(headlined, 'zh'), en: headline(headlined, 'en') }
}

/**
 * Evidence of years ago may have an older shape than the catalogue's of today: its violation is still told, by its
 * name. A list with one such row must not fail as a whole.
 */
function plainHeadline({ type, number, level }: ViolationRow): Bilingual {
  const { name } = catalogueView(type)
  const { zh, en } = LEVEL_NAMES[level]
  return { zh: `${zh}计算机 ${number}：${name.zh}`, en: `${name.en}: ${number} (${en} ${zh})` }
}

function isEvidence(type: string, evidence: unknown): boolean {
  const entry = violationById(type)
  if (entry === null) return false
  const check = checks.get(type) ?? Compile(entry.evidence)
  checks.set(type, check)
  return check.Check(evidence)
}
