/**
 * The clock that nobody can set: time since boot, suspend included (CLOCK_BOOTTIME), and which boot it is.
 *
 * Without koffi it falls back to /proc/uptime, the same clock at a resolution of 10 ms.
 */
import { openSync, readSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { ShoukouError } from '@shoukou/protocol'
import { loadLibc } from './libc-linux.ts'

export interface BootClock {
  /** Random, new at each boot. */
  readonly bootId: string
  readonly source: 'clock_gettime' | 'proc-uptime'
  /** ms since boot; cheap enough to stamp every record. */
  nowMs(): number
}

const CLOCK_BOOTTIME = 7

/** Opens the clock. @throws ShoukouError `internal-error` where this kernel names no boot. */
export async function openBootClock(proc = '/proc'): Promise<BootClock> {
  const bootId = await readBootId(proc)
  try {
    const libc = await loadLibc()
    const cell = Buffer.alloc(16)
    const nowMs = (): number => {
      libc.clockGettime(CLOCK_BOOTTIME, cell)
      return Number(cell.readBigInt64LE(0)) * 1_000 + Number(cell.readBigInt64LE(8)) / 1e6
    }
    return { bootId, source: 'clock_gettime', nowMs }
  } catch {
    return { bootId, source: 'proc-uptime', nowMs: uptimeReader(proc) }
  }
}

/** Reads the identity of this boot. */
export async function readBootId(proc = '/proc'): Promise<string> {
  const text = (await readFile(`${proc}/sys/kernel/random/boot_id`, 'latin1')).trim()
  if (!/^[0-9a-f-]{36}$/.test(text)) throw new ShoukouError('internal-error', 'The kernel names no boot id.')
  return text
}

function uptimeReader(proc: string): () => number {
  // Held open for good: the descriptor ends with the process, as the clock does.
  const fd = openSync(`${proc}/uptime`, 'r')
  const buffer = Buffer.alloc(64)
  return () => {
    const length = readSync(fd, buffer, 0, 64, 0)
    return Number.parseFloat(buffer.toString('latin1', 0, length)) * 1_000
  }
}
