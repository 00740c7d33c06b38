/** What a vitest run came to, from its own JSON report: how many, and which failed for what reason. */
import { readFile } from 'node:fs/promises'
import { stripVTControlCharacters } from 'node:util'

export interface VitestTally {
  readonly passed: number
  readonly failed: number
  readonly files: readonly FailedFile[]
}

export interface FailedFile {
  readonly path: string
  readonly passed: number
  readonly failed: number
  /** One line for each failed test, or for what ended the file. */
  readonly reasons: readonly string[]
}

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTotalTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message?: string
    readonly assertionResults: readonly {
      readonly status: string
      readonly fullName: string
      readonly failureMessages?: readonly string[]
    }[]
  }[]
}

const REASON_CHARACTERS_MAX = 300

/** Returns null where there is no report, or no test in it. A skipped test is a defect here, and counts as failed. */
export async function readVitestReport(path: string): Promise<VitestTally | null> {
  let report: Report
  try {
    report = JSON.parse(await readFile(path, 'utf8')) as Report
  } catch {
    return null
  }
  if (report.numTotalTests === 0) return null
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numPendingTests,
    files: report.testResults.filter(({ status }) => status !== 'passed').map(readFailedFile),
  }
}

function readFailedFile({ name, message, assertionResults }: Report['testResults'][number]): FailedFile {
  const failed = assertionResults.filter(({ status }) => status !== 'passed')
  const reasons = failed.map((one) => `${one.fullName}: ${firstLine(one.failureMessages?.[0] ?? one.status)}`)
  return {
    path: name,
    passed: assertionResults.length - failed.length,
    failed: failed.length,
    reasons: reasons.length > 0 ? reasons : [`the file did not come to its end: ${firstLine(message ?? '')}`],
  }
}

function firstLine(text: string): string {
  const line = stripVTControlCharacters(text).trim().split('\n')[0] ?? ''
  return line.length > REASON_CHARACTERS_MAX ? `${line.slice(0, REASON_CHARACTERS_MAX)}…` : line
}
