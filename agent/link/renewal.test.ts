import { X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeRenewal, isRenewalSigned, parseRenewalRequest } from '@shoukou/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type StateFolder, stateFolder } from '../base/state-folder.ts'
import { makeTestAuthority, type TestAuthority } from '../testing/test-authority.ts'
import { makeKeyAndRequest } from './certificate-request.ts'
import { type Identity, readIdentity, writeIdentity } from './identity.ts'
import { isRenewalDue, renewalRequest, takeRenewal } from './renewal.ts'

const day = 86_400_000
const now = Date.now()
let root: string
let folder: StateFolder
let identity: Identity
let authority: TestAuthority
const onDamaged = (path: string): void => expect.fail(path)

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'shoukou-renewal-'))
  folder = stateFolder(root)
  authority = await makeTestAuthority()
  const { key, request } = await makeKeyAndRequest()
  identity = {
    ...{ v: 1, agent: 'agent', computer: 'JM-1', host: 'localhost', agentPort: 1 },
    consoleUrl: 'https://localhost:2',
    ...{ key, certificate: await authority.agent(request), authority: authority.certificate },
    policyKey: authority.policyKey.publicKey,
  }
  await writeIdentity(folder, identity)
})
afterEach(() => rm(root, { recursive: true }))

it('is due from a third of the life left, also when the certificate has run out', () => {
  const { validFromDate, validToDate } = new X509Certificate(identity.certificate)
  const third = (validToDate.getTime() - validFromDate.getTime()) / 3
  expect(isRenewalDue(identity.certificate, validToDate.getTime() - third - 1)).toBe(false)
  expect(isRenewalDue(identity.certificate, validToDate.getTime() - third + 1)).toBe(true)
  expect(isRenewalDue(identity.certificate, validToDate.getTime() + 300 * day)).toBe(true)
})

it('asks with one new key until it has its answer, and then is that pair alone', async () => {
  const place = { folder, identity, onDamaged }
  const first = parseRenewalRequest(await renewalRequest(place, now))
  const again = parseRenewalRequest(await renewalRequest(place, now + 5))
  expect(again.certificateRequest).toBe(first.certificateRequest)
  expect(isRenewalSigned(first, identity.certificate)).toBe(true)
  const certificate = await authority.agent(first.certificateRequest)
  // Until it is taken, what is read is the old pair.
  expect((await readIdentity(folder))?.certificate).toBe(identity.certificate)
  const pair = await takeRenewal(place, encodeRenewal({ v: 1, certificate }))
  const after = await readIdentity(folder)
  expect(after?.certificate.trim()).toBe(certificate.trim())
  expect(after?.key.trim()).toBe(pair.key.trim())
  expect(after?.key).not.toBe(identity.key)
  expect(await readdir(folder.identity)).not.toContain('next-key.json')
  // The next one brings another key.
  const next = parseRenewalRequest(
    await renewalRequest({ folder, identity: after ?? identity, onDamaged }, now),
  )
  expect(next.certificateRequest).not.toBe(first.certificateRequest)
})

it('takes no certificate for another key, of another agent, or of another authority', async () => {
  const place = { folder, identity, onDamaged }
  const { certificateRequest } = parseRenewalRequest(await renewalRequest(place, now))
  const { request: otherKey } = await makeKeyAndRequest()
  const foreign = await (await makeTestAuthority()).agent(certificateRequest)
  const offered = [await authority.agent(otherKey), foreign, 'nonsense']
  for (const certificate of offered) {
    await expect(takeRenewal(place, encodeRenewal({ v: 1, certificate }))).rejects.toMatchObject({
      code: 'renewal-refused',
    })
  }
  const ours = encodeRenewal({ v: 1, certificate: await authority.agent(certificateRequest) })
  const other = { folder, identity: { ...identity, agent: 'agent-2' }, onDamaged }
  await expect(takeRenewal(other, ours)).rejects.toMatchObject({ code: 'renewal-refused' })
  expect((await readIdentity(folder))?.certificate).toBe(identity.certificate)
})
