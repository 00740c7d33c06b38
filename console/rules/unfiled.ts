/**
 * `unregistered-computer`: an agent on a computer that the register has no filing of. Pure.
 *
 * Nobody is accused by a register that did not exist: what was enrolled before its first entry is a finding, not a violation.
 */
import type { HardwareFact } from '@shoukou/protocol'
import { isStableHardware } from '@shoukou/protocol/identity/hardware-parts.ts'
import type { Judgement } from './judgement.ts'

export interface FilingSeen {
  readonly isFiled: boolean
  readonly enrolledAt: number
  /** When the register got its first entry; null: it has none. */
  readonly firstEntryAt: number | null
}

/** `before`: not filed, and enrolled before there was a register. */
export type FilingStanding = 'filed' | 'before' | 'unfiled'

export function filingStanding({ isFiled, enrolledAt, firstEntryAt }: FilingSeen): FilingStanding {
  if (isFiled) return 'filed'
  return firstEntryAt === null || enrolledAt < firstEntryAt ? 'before' : 'unfiled'
}

/** Words it: the machine by a number of its own, what it called itself, on whose token it was enrolled, since when. */
export function unfiledComputer(seen: {
  readonly agent: string
  readonly hostname: string
  readonly hardware: readonly HardwareFact[]
  readonly account: string
  readonly enrolledAt: number
}): Extract<Judgement, { type: 'unregistered-computer' }> {
  const stable = seen.hardware.find(({ part }) => isStableHardware(part))
  return {
    type: 'unregistered-computer',
    evidence: {
      hardwareId: stable?.hash ?? seen.agent,
      hostname: seen.hostname === '' ? null : seen.hostname,
      account: seen.account === '' ? null : seen.account,
      firstSeenAtMs: seen.enrolledAt,
    },
  }
}
