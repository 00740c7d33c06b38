import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { readDataFolder } from '../base/data-folder.ts'
import { isForAccounts } from '../pki/account-certificates.ts'
import { openKeys } from '../pki/key-store.ts'
import { openSqliteStoreHere } from '../store/open-store.ts'
import { parseArguments } from './arguments.ts'
import { certificate } from './certificate.ts'

// A key is made here, beside whatever else the machine does.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const run = promisify(execFile)
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-cli-'))
})
afterAll(() => rm(folder, { recursive: true }))

const cli = (...parameters: readonly string[]) =>
  certificate(parseArguments(['certificate', '--data', folder, ...parameters]).values)

it('issues a certificate for the request of a USB key, and revokes it, each on record', async () => {
  const data = join(folder, 'console')
  const { keys: keysFolder, database } = await readDataFolder(data)
  await openKeys(keysFolder, 'Unit', ['localhost'], Date.now())
  let store = await openSqliteStoreHere(database)
  await store.addAccount({
    name: 'li',
    role: 'sec-admin',
    passwordHash: '',
    mustChange: false,
    failures: 0,
    lockedUntil: null,
    createdAt: 0,
  })
  await store.close()
  const request = join(folder, 'usb.csr')
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', join(folder, 'k')]
  await run('openssl', ['req', '-new', ...key, '-subj', '/CN=x', '-out', request])
  const issued = await cli('--account', 'li', '--request', request, '--reason', 'new key')
  const made = new X509Certificate(issued)
  expect([made.subject, isForAccounts(made)]).toEqual(['CN=li', true])
  const serial = made.serialNumber.toLowerCase()
  expect(await cli('--revoke', serial)).toBe(`${made.serialNumber}  revoked; sessions ended: 0\n`)
  await expect(cli('--revoke', serial)).rejects.toThrow('was revoked already')
  await expect(cli('--account', 'nobody', '--request', request)).rejects.toThrow('No account has this name')
  await expect(cli('--account', 'li', '--request', '/dev/zero')).rejects.toThrow('larger than any')
  store = await openSqliteStoreHere(database)
  const actions = (await store.actions({ limit: 10 })).map(({ action, object }) => `${action} ${object}`)
  expect(actions.toReversed().slice(0, 2)).toEqual(['certificate-issue li', 'certificate-revoke li'])
  const [row] = await store.certificates('li')
  expect(row).toMatchObject({ reason: 'new key', revokedBy: '' })
  await store.close()
})
