/**
 * The agent's log: JSON lines on stderr, for operators. Evidence is the journal's work; nothing is only here.
 *
 * Messages are constant; values are fields. JSON escapes C0 controls by itself; `escapeLine` also escapes what would
 * still move a terminal's cursor or its writing direction.
 */
import { type Logger, pino } from 'pino'

export type Log = Logger

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Makes the log; `write` takes whole lines (stderr where not given). */
export function createLog(level: LogLevel, write?: (line: string) => void): Log {
  const sink = write ?? ((line: string) => void process.stderr.write(line))
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line) => sink(escapeLine(line)) },
  )
}

/** Escapes DEL, C1 controls, separators and bidirectional or invisible marks as JSON does, `\uXXXX`. */
export function escapeLine(line: string): string {
  return line.replace(hidden, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const hidden = /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g
