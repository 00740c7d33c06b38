/** `shoukou-console password`: for an account whose password is lost; only someone at the console's machine can. */
import { join, resolve } from 'node:path'
import { ShoukouError } from '@shoukou/protocol'
import { usedDataFolder } from '../base/data-folder.ts'
import { openSqliteStoreHere } from '../store/open-store.ts'
import { resetAccount } from '../workflows/accounts/first-accounts.ts'
import { type Arguments, dataDirOf } from './arguments.ts'

export async function resetPassword(values: Arguments): Promise<void> {
  const { account } = values
  if (account === undefined) throw new ShoukouError('config-invalid', 'Name the account with --account NAME.')
  const folder = await usedDataFolder(join(resolve(dataDirOf(values)), 'console'))
  const store = await openSqliteStoreHere(folder.database)
  try {
    // On record before it is done: nobody is signed in here, so the log names the machine.
    await store.addAction({
      at: Date.now(),
      account: '',
      action: 'account-reset',
      object: account,
      detail: "shoukou-console password, at the console's own machine",
      address: '',
    })
    const password = await resetAccount(store, account)
    process.stdout.write(`${account}  one-time password: ${password}\n`)
  } finally {
    await store.close()
  }
}
