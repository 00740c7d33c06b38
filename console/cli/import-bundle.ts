/**
 * `shoukou-console import FILE`: takes a bundle on the console's own machine, also beside a running console, without a
 * browser. Ends with 1 where it was refused.
 */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ShoukouError } from '@shoukou/protocol'
import { certificateNames, checkConfig } from '../base/config.ts'
import { usedDataFolder } from '../base/data-folder.ts'
import { createLog } from '../base/log.ts'
import { createFeed } from '../feed/feed.ts'
import { openIdentityGate } from '../ingest/identity-gate.ts'
import { createIngest } from '../ingest/ingest.ts'
import { openKeys } from '../pki/key-store.ts'
import { openLogKey } from '../pki/log-key.ts'
import { protectionKeysWith } from '../pki/protection-keys.ts'
import { receiptsWith } from '../pki/receipts.ts'
import type { SlipRow } from '../store/bundles-ports.ts'
import { openSqliteStoreHere } from '../store/open-store.ts'
import { createWitnesses } from '../trail/witnesses.ts'
import { FileReceiver } from '../workflows/bundles/receive-file.ts'
import { takeBundle } from '../workflows/bundles/take-bundle.ts'
import { type Arguments, dataDirOf } from './arguments.ts'

/** Who it was, in slips: whoever may read the data folder. */
const account = 'console command line'

export async function importBundle(values: Arguments, path: string | undefined): Promise<void> {
  if (path === undefined) throw new ShoukouError('config-invalid', 'Name the bundle: import FILE --data DIR.')
  const found = await stat(path).catch(() => null)
  if (found?.isFile() !== true)
    throw new ShoukouError('config-invalid', 'There is no such file, or it may not be read.')
  const config = checkConfig({ dataDir: join(resolve(dataDirOf(values)), 'console') })
  const folder = await usedDataFolder(config.dataDir)
  const now = Date.now
  const keys = await openKeys(folder.keys, config.unit, certificateNames(config), now())
  const store = await openSqliteStoreHere(folder.database)
  const log = createLog('error')
  try {
    // The pages of a running console see it when they ask next.
    const feed = createFeed()
    const logKey = await openLogKey(folder.keys, (await store.checkpoints(1)).length === 0)
    const ingest = createIngest({
      ...{ store, now, log, feed },
      monotonicMs: () => performance.now(),
      receipts: receiptsWith(keys.receiptKey),
      protection: protectionKeysWith(keys.protectionKey),
    })
    // A folder of its own: a running console clears what it finds half received in its.
    const own = join(config.dataDir, 'bundles', 'command-line')
    const receiver = new FileReceiver(own)
    await receiver.open()
    await store.addAction({
      at: now(),
      account,
      action: 'bundle-import',
      object: '',
      detail: `${found.size} bytes`,
      address: '',
    })
    const file = await receiver.receive(createReadStream(path))
    const heldFolder = join(config.dataDir, 'bundles', 'held')
    const identity = await openIdentityGate({ store, feed, log, now })
    const witnesses = createWitnesses({ store, logKey, log, now })
    const slips = await takeBundle(
      { ...{ store, keys, ingest, identity, witnesses, now, log }, heldFolder },
      file,
      account,
    )
    await receiver.open()
    for (const slip of slips) print(slip, values.json === true)
    process.exitCode = slips[0]?.verdict === 'refused' ? 1 : 0
  } finally {
    await store.close()
  }
}

function print(slip: SlipRow, isJson: boolean): void {
  process.stdout.write(isJson ? `${JSON.stringify(slip)}\n` : `${slipLine(slip)}\n`)
}

/** One line, both languages: the whole slip is on the page. */
export function slipLine(slip: SlipRow): string {
  const whose = `slip ${slip.id}: ${slip.computer === null ? '?' : JSON.stringify(slip.computer)} no. ${slip.number ?? '?'}`
  const place = slip.faultAtByte === null ? '' : ` at byte ${slip.faultAtByte}`
  switch (slip.verdict) {
    case 'taken':
      return `${whose}: taken 已导入, ${slip.recordsNew} new records, ${slip.recordsKnown} known, ${slip.violations} violations`
    case 'nothing-new':
      return `${whose}: already taken, nothing new 以前已导入，没有新内容 (${slip.recordsKnown} records)`
    case 'held':
      return `${whose}: kept, not taken yet 已保存，尚未导入: ${slip.fault ?? ''} ${slip.gaps.map((gap) => `${gap.firstSeq}-${gap.lastSeq}`).join(', ')}`
    case 'refused':
      return `${whose}: refused 已拒绝: ${slip.fault ?? ''}${place}`
  }
}
