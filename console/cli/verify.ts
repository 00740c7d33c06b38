/**
 * `shoukou-console verify`: proves a console's database, or a copy of it, from its raw bytes. Exit code 0 where nothing was
 * altered, 1 where something was.
 */
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Findings, ShoukouError } from '@shoukou/protocol'
import { readDataFolder } from '../base/data-folder.ts'
import { logKeyName, readLogPublicKey } from '../pki/log-key.ts'
import { readComputerNumbers } from '../store/verify/computer-numbers.ts'
import { checkCopy } from '../trail/copies.ts'
import { isArchive } from '../trail/verify-archive.ts'
import { type Report, verifyDatabase } from '../trail/verify-database.ts'
import type { Arguments } from './arguments.ts'
import { verifyArchives } from './verify-archives.ts'
import { progressLine, reportLines } from './verify-words.ts'

export async function verify(values: Arguments): Promise<void> {
  if (values.data === undefined && (values.copy === undefined || (await isArchiveAt(values.copy))))
    return verifyArchives(values)
  const { database, keys } = await placeOf(values)
  const own = new Findings()
  const copy = checkCopy(database, own.add)
  const logPublicKey = keys === null ? (copy?.manifest.logKey ?? null) : await readLogPublicKey(keys)
  const shows = process.stderr.isTTY && values.json !== true
  const report = await verifyDatabase({
    path: database,
    logPublicKey,
    policyKeys: [],
    ...(values.checkpoint === undefined ? {} : { checkpoint: values.checkpoint }),
    archives: (values.archive ?? []).map((path) => resolve(path)),
    ...(shows ? { progress: (progress) => process.stderr.write(`\r\u001b[K${progressLine(progress)}`) } : {}),
  })
  if (shows) process.stderr.write('\r\u001b[K')
  const numbers = readComputerNumbers(database)
  const whole = ofAgent(withFindings(report, own), numbers, values.agent)
  const keyName = logPublicKey === null ? null : logKeyName(logPublicKey)
  if (values.json === true) process.stdout.write(`${JSON.stringify({ ...whole, logKey: keyName })}\n`)
  else {
    const key =
      keyName === null ? [] : [`log key ${keyName}: compare it with the one on a printed checkpoint`]
    process.stdout.write(`${[...reportLines(whole, numbers), ...key].join('\n')}\n`)
  }
  process.exitCode = whole.isWhole ? 0 : 1
}

async function isArchiveAt(path: string): Promise<boolean> {
  return (await stat(resolve(path))).isFile() && isArchive(resolve(path))
}

/** Where the database is, and the folder of keys beside it; null where there is none. */
async function placeOf(values: Arguments): Promise<{ database: string; keys: string | null }> {
  const { copy, data } = values
  if ((copy === undefined) === (data === undefined))
    throw new ShoukouError(
      'config-invalid',
      'Name the data folder with --data DIR, or a copy with --copy FILE.',
    )
  if (copy !== undefined && (await stat(resolve(copy))).isFile())
    return { database: resolve(copy), keys: null }
  const folder = resolve(copy ?? join(data ?? '', 'console'))
  const { database, keys, hasDatabase } = await readDataFolder(folder)
  if (!hasDatabase)
    throw new ShoukouError('config-invalid', `There is no database in ${folder}; check the folder's name.`)
  return { database, keys }
}

function withFindings(report: Report, own: Findings): Report {
  if (own.total === 0) return report
  return {
    ...report,
    isWhole: false,
    findings: [...own.kept, ...report.findings],
    findingsTotal: own.total + report.findingsTotal,
  }
}

/** What is about one computer, and what is about none. */
function ofAgent(report: Report, numbers: ReadonlyMap<string, string>, named: string | undefined): Report {
  if (named === undefined) return report
  const agents = [...numbers]
    .filter(([agent, number]) => agent === named || number === named)
    .map(([agent]) => agent)
  if (agents.length === 0)
    throw new ShoukouError('config-invalid', `There is no computer "${named}" in this database.`)
  const findings = report.findings.filter(({ agent }) => agent === undefined || agents.includes(agent))
  return { ...report, findings, findingsTotal: findings.length, isWhole: findings.length === 0 }
}
