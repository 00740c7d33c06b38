/** A process of its own that takes out what is in an archive, to be killed in the middle: data folder, archive's name. */
import { join } from 'node:path'
import { createArchives } from '../../console/keeping/archives.ts'
import { openLogKey } from '../../console/pki/log-key.ts'
import { openSqliteStoreHere } from '../../console/store/open-store.ts'
import { wish } from './archive-story.ts'

const [dataDir = '', name = '', now = '0'] = process.argv.slice(2)
const store = await openSqliteStoreHere(join(dataDir, 'console.db'))
const logKey = await openLogKey(join(dataDir, 'pki'), false)
const archives = createArchives({
  ...{ store, database: join(dataDir, 'console.db'), logKey, now: () => Number(now) },
})
await archives.remove(name, wish)
await store.close()
