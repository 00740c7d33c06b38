/**
 * Every connection, not a sample: 20,000 instant connections by 50 processes to 100 destinations, counted by the kernel,
 * told by this agent, seen by others; and what it costs what is approved. Runs in a network namespace and a cgroup of its
 * own, on this machine's kernel.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileProgram } from '../../lab/compile-program.ts'
import type { Bench } from '../bench.ts'

const TIMEOUT_MS = { quick: 170_000, full: 600_000 } as const

export const network: Bench = async ({ isQuick, say }) => {
  const plan = isQuick ? 'quick' : 'full'
  const folder = await mkdtemp(join(tmpdir(), 'shoukou-bench-network-'))
  try {
    const generator = await compileProgram(join(import.meta.dirname, '../../lab/netact'))
    const child = spawn(
      'unshare',
      ['--net', process.execPath, join(import.meta.dirname, 'inside.ts'), generator, folder, plan],
      { stdio: ['ignore', 'pipe', 'pipe'], timeout: TIMEOUT_MS[plan] },
    )
    let printed = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => say(chunk.trimEnd()))
    const [code] = (await once(child, 'close')) as [number | null]
    if (code !== 0) throw new Error(`the bench ended with ${code ?? 'a signal'}`)
    return JSON.parse(printed.trim().split('\n').at(-1) ?? '') as Readonly<Record<string, number>>
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
