/**
 * `agent-tamper`: the control that the policy orders was released at the computer, or a layer of it in the kernel was
 * altered by somebody else.
 */
import type { Policy } from '@shoukou/protocol'
import { subjectOfRelease } from './incident-subjects.ts'
import type { Judgement, RecordOf } from './judgement.ts'

/** What the agent does of itself: another policy holds, it started under one, it is removed (which is told by itself). */
const orderedCauses: ReadonlySet<string> = new Set(['policy', 'start', 'removal'])

/**
 * A release that the policy orders (observe mode) is none. A release on a computer that is to enforce is recorded by the
 * agent that was told to do it there; whether it was an emergency is a person's to judge. A layer that could not be put
 * into force (`partly`, `not-in-force`) accuses nobody: it is the kernel's lack, and is in the record.
 */
export function judgeControl({ fact }: RecordOf<'control.state'>, policy: Policy): Judgement[] {
  const { group } = fact
  if (group === 'files' || fact.state !== 'released' || orderedCauses.has(fact.cause)) return []
  if (policy.settings.modes[group] === 'observe') return []
  return [
    {
      type: 'agent-tamper',
      evidence: {
        what: 'control-released',
        group,
        path: null,
        expectedHash: null,
        observedHash: null,
        serviceState: fact.cause,
        account: null,
        reason: fact.reason,
      },
      // An agent that starts says it again, for as long as it is so.
      incident: { kind: 'lasting', subject: subjectOfRelease(group) },
    },
  ]
}

/** Nobody but the agent has business there: whether it could be put back is told, and excuses nothing. */
export function judgeTampered({ fact }: RecordOf<'control.tampered'>): Judgement[] {
  return [
    {
      type: 'agent-tamper',
      evidence: {
        what: 'control-altered',
        group: fact.group,
        layer: fact.layer,
        alteration: fact.what,
        detail: fact.detail,
        isRestored: fact.isRestored,
        openMs: fact.openMs,
        path: null,
        expectedHash: null,
        observedHash: null,
        serviceState: null,
        account: null,
      },
    },
  ]
}
