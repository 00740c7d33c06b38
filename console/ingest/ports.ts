/** What the link hands in, and gets back. */
import type { Coverage, HeartbeatFrame, HelloFrame, Position, RecordsFrame } from '@shoukou/protocol'

/** One agent's connection, from hello to close. Calls come one after another. */
export interface AgentSession {
  /** What the console has of the journal that hello named. */
  readonly stored: Position | null
  /** Stores a frame; returns the journal's new end once it is committed. Throws ShoukouError; then nothing is stored. */
  records(frame: RecordsFrame): Promise<Position | null>
  heartbeat(frame: HeartbeatFrame): Promise<void>
  closed(): Promise<void>
}

export interface Ingest {
  open(agent: string, hello: HelloFrame): Promise<AgentSession>
}

export type { Coverage }
