/** `shoukou-console backup`: makes one now, also while the console runs. */
import { join, resolve } from 'node:path'
import { ShoukouError } from '@shoukou/protocol'
import { certificateNames, checkConfig } from '../base/config.ts'
import { usedDataFolder } from '../base/data-folder.ts'
import { joinHalves } from '../keeping/halves.ts'
import { makeBackup } from '../keeping/make-backup.ts'
import { fingerprintOf } from '../keeping/manifest.ts'
import { restoreBackup, verifyBackup } from '../keeping/restore-backup.ts'
import { makeSealing, type Sealing } from '../keeping/seal-keys.ts'
import { openKeys } from '../pki/key-store.ts'
import { openSqliteStoreHere } from '../store/open-store.ts'
import { type Arguments, dataDirOf } from './arguments.ts'
import { readHalves } from './read-passphrase.ts'

const commandLine = 'console command line'

/** Seals with the passphrase that was set on the page, or asks two people for their halves where none was. */
export async function makeBackupNow(values: Arguments): Promise<void> {
  if (values.to === undefined)
    throw new ShoukouError('config-invalid', 'Name the folder for backups with --to DIR.')
  const config = checkConfig({ dataDir: join(resolve(dataDirOf(values)), 'console') })
  const folder = await usedDataFolder(config.dataDir)
  const keys = await openKeys(folder.keys, config.unit, certificateNames(config), Date.now())
  const store = await openSqliteStoreHere(folder.database)
  try {
    const { sealing } = await store.keepingSettings()
    const { place, bytes, manifest } = await makeBackup({
      dataDir: config.dataDir,
      database: folder.database,
      to: resolve(values.to),
      sealing:
        sealing === null
          ? await makeSealing(joinHalves(await readHalves(values, { isNew: true })))
          : (JSON.parse(sealing) as Sealing),
      seed: keys.backupKey,
      unit: config.unit,
      by: commandLine,
      now: Date.now,
    })
    await store.addAction({
      at: Date.now(),
      account: commandLine,
      action: 'backup-made',
      object: place,
      detail: `${bytes} bytes, log ${manifest.trail.seq} ${manifest.trail.head}`,
      address: '',
    })
    await store.addBackup({
      startedAt: manifest.madeAt,
      endedAt: Date.now(),
      by: commandLine,
      place,
      bytes,
      failure: null,
      manifest: JSON.stringify(manifest),
    })
    process.stdout.write(`${place}\n`)
    process.stdout.write(
      `verified: ${manifest.counts.records} records, ${manifest.journals.length} journals, log ${manifest.trail.seq}\nkey: ${fingerprintOf(manifest.publicKey)}\n`,
    )
  } finally {
    await store.close()
  }
}

/** `shoukou-console restore`: verifies, and restores into a folder that is not there yet. */
export async function restoreFrom(values: Arguments): Promise<void> {
  if (values.from === undefined) throw new ShoukouError('config-invalid', 'Name the backup with --from DIR.')
  const dataDir = join(resolve(dataDirOf(values)), 'console')
  const { manifest, fingerprint } = await restoreBackup({
    from: resolve(values.from),
    dataDir,
    passphrase: joinHalves(await readHalves(values, { isNew: false })),
    by: commandLine,
    now: Date.now,
  })
  process.stdout.write(
    `restored and verified: backup of ${new Date(manifest.madeAt).toISOString()}, ${manifest.counts.computers} computers, ${manifest.counts.records} records, log ${manifest.trail.seq} ${manifest.trail.head}\nkey: ${fingerprint} (compare it with the one that the page of backups showed)\nStart it with: shoukou-console run --data ${resolve(dataDirOf(values))}\n`,
  )
}

/** `shoukou-console backup-verify`: looks through a backup; its keys stay sealed, no passphrase is asked for. */
export async function verifyBackupAt(values: Arguments): Promise<void> {
  if (values.from === undefined) throw new ShoukouError('config-invalid', 'Name the backup with --from DIR.')
  const manifest = await verifyBackup(resolve(values.from))
  process.stdout.write(
    `verified: ${manifest.counts.records} records, ${manifest.journals.length} journals, log ${manifest.trail.seq}\nkey: ${fingerprintOf(manifest.publicKey)}\n`,
  )
}
