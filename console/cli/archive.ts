/**
 * `shoukou-console archive`: the book of a year as an archive that proves itself. A copy: nothing is taken away by this, nor
 * by any other command.
 */
import { join, resolve } from 'node:path'
import { ShoukouError } from '@shoukou/protocol'
import { certificateNames, checkConfig } from '../base/config.ts'
import { usedDataFolder } from '../base/data-folder.ts'
import { archiveYear } from '../keeping/archive-year.ts'
import { openKeys } from '../pki/key-store.ts'
import { openSqliteStoreHere } from '../store/open-store.ts'
import { type Arguments, dataDirOf } from './arguments.ts'

export async function archiveBook(values: Arguments): Promise<void> {
  if (values.year === undefined || !/^\d{4}$/.test(values.year))
    throw new ShoukouError('config-invalid', 'Name the year with --year YYYY.')
  if (values.to === undefined)
    throw new ShoukouError('config-invalid', 'Name the folder for the archive with --to DIR.')
  const config = checkConfig({ dataDir: join(resolve(dataDirOf(values)), 'console') })
  const folder = await usedDataFolder(config.dataDir)
  const keys = await openKeys(folder.keys, config.unit, certificateNames(config), Date.now())
  const store = await openSqliteStoreHere(folder.database)
  try {
    const { retentionYears } = await store.keepingSettings()
    const made = await archiveYear({
      database: folder.database,
      year: Number(values.year),
      to: resolve(values.to),
      retentionYears,
      seed: keys.backupKey,
      now: Date.now(),
    })
    await store.addAction({
      at: Date.now(),
      account: 'console command line',
      action: 'book-archived',
      object: made.place,
      detail: `${values.year}: ${made.records} records, ${made.entries} entries of the log`,
      address: '',
    })
    process.stdout.write(
      `${made.place}\nproven: ${made.records} records, ${made.entries} entries of the log\nIt is a copy; nothing was taken out of this console. The book of ${values.year} is to be kept until ${new Date(made.keptUntil).toISOString().slice(0, 10)} at least.\n`,
    )
  } finally {
    await store.close()
  }
}
