/** What is known of a computer's time, as `coverage-minutes.ts` takes it: the store's rows, and what register and policies say. */
import type { PolicySettings } from '@shoukou/protocol'

/** A stretch of one journal without a hole and without a start. */
export interface WatchedRun {
  readonly epoch: string
  readonly firstSeq: number
  readonly lastSeq: number
  readonly bootId: string | null
  readonly began:
    | 'first-start'
    | 'clean-stop'
    | 'unclean-stop'
    | 'gap'
    | 'enrolled'
    | 'journal-lost'
    | 'console-ahead'
    | 'unknown'
  readonly fromMs: number
  readonly toMs: number
  readonly stop: {
    readonly reason: 'signal' | 'stopped-alone' | 'removal' | 'shutdown' | 'fault'
    readonly atMs: number
    readonly seq: number
  } | null
}

export interface WatchMark {
  readonly kind: 'sensor' | 'overflow' | 'paused' | 'clock' | 'loss' | 'policy' | 'control'
  readonly epoch: string
  readonly seq: number
  readonly fromMs: number
  readonly toMs: number
  readonly name: string
  readonly value: string
}

export interface HeardTime {
  readonly fromMs: number
  readonly toMs: number
  readonly isSkewed: boolean
  readonly sensors: Readonly<Record<string, string>> | null
}

export interface ToldPolicy {
  readonly version: number
  readonly createdAt: number
  readonly requiredSensors: readonly string[]
  readonly modes: Pick<PolicySettings['modes'], 'media' | 'network'>
}

export interface CoverageEvidence {
  readonly enrolledAt: number
  /** When its identity was taken away, or a later enrolment took its place; null: it is in force. */
  readonly endedAt: number | null
  readonly runs: readonly WatchedRun[]
  readonly marks: readonly WatchMark[]
  readonly heard: readonly HeardTime[]
  readonly unproven: readonly {
    readonly cause: string
    readonly fromMs: number
    readonly toMs: number
    readonly epoch: string
    readonly seq: number
  }[]
  readonly silences: readonly {
    readonly violation: number
    readonly fromMs: number
    readonly toMs: number | null
  }[]
  readonly gaps: readonly {
    readonly epoch: string
    readonly firstSeq: number
    readonly lastSeq: number
    readonly state: 'pending' | 'declared' | 'undeclared'
  }[]
  /** In the order of their versions. */
  readonly policies: readonly ToldPolicy[]
  /** When the register has it in repair; `toMs` null: still. */
  readonly repairs: readonly { readonly fromMs: number; readonly toMs: number | null }[]
}
