/**
 * `shoukou-console certificate`: issues a certificate for the request that a USB key made, or revokes one. At the
 * console's own machine: also where the rules demand a USB key of everybody who could do it on a page.
 */
import { open } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ShoukouError } from '@shoukou/protocol'
import { certificateNames, checkConfig } from '../base/config.ts'
import { usedDataFolder } from '../base/data-folder.ts'
import { openKeys } from '../pki/key-store.ts'
import { openSqliteStoreHere } from '../store/open-store.ts'
import type { Store } from '../store/ports.ts'
import { issueCertificate, revokeCertificate } from '../workflows/accounts/issue-certificate.ts'
import { ACCOUNT_LIMITS } from '../workflows/accounts/limits.ts'
import { type Arguments, dataDirOf } from './arguments.ts'

const where = "shoukou-console certificate, at the console's own machine"

/** Returns what to print: the certificate in PEM; with `--revoke`, how many sessions it ended. */
export async function certificate(values: Arguments): Promise<string> {
  const config = checkConfig({ dataDir: join(resolve(dataDirOf(values)), 'console') })
  const folder = await usedDataFolder(config.dataDir)
  const store = await openSqliteStoreHere(folder.database)
  try {
    if (values.revoke !== undefined) return await revoke(store, values.revoke, values.reason ?? '')
    const { account, request } = values
    if (account === undefined || request === undefined) {
      throw new ShoukouError(
        'config-invalid',
        'Name the account with --account NAME and the request of its USB key with --request FILE, or a certificate to revoke with --revoke SERIAL.',
      )
    }
    const keys = await openKeys(folder.keys, config.unit, certificateNames(config), Date.now())
    const asked = { account, request: await readRequest(request), reason: values.reason ?? '' }
    await note(store, 'certificate-issue', account)
    const by = { account: '', now: Date.now() }
    return (await issueCertificate(store, keys.authority, asked, by)).certificate
  } finally {
    await store.close()
  }
}

async function revoke(store: Store, serial: string, reason: string): Promise<string> {
  const name = serial.replaceAll(':', '').toUpperCase()
  await note(store, 'certificate-revoke', (await store.certificate(name))?.account ?? '')
  const ended = await revokeCertificate(store, name, { account: '', reason, now: Date.now() })
  return `${name}  revoked; sessions ended: ${ended.length}\n`
}

/** On record before it is done: nobody is signed in here, so the log names the machine. */
async function note(store: Store, action: string, object: string): Promise<void> {
  await store.addAction({ at: Date.now(), account: '', action, object, detail: where, address: '' })
}

/** Never more than a request may be long, whatever the file is. */
async function readRequest(path: string): Promise<string> {
  const file = await open(path, 'r')
  try {
    const bytes = Buffer.alloc(ACCOUNT_LIMITS.certificateRequestCharactersMax + 1)
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
    return bytes.toString('latin1', 0, bytesRead)
  } finally {
    await file.close()
  }
}
