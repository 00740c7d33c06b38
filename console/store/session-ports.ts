/** What the store tells of people's sessions at a computer. Part of the store's interface: see `ports.ts`. */
import type { RunBegan, RunStop } from './journal-runs.ts'

export interface SessionRecordRow {
  readonly epoch: string
  readonly seq: number
  readonly wallMs: number
  readonly raw: Uint8Array
}

/** A run of the agent, as much as says until when a session was seen. */
export interface AgentRunRow {
  readonly epoch: string
  readonly firstSeq: number
  readonly lastSeq: number
  readonly bootId: string | null
  readonly began: RunBegan
  readonly fromMs: number
  readonly toMs: number
  readonly stop: Pick<RunStop, 'reason' | 'atMs'> | null
}

export interface SessionStore {
  /**
   * Records of sessions by the computer's clock, oldest first: those of a span, at most `limit` and the newest of them, and
   * up to `around` before and after it.
   */
  sessionRecords(
    agent: string,
    span: { readonly fromMs: number; readonly toMs: number },
    limits: { readonly limit: number; readonly around: number },
  ): Promise<readonly SessionRecordRow[]>
  /** Runs of a computer's agent that end at a moment or later, oldest first: at most `limit`, the newest of them. */
  agentRuns(agent: string, endedSinceMs: number, limit: number): Promise<readonly AgentRunRow[]>
}
