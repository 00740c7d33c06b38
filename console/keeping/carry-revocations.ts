/**
 * Carries over what was taken away from somebody since a backup was made: a restore must not let a revoked computer, a
 * revoked USB key or a disabled account in again without a word. Nothing else of the replaced data is taken over.
 */
import { stat } from 'node:fs/promises'
import { openSqliteStoreHere } from '../store/open-store.ts'
import type { Store } from '../store/ports.ts'

export interface CarryOptions {
  /** The database that was replaced. */
  readonly from: string
  /** The restored one. */
  readonly to: string
  readonly by: string
  readonly now: number
}

/** Carries them over, and says so in the restored log; where the replaced database can't be read, that is said. A second time changes nothing. */
export async function carryRevocations({ from, to, by, now }: CarryOptions): Promise<void> {
  const restored = await openSqliteStoreHere(to)
  try {
    let detail: string
    try {
      detail = await carryFrom(from, restored, { by, now })
    } catch (error) {
      // Its damage may be why there was a restore; whoever reads the log must know what may be missing.
      const why = error instanceof Error ? error.message.slice(0, 200) : ''
      detail = `revocations since the backup are not known: the replaced database can't be read: ${why}`
    }
    if (detail === '') return
    await restored.addAction({
      at: now,
      account: by,
      action: 'backup-restore',
      object: '',
      detail,
      address: '',
    })
  } finally {
    await restored.close()
  }
}

async function carryFrom(
  from: string,
  restored: Store,
  { by, now }: Pick<CarryOptions, 'by' | 'now'>,
): Promise<string> {
  // Opening makes a database where there is none.
  if ((await stat(from)).size === 0) throw new Error('it is empty')
  const replaced = await openSqliteStoreHere(from)
  const carried: string[] = []
  try {
    for (const one of await replaced.revocations())
      if ((await restored.revoke(one)) !== null) carried.push(`computer ${one.agent}`)
    for (const { serial, revokedAt, revokedBy, revokedWhy } of await replaced.certificates()) {
      if (revokedAt === null) continue
      const what = { at: revokedAt, account: revokedBy ?? '', reason: revokedWhy ?? '' }
      if ((await restored.revokeCertificate(serial, what)) !== null) carried.push(`certificate ${serial}`)
    }
    for (const { name, state } of await replaced.accounts()) {
      const account = state === 'disabled' ? await restored.account(name) : null
      if (account === null || account.state !== 'active') continue
      const changes = JSON.stringify({ state: [account.state, 'disabled'] })
      const event = { at: now, by, kind: 'disabled', changes, reason: 'backup-restore' } as const
      const { kind } = await restored.changeAccount(name, account, { state: 'disabled' }, event)
      carried.push(kind === 'done' ? `account ${name}` : `account ${name}: ${kind}`)
    }
  } finally {
    await replaced.close()
  }
  return carried.length === 0 ? '' : `taken away since the backup: ${carried.join(', ')}`.slice(0, 4_000)
}
