/** `shoukou-console verify --archive FILE`: proves archives by themselves, on any machine. Exit code 0 where nothing was altered. */
import { resolve } from 'node:path'
import { ShoukouError, showRawText } from '@shoukou/protocol'
import { readComputerNumbers } from '../store/verify/computer-numbers.ts'
import { type ArchiveReport, verifyArchive } from '../trail/verify-archive.ts'
import type { Arguments } from './arguments.ts'
import { findingLine } from './verify-words.ts'

export async function verifyArchives(values: Arguments): Promise<void> {
  const paths = [...(values.copy === undefined ? [] : [values.copy]), ...(values.archive ?? [])]
  if (paths.length === 0)
    throw new ShoukouError(
      'config-invalid',
      'Name the data folder with --data DIR, a copy with --copy FILE, or an archive with --archive FILE.',
    )
  let isWhole = true
  for (const path of paths) {
    const report = await verifyArchive({ path: resolve(path), logPublicKey: null })
    isWhole &&= report.isWhole
    process.stdout.write(
      values.json === true ? `${JSON.stringify(report)}\n` : `${linesOf(report).join('\n')}\n`,
    )
  }
  process.exitCode = isWhole ? 0 : 1
}

function linesOf(report: ArchiveReport): string[] {
  const { manifest, records, digest, keyName } = report
  const numbers = readComputerNumbers(report.path)
  const [first, ...others] = report.findings.map((finding) => findingLine(finding, numbers))
  const state =
    first === undefined
      ? ['Nothing was altered, as far as this can be proved.']
      : [
          `ALTERED: ${report.findingsTotal} found. The first is:`,
          `  ${first}`,
          ...others.map((line) => `  ${line}`),
        ]
  return [
    showRawText(report.path),
    ...state,
    `  records: ${records.records}, each head made anew from the raw bytes`,
    ...(manifest === null
      ? []
      : manifest.stretches.map(
          ({ agent, epoch, firstSeq, lastSeq }) =>
            `  computer ${showRawText(numbers.get(agent) ?? agent)}, journal ${showRawText(epoch)}: numbers ${firstSeq} to ${lastSeq}`,
        )),
    `  SHA-256 ${digest}: compare it with the stub’s`,
    ...(keyName === null ? [] : [`  log key ${keyName}: compare it with the one on a printed checkpoint`]),
  ]
}
