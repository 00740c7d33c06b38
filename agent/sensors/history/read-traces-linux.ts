/**
 * Reads the traces of earlier connections that the system itself keeps: profiles, leases, pairings, logins, the journal and
 * the logs. The same for the time before enrolment and for an absence: another span.
 *
 * Reads names, addresses and times; the passwords and keys that stand beside them are never taken. Only reads, never probes.
 */
import type { Trace } from '@shoukou/protocol'
import { traceOf } from './found-trace.ts'
import { HistoryFiles } from './history-files-linux.ts'
import { HISTORY_LIMITS } from './history-limits.ts'
import { TraceCollection } from './merge-traces.ts'
import { type NetworkManagerMemory, parseTimestamps } from './parse-network-manager.ts'
import { parseUtmp } from './parse-utmp.ts'
import { NETWORK_MANAGER_STATE, PROFILE_SOURCES } from './profile-sources.ts'
import { readJournal } from './read-journal-linux.ts'
import { readLogs } from './read-logs-linux.ts'

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
export async function readTraces(options: ReadTracesOptions): Promise<TracesRead> {
  const { root = '/', fromWallMs, toWallMs, isOwn = () => false } = options
  const timeout = AbortSignal.timeout(HISTORY_LIMITS.durationMsMax)
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout])
  const span = { fromWallMs, toWallMs }
  const files = new HistoryFiles(root, signal)
  const traces = new TraceCollection(span, HISTORY_LIMITS.traceMax, isOwn)
  // The small and certain come first, the long logs last: where time ends it, the least is missing.
  const steps: readonly (readonly [string, () => Promise<void>])[] = [
    ['profiles', () => readProfiles(files, traces)],
    ['wtmp', () => readLogins(files, traces)],
    ['systemd-journal', () => readJournal(files, traces, span, root)],
    ['syslog', () => readLogs(files, traces, span)],
  ]
  for (const [source, step] of steps) {
    if (!files.isOver) await step()
    if (files.isOver)
      files.note(source, timeout.aborted ? 'not wholly read within 10 s' : 'reading was ended')
  }
  if (traces.omitted > 0) files.note('all sources', `${traces.omitted} more traces than are told`)
  return { traces: traces.all(), unread: [...files.unread] }
}

const small = { bytesMax: HISTORY_LIMITS.smallFileBytesMax, wantsEnd: false } as const

async function readProfiles(files: HistoryFiles, traces: TraceCollection): Promise<void> {
  const memory = await readMemory(files)
  for (const { source, folder, names, parse } of PROFILE_SOURCES) {
    for (const path of await files.list(source, folder, names)) {
      const file = await files.read(source, path, small)
      if (file === null) continue
      const text = file.bytes.toString('latin1')
      for (const found of parse({ text, name: file.name, parent: file.parent }, memory))
        traces.add(traceOf(found, { source, path: file.path, writtenMs: file.writtenMs }))
    }
  }
}

async function readMemory(files: HistoryFiles): Promise<NetworkManagerMemory> {
  const file = await files.read('networkmanager', `${NETWORK_MANAGER_STATE}/timestamps`, small)
  return { lastUsedMs: file === null ? new Map() : parseTimestamps(file.bytes.toString('latin1')) }
}

async function readLogins(files: HistoryFiles, traces: TraceCollection): Promise<void> {
  for (const path of await files.list('wtmp', 'var/log', /^wtmp(?:[.-].*)?$/)) {
    const file = await files.read('wtmp', path, { bytesMax: HISTORY_LIMITS.logFileBytesMax, wantsEnd: false })
    if (file === null) continue
    const logins = parseUtmp(file.bytes)
    if (logins === null) files.note('wtmp', `${file.path} holds no records of a known layout`)
    for (const login of logins ?? [])
      traces.add(traceOf(login, { source: 'wtmp', path: file.path, writtenMs: null }))
  }
  const database = 'var/lib/wtmpdb/wtmp.db'
  if ((await files.writtenMs('wtmpdb', database)) !== null)
    files.note('wtmpdb', `/${database} is a database that is not read`)
}
