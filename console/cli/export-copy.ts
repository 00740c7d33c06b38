/** `shoukou-console export-copy`: writes what can be verified to one file, for another machine. The console may run. */
import { join, resolve } from 'node:path'
import { ShoukouError } from '@shoukou/protocol'
import { usedDataFolder } from '../base/data-folder.ts'
import { logKeyName, openLogKey } from '../pki/log-key.ts'
import { exportCopy } from '../trail/copies.ts'
import { type Arguments, dataDirOf } from './arguments.ts'

export async function writeExport(values: Arguments): Promise<void> {
  if (values.to === undefined)
    throw new ShoukouError('config-invalid', 'Name the file to write with --to FILE.')
  const folder = await usedDataFolder(join(resolve(dataDirOf(values)), 'console'))
  const logKey = await openLogKey(folder.keys, false)
  const to = resolve(values.to)
  const { seq, head } = await exportCopy(folder.database, to, { logKey, atMs: Date.now() })
  process.stdout.write(
    `${to}\nlog: ${seq} entries, head ${head}\nlog key ${logKeyName(logKey.publicKey)}\nVerify it with: shoukou-console verify --copy ${to}\n`,
  )
}
