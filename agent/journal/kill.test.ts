import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import {
  makeFolderForTest,
  makeJournalFolder,
  openTestJournal,
  readAll,
  segmentFiles,
} from '../testing/journal-bench.ts'
import { testAgent } from '../testing/test-facts.ts'
import { verifyEpoch } from './verify-journal.ts'

const child = fileURLToPath(new URL('../testing/append-child.ts', import.meta.url))

interface Writer {
  readonly process: ChildProcess
  readonly lines: string[]
}

function start(command: string, args: readonly string[]): Writer {
  const started = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines: string[] = []
  let rest = ''
  started.stdout.on('data', (data: Buffer) => {
    const parts = (rest + data.toString('utf8')).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
  })
  return { process: started, lines }
}

async function untilSaid(writer: Writer, wanted: string, times = 1): Promise<void> {
  const deadline = performance.now() + 40_000
  while (writer.lines.filter((line) => line.startsWith(wanted)).length < times) {
    if (performance.now() > deadline || writer.process.exitCode !== null)
      throw new Error(`the writer did not say ${wanted} ${times} times`)
    await sleep(5)
  }
}

describe('journal of a process that is killed', () => {
  it('keeps every record that was reported, repeats no number, and its chain holds', {
    timeout: 120_000,
  }, async () => {
    const folder = await makeJournalFolder()
    const reported = new Map<number, string>()
    for (let round = 0; round < 5; round += 1) {
      const writer = start(process.execPath, [child, folder])
      await untilSaid(writer, 'at ', 45)
      await sleep(7 * round)
      writer.process.kill('SIGKILL')
      await once(writer.process, 'close')
      for (const line of writer.lines) {
        const [, seq, number] = /^at (\d+) (\d+)$/.exec(line) ?? []
        if (seq === undefined || number === undefined) continue
        expect(reported.has(Number(seq))).toBe(false)
        reported.set(Number(seq), number)
      }
    }
    expect(reported.size).toBeGreaterThan(200)
    const journal = await openTestJournal(folder)
    const { seqs, facts, gaps } = await readAll(journal)
    await journal.close()
    expect(gaps).toEqual([])
    expect(new Set(seqs).size).toBe(seqs.length)
    for (const [seq, number] of reported) expect(facts[seqs.indexOf(seq)]).toMatchObject({ id: number })
    const verdict = await verifyEpoch(
      dirname((await segmentFiles(folder))[0] ?? ''),
      journal.end.epoch,
      testAgent,
    )
    expect(verdict.faults).toEqual([])
  })
})

describe('journal on a full disk', () => {
  it('waits, says so, and loses nothing that it took in once there is room', {
    timeout: 120_000,
  }, async () => {
    // A real file system of two megabytes, in a mount namespace of its own: needs no root where user namespaces do.
    const top = await makeFolderForTest()
    const script = `
      mount -t tmpfs -o size=2m none "$1" && mkdir "$1/journal" && head -c 1200000 /dev/zero > "$1/ballast" || exit 9
      "$2" "$3" "$1/journal" 150 9000 & writer=$!
      read -r _; rm "$1/ballast"; wait $writer; echo done $?
      "$2" "$4" "$1/journal"`
    const reader = fileURLToPath(new URL('../testing/read-child.ts', import.meta.url))
    const writer = start('unshare', [
      '--user',
      '--map-root-user',
      '--mount',
      'sh',
      '-c',
      script,
      'sh',
      top,
      process.execPath,
      child,
      reader,
    ])
    const closed = once(writer.process, 'close')
    await untilSaid(writer, 'fault ENOSPC')
    // It waits for room now, however long that takes.
    writer.process.stdin?.write('\n')
    await closed
    expect(writer.lines).toContain('done 0')
    expect(writer.lines.filter((line) => line.startsWith('at '))).toHaveLength(150)
    expect(writer.lines.filter((line) => line.startsWith('lost '))).toEqual([])
    // The epoch's opening and the start of a lost journal come before the 150.
    expect(writer.lines.at(-1)).toBe('records 151 gaps 0 faults 0')
  })
})
