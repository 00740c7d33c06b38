/** Reads the traces of earlier connections that the system itself keeps. */
import type { Trace } from '@shoukou/protocol'

export interface ReadTracesOptions {
  /** Below which all paths are looked for: `/`, or a folder of a test. */
  readonly root?: string
  /** Null: as far back as there is anything. */
  readonly fromWallMs: number | null
  readonly toWallMs: number
  /** Traces of the unit's own, approved network: left out. */
  readonly isOwn?: (trace: Trace) => boolean
  readonly signal?: AbortSignal
}

export interface TracesRead {
  /** By time, the latest first; those without any time last. */
  readonly traces: Trace[]
  /** Sources that could not be read, with why: `wtmp: permission denied`. */
  readonly unread: string[]
}

/** Reads all sources within 10 s; never throws: what could not be read is named in `unread`. */
export function readTraces(_options: ReadTracesOptions): Promise<TracesRead> {
  return Promise.resolve({ traces: [], unread: ['nothing is read yet'] })
}
