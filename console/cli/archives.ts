/**
 * `shoukou-console archives`: what is out of its period, and which archives there are. It removes nothing: that is an act
 * of two people, on the pages.
 */
import { join, resolve } from 'node:path'
import { showRawText } from '@shoukou/protocol'
import { checkConfig } from '../base/config.ts'
import { usedDataFolder } from '../base/data-folder.ts'
import { createArchives, wordsOfNothing } from '../keeping/archives.ts'
import { openLogKey } from '../pki/log-key.ts'
import { openSqliteStoreHere } from '../store/open-store.ts'
import { type Arguments, dataDirOf } from './arguments.ts'

export async function tellArchives(values: Arguments): Promise<void> {
  const config = checkConfig({ dataDir: join(resolve(dataDirOf(values)), 'console') })
  const folder = await usedDataFolder(config.dataDir)
  const store = await openSqliteStoreHere(folder.database)
  try {
    const logKey = await openLogKey(folder.keys, false)
    const archives = createArchives({ store, database: folder.database, logKey, now: Date.now })
    const [{ stretches, ...plan }, rows] = [await archives.preview(), await archives.list()]
    if (values.json === true) {
      process.stdout.write(`${JSON.stringify({ preview: { ...plan, stretches: stretches.length }, rows })}\n`)
      return
    }
    const lines = [
      plan.nothing === null
        ? `Out of its period: ${plan.records} records of ${plan.computers} computers (${(plan.bytes / 1e6).toFixed(1)} MB). On the page Backups, one person archives them and asks, another agrees.`
        : wordsOfNothing(plan.nothing),
      ...rows.map(
        (row) =>
          `${showRawText(join(row.folder, row.name))}  SHA-256 ${row.digest}  ${row.records} records, ${row.removed} of them taken out`,
      ),
    ]
    process.stdout.write(`${lines.join('\n')}\n`)
  } finally {
    await store.close()
  }
}
