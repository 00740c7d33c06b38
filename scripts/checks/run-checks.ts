/** Runs checks one after another, all of them, and says at the end what passed and what failed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Check {
  readonly title: string
  /** A program of the project (`node_modules/.bin`), and its parameters. */
  readonly command: readonly [string, ...string[]]
  /** A vitest run counts by its tests; anything else is one. */
  readonly kind: 'one' | 'vitest'
  /**
   * Files of a vitest run that failed are run once more, each alone, and count as they end then; both ends are printed.
   * For scenarios on emulated hardware, which a busy machine slows beyond what they wait for: nothing else may use it.
   */
  readonly mayRunAgain?: boolean
}

/** More failed files than this are no busy machine. */
const againFilesMax = 3

export interface Tally {
  readonly passed: number
  readonly failed: number
}

/** Runs the checks; prints `N passed, N failed` last. Returns the sum. */
export async function runChecks(checks: readonly Check[]): Promise<Tally> {
  let total: Tally = { passed: 0, failed: 0 }
  const lines: string[] = []
  for (const check of checks) {
    process.stdout.write(`\n── ${check.title}\n`)
    const began = performance.now()
    const tally = check.kind === 'vitest' ? await runVitest(check) : await runOne(check)
    const seconds = ((performance.now() - began) / 1_000).toFixed(1)
    const mark = tally.failed === 0 ? '✓' : '✗'
    lines.push(
      `${mark} ${check.title.padEnd(34)} ${tally.passed} passed, ${tally.failed} failed  (${seconds} s)`,
    )
    total = { passed: total.passed + tally.passed, failed: total.failed + tally.failed }
  }
  process.stdout.write(`\n${lines.join('\n')}\n${total.passed} passed, ${total.failed} failed\n`)
  return total
}

async function runOne({ command }: Check): Promise<Tally> {
  return (await run(command)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

/** A run that ended badly without a failed test (a crash, a file that did not load) is one failure. */
async function runVitest({ command, mayRunAgain }: Check): Promise<Tally> {
  const first = await runVitestOnce(command)
  const again = mayRunAgain === true ? first.failedFiles : []
  if (again.length === 0 || again.length > againFilesMax) return first
  let tally = withoutFiles(first)
  for (const file of again) {
    const name = relative(root, file)
    process.stdout.write(`\n${name} failed: once more, alone\n`)
    const second = await runVitestOnce([...command, '--maxWorkers=1', name])
    process.stdout.write(`${name}, alone: ${second.passed} passed, ${second.failed} failed\n`)
    tally = { passed: tally.passed + second.passed, failed: tally.failed + second.failed }
  }
  return tally
}

interface VitestTally extends Tally {
  readonly failedFiles: readonly string[]
  /** Of the failed files alone. */
  readonly inFailedFiles: Tally
}

const one: VitestTally = { passed: 0, failed: 1, failedFiles: [], inFailedFiles: { passed: 0, failed: 0 } }

/** A run that ended badly without a failed test. Where no file is to blame, none is run again. */
function withOneFailed({ inFailedFiles, ...tally }: VitestTally): VitestTally {
  const isOfFile = tally.failedFiles.length > 0
  return {
    ...tally,
    failed: 1,
    inFailedFiles: { ...inFailedFiles, failed: inFailedFiles.failed + (isOfFile ? 1 : 0) },
  }
}

function withoutFiles({ passed, failed, inFailedFiles }: VitestTally): Tally {
  return { passed: passed - inFailedFiles.passed, failed: failed - inFailedFiles.failed }
}

async function runVitestOnce(command: Check['command']): Promise<VitestTally> {
  const folder = await mkdtemp(join(tmpdir(), 'shoukou-checks-'))
  const report = join(folder, 'report.json')
  try {
    const code = await run([
      ...command,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ])
    const tally = await readReport(report)
    if (tally === null) return one
    return code !== 0 && tally.failed === 0 ? withOneFailed(tally) : tally
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function readReport(path: string): Promise<VitestTally | null> {
  try {
    const report = JSON.parse(await readFile(path, 'utf8')) as {
      numPassedTests: number
      numFailedTests: number
      numPendingTests: number
      numTotalTests: number
      testResults: {
        name: string
        status: string
        assertionResults: { status: string }[]
      }[]
    }
    // A skipped test is a defect here; no test at all is one too.
    if (report.numTotalTests === 0) return null
    const failedFiles = report.testResults.filter(({ status }) => status !== 'passed')
    const results = failedFiles.flatMap(({ assertionResults }) => assertionResults)
    const passedThere = results.filter(({ status }) => status === 'passed').length
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + report.numPendingTests,
      failedFiles: failedFiles.map(({ name }) => name),
      inFailedFiles: { passed: passedThere, failed: results.length - passedThere },
    }
  } catch {
    return null
  }
}

async function run([program, ...parameters]: readonly [string, ...string[]]): Promise<number> {
  const bin = join(root, 'node_modules', '.bin')
  const child = spawn(join(bin, program), parameters, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` },
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}
