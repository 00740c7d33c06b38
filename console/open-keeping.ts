/** Puts forwarding and backups together from the console's parts: what `main.ts` starts. */
import { createHash, X509Certificate } from 'node:crypto'
import { hostname } from 'node:os'
import { parsePrefix, ShoukouError } from '@shoukou/protocol'
import type { RestorePort } from './api/ports.ts'
import { createComputerReader } from './api/read-computers.ts'
import { violationItem } from './api/view/violation-view.ts'
import type { ConsoleConfig } from './base/config.ts'

import type { Feed } from './feed/ports.ts'
import { type RunningForwarding, startForwarding } from './forward/forwarding.ts'
import { joinHalves } from './keeping/halves.ts'
import { type RunningKeeping, startKeeping } from './keeping/keeping.ts'
import { agreeToRestore, stagedPlace, stageRestore } from './keeping/staged-restore.ts'
import { isEvidenceAgreed } from './open-evidence.ts'
import type { ConsoleKeys } from './pki/key-store.ts'
import type { Store } from './store/ports.ts'
import type { ActExecutor } from './workflows/two-person/executor.ts'

export interface PartLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface KeepingParts {
  readonly store: Store
  readonly keys: ConsoleKeys
  readonly config: Pick<ConsoleConfig, 'dataDir' | 'unit' | 'forwardPrefixes'>
  readonly log: PartLog
  readonly now: () => number
}

/** Starts forwarding; `feed` wakes it. */
export async function openForwarding(
  parts: KeepingParts & { readonly feed: Feed },
): Promise<RunningForwarding> {
  const { store, keys, config, log, now, feed } = parts
  const computers = createComputerReader(store)
  const forwarding = await startForwarding({
    store,
    key: keys.forwardKey,
    console: consoleName(keys.authority.certificate),
    hostname: hostname(),
    prefixes: config.forwardPrefixes.flatMap((text) => {
      const prefix = parsePrefix(text)
      return prefix === null ? [] : [prefix]
    }),
    dataDir: config.dataDir,
    headlineOf: (row) => violationItem(row).headline,
    watchedNow: async () =>
      (await computers.all(false, { kind: 'unit' })).map(({ agent, watch }) => ({
        agent,
        state: watch.state,
        reasons: watch.reasons.map(({ code }) => code),
      })),
    isAgreed: (target) => isEvidenceAgreed(store, target),
    log,
    now,
  })
  const leave = feed.subscribe({ deliver: () => wakened(forwarding), resync: () => undefined }, null)
  return {
    ...forwarding,
    close: async () => {
      leave()
      await forwarding.close()
    },
  }
}

function wakened(forwarding: RunningForwarding): true {
  forwarding.wake()
  return true
}

/** Two consoles that forward to one receiver are told apart by their authorities. */
function consoleName(authority: string): string {
  return createHash('sha256').update(new X509Certificate(authority).raw).digest('hex').slice(0, 12)
}

export function openKeeping({ store, keys, config, log, now }: KeepingParts): RunningKeeping {
  const { dataDir, unit } = config
  return startKeeping({
    store,
    dataDir,
    database: `${dataDir}/console.db`,
    seed: keys.backupKey,
    unit,
    log,
    now,
  })
}

/** Stages what a restore asks for. */
export function restorePort(dataDir: string, now: () => number): RestorePort {
  return {
    stage: ({ place, halves, by }) =>
      stageRestore({ from: place, passphrase: joinHalves(halves), by, dataDir, now }),
  }
}

/** The act that two people must want: agreed to, the staged backup takes the place of the data at the next start. */
export function restoreExecutor(
  dataDir: string,
): ActExecutor<{ readonly place: string; readonly madeAt: number }> {
  return {
    act: 'backup-restore',
    isRepeatable: true,
    async prepare({ place, madeAt }) {
      const staged = await stagedPlace(dataDir)
      if (staged?.place !== place || staged.madeAt !== madeAt)
        throw new ShoukouError('not-found', 'This backup is not staged any more; ask for it again.')
      const made = new Date(madeAt).toISOString()
      return {
        object: place.slice(-200),
        basis: JSON.stringify([place, madeAt, staged.manifest]),
        words: {
          zh: `下次启动时,以 ${made} 的备份（签名密钥指纹 ${staged.fingerprint}）替换控制台的全部数据;现有数据移至一旁,不删除`,
          en: `At the next start, the backup of ${made} (signed by the key ${staged.fingerprint}) takes the place of all data of the console; what is there is moved aside, not removed`,
        },
      }
    },
    async carryOut({ payload, agreedBy }) {
      await agreeToRestore(dataDir, payload.place, agreedBy)
      return { detail: 'switched at the next start' }
    },
  }
}
