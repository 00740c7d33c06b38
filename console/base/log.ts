/** The console's log: for operators, one JSON line each on standard error. The journal is the evidence, never this. */
import { type Logger, pino } from 'pino'

export type Log = Pick<Logger, 'info' | 'warn' | 'error' | 'debug'>

/** Makes the log; `level` is one of pino's. Values go into fields, which JSON escapes; messages are constant. */
export function createLog(level: string = 'info'): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  )
}
