/** From the records of wtmp to the traces of who came in from another computer, and until when. Pure, never throws. */
import {
  BOOT_TIME,
  DEAD_PROCESS,
  isOwnScreen,
  parseUtmpRecords,
  USER_PROCESS,
  type UtmpRecord,
} from '../../base/parse-utmp-records.ts'
import type { FoundTrace } from './found-trace.ts'

interface OpenLogin {
  readonly trace: FoundTrace
  readonly beganMs: number
}

/** Returns the logins with a host that is not this computer's own screen; null where the bytes are no utmp records. */
export function parseUtmp(bytes: Buffer): FoundTrace[] | null {
  const records = parseUtmpRecords(bytes)
  if (records === null) return null
  const found: FoundTrace[] = []
  const open = new Map<string, OpenLogin>()
  const close = (line: string, endMs: number | null): void => {
    const login = open.get(line)
    if (login === undefined) return
    open.delete(line)
    found.push(endMs === null ? login.trace : { ...login.trace, lastWallMs: Math.max(login.beganMs, endMs) })
  }
  for (const record of records) {
    const { type } = record
    const wallMs = wholeSeconds(record)
    const line = record.line.toString('latin1')
    if (type === BOOT_TIME) for (const other of [...open.keys()]) close(other, null)
    if (type === DEAD_PROCESS) close(line, wallMs)
    if (type !== USER_PROCESS) continue
    close(line, null)
    const trace = loginOf(record)
    if (trace !== null) open.set(line, { trace, beganMs: wallMs })
  }
  for (const line of [...open.keys()]) close(line, null)
  return found
}

function loginOf(record: UtmpRecord): FoundTrace | null {
  const { user, line, host, address } = record
  if (isOwnScreen(host) && address === null) return null
  const from = host.length === 0 ? (address ?? '') : host.toString('latin1')
  return {
    kind: 'remote-login',
    text: `${user.toString('latin1')} on ${line.toString('latin1')} from ${from}`,
    peer: address ?? from,
    firstWallMs: wholeSeconds(record),
    lastWallMs: wholeSeconds(record),
    certainty: 'certain',
  }
}

function wholeSeconds({ wallMs }: UtmpRecord): number {
  return Math.floor(wallMs / 1_000) * 1_000
}
