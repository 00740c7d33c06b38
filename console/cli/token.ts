/** `shoukou-console token`: makes an enrolment token on the console's own machine. */
import { join, resolve } from 'node:path'
import {
  DEFAULT_POLICY_SETTINGS,
  LEVELS,
  type Level,
  NETWORK_MODES,
  type NetworkMode,
  ShoukouError,
} from '@shoukou/protocol'
import { certificateNames, checkConfig } from '../base/config.ts'
import { usedDataFolder } from '../base/data-folder.ts'
import { openKeys } from '../pki/key-store.ts'
import { openSqliteStoreHere } from '../store/open-store.ts'
import { assertNoDemonstration } from '../workflows/demonstration.ts'
import { createToken } from '../workflows/enrolment.ts'
import { type Arguments, dataDirOf } from './arguments.ts'

export async function makeToken(values: Arguments): Promise<void> {
  const config = checkConfig({ dataDir: join(resolve(dataDirOf(values)), 'console') })
  const level = oneOf('--level', values.level, LEVELS, DEFAULT_POLICY_SETTINGS.level) as Level
  const networkMode = oneOf(
    '--network-mode',
    values['network-mode'],
    NETWORK_MODES,
    DEFAULT_POLICY_SETTINGS.networkMode,
  ) as NetworkMode
  const folder = await usedDataFolder(config.dataDir)
  const keys = await openKeys(folder.keys, config.unit, certificateNames(config), Date.now())
  const store = await openSqliteStoreHere(folder.database)
  try {
    await assertNoDemonstration(store)
    // On record before it is done: nobody is signed in here, so the log names the machine.
    await store.addAction({
      at: Date.now(),
      account: '',
      action: 'token-create',
      object: values.number ?? '',
      detail: "shoukou-console token, at the console's own machine",
      address: '',
    })
    const made = await createToken(
      store,
      keys,
      { number: values.number, settings: { ...DEFAULT_POLICY_SETTINGS, level, networkMode } },
      { account: 'console command line', now: Date.now() },
    )
    process.stdout.write(values.json === true ? `${JSON.stringify(made)}\n` : `${made.token}\n`)
  } finally {
    await store.close()
  }
}

function oneOf(
  option: string,
  given: string | undefined,
  allowed: readonly string[],
  otherwise: string,
): string {
  if (given === undefined) return otherwise
  if (allowed.includes(given)) return given
  throw new ShoukouError('config-invalid', `${option} takes one of ${allowed.join(', ')}, not "${given}".`)
}
