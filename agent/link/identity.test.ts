import { writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { stateFolder } from '../base/state-folder.ts'
import { makeEnrolledFolder } from '../testing/link-bench.ts'
import { makeTestAuthority } from '../testing/test-authority.ts'
import { readIdentity } from './identity.ts'

it('is refused at the start where a part is damaged or of another key, not in each handshake', async () => {
  const authority = await makeTestAuthority()
  const other = await makeEnrolledFolder(1, authority)
  for (const [file, content] of [
    ['keyFile', 'garbage'],
    ['keyFile', other.identity.key],
    ['certificateFile', other.identity.certificate],
    ['certificateFile', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    ['authorityFile', ''],
    ['policyKeyFile', other.identity.authority],
    ['identityFile', '{"v":1}'],
  ] as const) {
    const { stateDir } = await makeEnrolledFolder(1, authority)
    const folder = stateFolder(stateDir)
    expect(await readIdentity(folder)).not.toBeNull()
    await writeFile(folder[file], content)
    await expect(readIdentity(folder), `${file} ${content.slice(0, 9)}`).rejects.toMatchObject({
      code: 'not-enrolled',
    })
  }
})
