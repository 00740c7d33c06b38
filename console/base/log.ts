/** The console's log: for operators, one JSON line each on standard error. The journal is the evidence, never this. */
import { type DestinationStream, type Logger, pino } from 'pino'

export type Log = Pick<Logger, 'info' | 'warn' | 'error' | 'debug'>

/**
 * What JSON leaves as it is and a terminal or an editor obeys: DEL and the C1 controls, line and paragraph separators,
 * marks of direction. Escaped as JSON has it, so that a line is one line and reads back to the same text.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to be found
const obeyed = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

/** Makes the log; `level` is one of pino's. Values go into fields, which JSON escapes; messages are constant. */
export function createLog(
  level: string = 'info',
  destination: DestinationStream = pino.destination({ dest: 2, sync: true }),
): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line) => destination.write(escapeLine(line)) },
  )
}

function escapeLine(line: string): string {
  return line.replaceAll(obeyed, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
