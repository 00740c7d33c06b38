/**
 * `agent-tamper`, as far as the agent's own records tell it: held still, altered, stopped, removed. Pure.
 *
 * Only what is proved accuses. A signal that stops a process is somebody's; a gap that has no reason is not. A program that
 * changed together with its version is told as that, and shown; nothing proves who did it.
 */
import { type EvidenceOf, type Policy, type Record, showRawText } from '@shoukou/protocol'
import type { Judgement, RecordOf } from './judgement.ts'

type Tamper = EvidenceOf<'agent-tamper'>

/** A span of the computer's clock in which watching is not proved. */
export interface UnprovenSpan {
  readonly cause: 'paused' | 'seals-not-proved' | 'program-changed'
  readonly fromMs: number
  readonly toMs: number
  readonly detail: string
  readonly epoch: string
  readonly seq: number
}

const nothing = {
  path: null,
  expectedHash: null,
  observedHash: null,
  serviceState: null,
  account: null,
} as const satisfies Partial<Tamper>

function tampered(evidence: Omit<Tamper, keyof typeof nothing> & Partial<Tamper>): Judgement {
  return { type: 'agent-tamper', evidence: { ...nothing, ...evidence } }
}

/** Held still by a stop signal: whoever sent it has the rights of the agent. */
export function judgePaused({ fact }: RecordOf<'agent.paused'>): Judgement[] {
  if (fact.cause !== 'stop-signal') return []
  const detail = fact.tracer === null ? null : showRawText(fact.tracer).slice(0, 1_000)
  return [tampered({ what: 'paused', openMs: Math.max(0, fact.pausedMs - fact.suspendedMs), detail })]
}

/** What tells that something is otherwise, and accuses nobody. */
const innocent: ReadonlySet<string> = new Set([
  'upgraded',
  'source-changed',
  'seal-key-lost',
  'restarted-anew',
])

export function judgeAltered({ fact }: RecordOf<'agent.altered'>): Judgement[] {
  if (innocent.has(fact.what)) return []
  const { thing, what, path, expectedHash, observedHash, serviceState, account, isRestored } = fact
  return [
    tampered({
      what: thing === 'configuration' || thing === 'policy' ? 'configuration-altered' : 'altered',
      layer: thing,
      alteration: what,
      isRestored,
      ...{ path, expectedHash, observedHash, serviceState, account },
      detail: fact.found,
    }),
  ]
}

/** Without a code that was good: an emergency, or not; that is a person's to judge. */
export function judgeRemoval({ fact }: RecordOf<'agent.removal'>): Judgement[] {
  if (fact.result !== 'forced') return []
  return [tampered({ what: 'removed', alteration: 'forced', account: fact.account, reason: fact.reason })]
}

/** Whether the policy orders control: what watches alone may be switched off for work on it. */
export function isEnforcing({ settings: { modes } }: Pick<Policy, 'settings'>): boolean {
  return modes.media === 'enforce' || modes.network === 'enforce'
}

/** A stop so short is a restart: of the service, of an upgrade, ms. */
export const restartMsMax = 120_000

/** What else ends an agent is the computer's end, its own fault, or its removal. */
const stopsAlone: ReadonlySet<string> = new Set(['signal', 'stopped-alone'])

/** What an earlier record said of a stop, until the next start. */
export interface ToldStop {
  readonly bootId: string
  readonly bootMs: number
  readonly reason: 'signal' | 'stopped-alone' | 'removal' | 'shutdown' | 'fault'
}

/**
 * A stop by a signal is proved to have been one of the agent alone where the same start of the kernel goes on: what ran
 * meanwhile was not watched. A computer that was shut down begins another.
 */
export function judgeRestart(
  record: RecordOf<'agent.started'>,
  stop: ToldStop | null,
  policy: Policy,
): Judgement[] {
  if (stop === null || !stopsAlone.has(stop.reason)) return []
  const downMs = Math.round(record.bootMs - stop.bootMs)
  if (record.bootId !== stop.bootId || downMs <= restartMsMax || !isEnforcing(policy)) return []
  return [
    {
      ...stoppedAlone(downMs),
      incident: { kind: 'once', subject: subjectOfStop(stop) },
    },
  ]
}

/** A stop of the agent alone, on a computer that went on; `downMs` null where it has not come back. */
export function stoppedAlone(downMs: number | null): Judgement {
  return tampered({ what: 'stopped', serviceState: 'stopped', openMs: downMs })
}

/** Names a stop, so that it is told once: while it lasts, or when it is over. */
export function subjectOfStop({ bootId, bootMs }: ToldStop): string {
  return `stopped/${bootId}/${Math.round(bootMs)}`
}

/** The span of a record in which watching is not proved; null where it tells of none. A sleeping computer does nothing. */
export function spanOf({ fact, wallMs, epoch, seq }: Record): UnprovenSpan | null {
  if (fact.kind === 'agent.paused') {
    const awakeMs = fact.pausedMs - fact.suspendedMs
    if (awakeMs <= 0 && fact.tracer === null) return null
    const toMs = fact.fromWallMs + fact.pausedMs
    return { cause: 'paused', fromMs: fact.fromWallMs, toMs, detail: fact.cause, epoch, seq }
  }
  if (fact.kind === 'agent.altered' && fact.thing === 'program') {
    return { cause: 'program-changed', fromMs: wallMs, toMs: wallMs, detail: fact.what, epoch, seq }
  }
  return null
}
