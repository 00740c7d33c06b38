/**
 * `media-missing` and `media-year-end-overdue`: what the register says of media that are not where they belong. Pure.
 *
 * Nobody is accused by a campaign that did not run: of a year whose hand-in was over before clocks were kept here, nothing
 * is known.
 */
import type { Level } from '@shoukou/protocol'
import { dayIn, endOfDay } from './deadlines.ts'
import type { Judgement } from './judgement.ts'

export interface LostMedium {
  readonly number: string
  readonly level: Level
  readonly custodian: string
  /** When it was reported missing. */
  readonly at: number
}

/** After these days a carrier that nobody finds counts as a leak. */
export function missingDays(level: Level): 10 | 60 {
  return level === 'top-secret' ? 10 : 60
}

export function mediumMissing(
  { number, level, custodian, at }: LostMedium,
  lastSeen: { readonly at: number; readonly computer: string } | null,
): Extract<Judgement, { type: 'media-missing' }> {
  return {
    type: 'media-missing',
    evidence: {
      medium: { number, level },
      custodian: custodian === '' ? null : custodian,
      lastSeenAtMs: lastSeen?.at ?? null,
      lastSeenComputer: lastSeen?.computer ?? null,
      foundMissingAtMs: at,
      limitDays: missingDays(level),
    },
  }
}

export interface HandInRule {
  readonly zone: string
  readonly month: number
  readonly day: number
}

export interface HandInCampaign {
  readonly year: number
  /** The end of its last day. */
  readonly dueAt: number
}

/** Returns the campaign that is under way, or is the next one to come. */
export function nextCampaign(now: number, rule: HandInRule): HandInCampaign {
  const { year } = dayIn(now, rule.zone)
  const own = campaignOf(year, rule)
  return own.dueAt > now ? own : campaignOf(year + 1, rule)
}

/** Returns the campaign that was over last; null where that was before `since`. */
export function lastCampaign(now: number, rule: HandInRule, since: number): HandInCampaign | null {
  const last = campaignOf(nextCampaign(now, rule).year - 1, rule)
  return last.dueAt > since ? last : null
}

export function notHandedIn(
  { number, level, custodian }: Omit<LostMedium, 'at'>,
  { dueAt }: HandInCampaign,
  now: number,
): Extract<Judgement, { type: 'media-year-end-overdue' }> {
  return {
    type: 'media-year-end-overdue',
    evidence: { medium: { number, level }, custodian, dueAtMs: dueAt, daysLate: daysLate(dueAt, now) },
  }
}

/** Whole days, the one under way among them. */
export function daysLate(dueAt: number, now: number): number {
  return Math.max(0, Math.ceil((now - dueAt) / 86_400_000))
}

function campaignOf(year: number, { zone, month, day }: HandInRule): HandInCampaign {
  return { year, dueAt: endOfDay({ year, month, day }, zone) }
}
