/** Facts and records for tests, and for the child processes that tests kill. */
import { encodeRecord, type Fact } from '@shoukou/protocol'
import type { BuildRecord } from '../journal/append-queue.ts'

export const testAgent = 'agent-under-test'

/** Stamps facts as a real agent would, with times that tests can compare. */
export function buildFact(fact: Fact): BuildRecord {
  return ({ epoch, seq }) =>
    encodeRecord({
      v: 1,
      agent: testAgent,
      epoch,
      seq,
      wallMs: 1_700_000_000_000 + seq,
      bootMs: seq,
      bootId: '00000000-0000-4000-8000-000000000000',
      agentVersion: '0.1.0',
      policyVersion: 1,
      level: 'confidential',
      networkMode: 'classified-lan',
      sensor: 'agent',
      fact,
      decision: null,
    })
}

/** A fact that carries a number, to be found again. */
export function numbered(number: number, padding = ''): Fact {
  return { kind: 'command.done', id: String(number), name: 'rescan', outcome: `n${padding}` }
}

/** A file fact of about so many bytes: the least important kind. */
export function fileFact(path: string): Fact {
  return {
    kind: 'file.activity',
    operation: 'created',
    entry: 'file',
    root: '/media/stick',
    path,
    renamedFrom: null,
    sizeBytes: 1,
    isOnMedium: true,
    source: 'event',
  }
}

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error'
  readonly fields: object
  readonly message: string
}

export function memoryLog(lines: LogLine[] = []) {
  const at = (level: LogLine['level']) => (fields: object, message: string) =>
    void lines.push({ level, fields, message })
  return { lines, info: at('info'), warn: at('warn'), error: at('error') }
}
