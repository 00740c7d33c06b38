/** Reads text logs of syslog daemons, rotated and packed ones too. Only reads. */
import { setImmediate as breathe } from 'node:timers/promises'
import { type FoundTrace, traceOf } from './found-trace.ts'
import type { HistoryFiles } from './history-files-linux.ts'
import { HISTORY_LIMITS } from './history-limits.ts'
import type { TraceCollection, TraceSpan } from './merge-traces.ts'
import { parseSyslogLine } from './parse-log-line.ts'
import { parseLogMessage, TELLING } from './parse-log-message.ts'

const LOGS = /^(?:syslog|messages|kern\.log|daemon\.log|NetworkManager|ppp\.log)(?:[.-].*)?$/
const unreadablePacking = /\.(?:xz|zst|bz2|lz4)$/
const linesPerSlice = 250

/** Adds what the logs tell, the newest file first. */
export async function readLogs(files: HistoryFiles, traces: TraceCollection, span: TraceSpan): Promise<void> {
  const found: { path: string; writtenMs: number }[] = []
  for (const path of await files.list('syslog', 'var/log', LOGS)) {
    const writtenMs = await files.writtenMs('syslog', path)
    if (writtenMs !== null) found.push({ path, writtenMs })
  }
  found.sort((a, b) => b.writtenMs - a.writtenMs)
  for (const { path, writtenMs } of found) {
    // Nothing in it is newer than its last writing.
    if (span.fromWallMs !== null && writtenMs < span.fromWallMs) continue
    if (unreadablePacking.test(path)) files.note('syslog', `/${path} is packed in a way that is not read`)
    else await readLog(files, traces, path)
  }
}

async function readLog(files: HistoryFiles, traces: TraceCollection, path: string): Promise<void> {
  const source = path.includes('/kern.log') ? 'kernel-log' : 'syslog'
  const read = await files.read(source, path, { bytesMax: HISTORY_LIMITS.logFileBytesMax, wantsEnd: true })
  if (read === null) return
  const place = { source, path: read.path, writtenMs: null }
  let count = 0
  for (const line of linesOf(read.bytes)) {
    count += 1
    if (count % linesPerSlice === 0) {
      await breathe()
      if (files.isOver) return
    }
    const trace = traceOfLine(line, read.writtenMs)
    if (trace !== null) traces.add(traceOf(trace, place))
  }
}

function traceOfLine(line: string, notAfterMs: number): FoundTrace | null {
  if (!TELLING.test(line)) return null
  const message = parseSyslogLine(line, notAfterMs)
  return message === null ? null : parseLogMessage(message)
}

/** Lines from the last to the first: where time ends the reading, the oldest are missing. */
function* linesOf(bytes: Buffer): Generator<string> {
  let end = bytes.length
  while (end > 0) {
    const start = bytes.lastIndexOf(0x0a, end - 1) + 1
    const cut = Math.min(end, start + HISTORY_LIMITS.lineBytesMax)
    if (cut > start) yield bytes.toString('latin1', start, cut)
    end = start - 1
  }
}
