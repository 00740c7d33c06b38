/** Lines of text logs and of `journalctl -o json` to messages. Pure. */
import { takeLogTime } from './log-time.ts'
import type { LogMessage } from './parse-log-message.ts'

/** Reads `TIME HOST PROGRAM[PID]: MESSAGE`; null where a line has no such head. */
export function parseSyslogLine(line: string, notAfterMs: number): LogMessage | null {
  const { wallMs, rest } = takeLogTime(line, notAfterMs)
  const head = /^\S+ ([^\s:[]+)(?:\[\d+\])?: ?(.*)$/.exec(rest)
  if (head?.[1] === undefined || wallMs === null) return null
  // `/usr/sbin/pppd` and `(pppd)` are pppd.
  const program = head[1].split('/').at(-1)?.replaceAll(/[()]/g, '') ?? ''
  return { program, message: head[2] ?? '', wallMs }
}

/** Reads one object of `journalctl -o json`: a message that is no UTF-8 comes as an array of bytes. */
export function parseJournalLine(line: string): LogMessage | null {
  let entry: unknown
  try {
    entry = JSON.parse(line)
  } catch {
    // A line that was cut: the caller counts nothing for it.
    return null
  }
  if (typeof entry !== 'object' || entry === null) return null
  const fields = entry as Readonly<Record<string, unknown>>
  const message = latin1Of(fields['MESSAGE'])
  const microseconds = Number(fields['__REALTIME_TIMESTAMP'])
  if (message === null || !(microseconds > 0)) return null
  const isKernel = fields['_TRANSPORT'] === 'kernel'
  const program = isKernel ? 'kernel' : (latin1Of(fields['SYSLOG_IDENTIFIER']) ?? '')
  return { program, message, wallMs: Math.floor(microseconds / 1_000) }
}

function latin1Of(value: unknown): string | null {
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('latin1')
  if (Array.isArray(value) && value.every((byte) => typeof byte === 'number'))
    return Buffer.from(value).toString('latin1')
  return null
}
