/**
 * Reads the systemd journal through journalctl, which knows its binary files: newest first, only what could tell of a
 * connection, bounded in bytes and time. Only reads.
 */
import { spawn } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { traceOf } from './found-trace.ts'
import type { HistoryFiles } from './history-files-linux.ts'
import { HISTORY_LIMITS } from './history-limits.ts'
import type { TraceCollection, TraceSpan } from './merge-traces.ts'
import { parseJournalLine } from './parse-log-line.ts'
import { parseLogMessage } from './parse-log-message.ts'

const SOURCE = 'systemd-journal'
const PROGRAMS = [
  ...['NetworkManager', 'wpa_supplicant', 'systemd-networkd', 'ModemManager', 'bluetoothd'],
  ...['pppd', 'dhclient', 'dhcpcd', 'udhcpc', 'wvdial', 'xl2tpd'],
]
const JOURNALCTL = ['usr/bin/journalctl', 'bin/journalctl']
const FOLDERS = ['var/log/journal', 'run/log/journal']
const FIELDS = '--output-fields=MESSAGE,SYSLOG_IDENTIFIER,_TRANSPORT'
const jsonLineMax = 65_536
/** It ends well where it passed over a file, and says so on the side. */
const faulty = /ignoring|corrupt|truncated|denied|Failed|Bad message/i

/** Adds what the journal tells; nothing where this computer has none. */
export async function readJournal(
  files: HistoryFiles,
  traces: TraceCollection,
  span: TraceSpan,
  root: string,
): Promise<void> {
  const folders = FOLDERS.filter((folder) => journalFiles(files.at(folder)).length > 0)
  if (folders.length === 0) return
  const program = JOURNALCTL.map((path) => `/${path}`).find((path) => existsSync(path))
  if (program === undefined) {
    files.note(SOURCE, `journalctl is not installed; /${folders[0]} was not read`)
    return
  }
  // Without permission journalctl ends well and gives what little it may: that must not pass for all there is.
  if (folders.some((folder) => journalFiles(files.at(folder)).some(isRefused)))
    files.note(SOURCE, 'permission denied')
  // A computer has one of the two: on disk, or for this boot alone.
  const places = root === '/' ? [null] : folders.map((folder) => files.at(folder))
  for (const place of places) {
    const isKnown = await readOne(program, [FIELDS, ...argumentsFor(place, span)], files, traces)
    // Before systemd 236 there was no such option; then all fields come.
    if (!isKnown) await readOne(program, argumentsFor(place, span), files, traces)
  }
}

function journalFiles(folder: string): string[] {
  try {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    return names.filter((name) => /\.journal~?$/.test(name)).map((name) => `${folder}/${name}`)
  } catch (error) {
    // Absent, this computer has no such journal; refused, the folder stands for what is in it.
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? [folder] : []
  }
}

function isRefused(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return false
  } catch {
    // A file that is rotated away meanwhile is no hole.
    return existsSync(path)
  }
}

function argumentsFor(folder: string | null, { fromWallMs, toWallMs }: TraceSpan): string[] {
  return [
    ...['--output=json', '--no-pager', '--quiet', '--reverse'],
    ...(folder === null ? [] : [`--directory=${folder}`]),
    ...(fromWallMs === null ? [] : [`--since=@${Math.floor(fromWallMs / 1_000)}`]),
    `--until=@${Math.ceil(toWallMs / 1_000)}`,
    '_TRANSPORT=kernel',
    ...PROGRAMS.flatMap((name) => ['+', `SYSLOG_IDENTIFIER=${name}`]),
  ]
}

/** Returns false where this journalctl does not know an option that it was given. */
async function readOne(
  program: string,
  args: readonly string[],
  files: HistoryFiles,
  traces: TraceCollection,
): Promise<boolean> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
    signal: files.signal,
    killSignal: 'SIGKILL',
  })
  const ended = new Promise<{ code: number | null; why: string }>((resolve) => {
    let why = ''
    child.stderr.on('data', (chunk: Buffer) => {
      if (why.length < 500) why += chunk.toString('latin1')
    })
    child.on('error', (error) => resolve({ code: -1, why: error.message }))
    child.on('close', (code) => resolve({ code, why }))
  })
  const isWhole = await readLines(child.stdout, files, traces)
  if (!isWhole) child.kill('SIGKILL')
  const { code, why } = await ended
  if (files.isOver) return true
  if (code !== 0 && /unrecognized option/.test(why) && args.includes(FIELDS)) return false
  if (!isWhole)
    files.note(SOURCE, `longer than ${HISTORY_LIMITS.journalBytesMax} bytes; the oldest was not read`)
  else if (code !== 0 || faulty.test(why))
    files.note(SOURCE, why.trim().split('\n', 1)[0] || `journalctl ended with ${code}`)
  return true
}

/** Returns false where it was longer than may be read. */
async function readLines(
  stream: AsyncIterable<Buffer>,
  files: HistoryFiles,
  traces: TraceCollection,
): Promise<boolean> {
  let left: number = HISTORY_LIMITS.journalBytesMax
  let rest = ''
  try {
    for await (const chunk of stream) {
      left -= chunk.length
      const lines = (rest + chunk.toString('latin1')).split('\n')
      rest = (lines.pop() ?? '').slice(0, jsonLineMax)
      for (const line of lines) addLine(line, traces)
      if (left <= 0) return false
    }
  } catch {
    // The stream was ended with the process: time is over, which is said of the whole reading.
    if (!files.isOver) files.note(SOURCE, 'journalctl ended early')
  }
  return true
}

function addLine(line: string, traces: TraceCollection): void {
  if (line.length === 0 || line.length > jsonLineMax) return
  const message = parseJournalLine(Buffer.from(line, 'latin1').toString('utf8'))
  const found = message === null ? null : parseLogMessage(message)
  if (found !== null) traces.add(traceOf(found, { source: SOURCE, path: null, writtenMs: null }))
}
