/** Runs checks one after another, all of them, and says at the end what passed and what failed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type FailedFile, readVitestReport, type VitestTally } from './vitest-report.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Check {
  readonly title: string
  /** A program of the project (`node_modules/.bin`), and its parameters. */
  readonly command: readonly [string, ...string[]]
  /** A vitest run counts by its tests; anything else is one. */
  readonly kind: 'one' | 'vitest'
  /**
   * Files of a vitest run that failed are run once more, each alone, and count as they end then; both ends are printed,
   * and named once more at the end. For what a busy machine slows beyond what it waits for: hardware that is emulated,
   * real processes and browsers beside each other.
   */
  readonly mayRunAgain?: boolean
}

/** More failed files than this are no busy machine. */
const againFilesMax = 3

export interface Tally {
  readonly passed: number
  readonly failed: number
}

interface Outcome extends Tally {
  /** What failed, and what failed once and held when it was run again: lines to stand at the end. */
  readonly remarks: readonly string[]
}

/** Runs the checks; prints what failed, and `N passed, N failed` last. Returns the sum. */
export async function runChecks(checks: readonly Check[]): Promise<Tally> {
  let total: Tally = { passed: 0, failed: 0 }
  const lines: string[] = []
  const remarks: string[] = []
  for (const check of checks) {
    process.stdout.write(`\n── ${check.title}\n`)
    const began = performance.now()
    const outcome = check.kind === 'vitest' ? await runVitest(check) : await runOne(check)
    const seconds = ((performance.now() - began) / 1_000).toFixed(1)
    const mark = outcome.failed === 0 ? '✓' : '✗'
    lines.push(
      `${mark} ${check.title.padEnd(34)} ${outcome.passed} passed, ${outcome.failed} failed  (${seconds} s)`,
    )
    remarks.push(...outcome.remarks)
    total = { passed: total.passed + outcome.passed, failed: total.failed + outcome.failed }
  }
  process.stdout.write(
    `\n${[...lines, ...remarks].join('\n')}\n${total.passed} passed, ${total.failed} failed\n`,
  )
  return total
}

async function runOne({ command, title }: Check): Promise<Outcome> {
  if ((await run(command)) === 0) return { passed: 1, failed: 0, remarks: [] }
  return { passed: 0, failed: 1, remarks: [`  failed: ${title}`] }
}

async function runVitest({ command, mayRunAgain, title }: Check): Promise<Outcome> {
  const first = await runVitestOnce(command)
  if (first === null) return { passed: 0, failed: 1, remarks: [`  failed: ${title}: it told no result`] }
  const isAgain = mayRunAgain === true && first.files.length > 0 && first.files.length <= againFilesMax
  if (!isAgain) return { ...first, remarks: first.files.flatMap((file) => remarksOn('failed', file)) }
  let { passed, failed } = first
  const remarks: string[] = []
  for (const file of first.files) {
    const name = relative(root, file.path)
    process.stdout.write(`\n${name} failed: once more, alone\n`)
    const second = await runVitestOnce([...command, '--maxWorkers=1', name])
    passed += (second?.passed ?? 0) - file.passed
    failed += (second?.failed ?? 1) - file.failed
    const hasHeld = second !== null && second.failed === 0
    remarks.push(...remarksOn(hasHeld ? 'failed once, held alone' : 'failed', file))
    if (!hasHeld)
      remarks.push(...(second?.files.flatMap((one) => remarksOn('failed again, alone', one)) ?? []))
  }
  return { passed, failed, remarks }
}

function remarksOn(what: string, { path, reasons }: FailedFile): string[] {
  return reasons.map((reason) => `  ${what}: ${relative(root, path)}: ${reason}`)
}

/** A run that ended badly without a failed test (a crash, a file that did not load) is one failure. */
async function runVitestOnce(command: Check['command']): Promise<VitestTally | null> {
  const folder = await mkdtemp(join(tmpdir(), 'shoukou-checks-'))
  const report = join(folder, 'report.json')
  try {
    const code = await run([
      ...command,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ])
    const tally = await readVitestReport(report)
    if (tally === null || code === 0 || tally.failed > 0) return tally
    const [file, ...others] = tally.files
    return { ...tally, failed: 1, files: file === undefined ? [] : [{ ...file, failed: 1 }, ...others] }
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function run([program, ...parameters]: readonly [string, ...string[]]): Promise<number> {
  const bin = join(root, 'node_modules', '.bin')
  const child = spawn(join(bin, program), parameters, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      // Tests start hundreds of agents and consoles from their sources: a third of each start is compiling.
      NODE_COMPILE_CACHE: join(root, '.cache', 'compiled'),
      ...process.env,
      PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    },
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}
