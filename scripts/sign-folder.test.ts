import { generateKeyPairSync } from 'node:crypto'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildAgent } from './build-agent.ts'
import { MANIFEST, manifestOf, SIGNATURE, signFolder, verifyFolder } from './sign-folder.ts'

const pair = () =>
  generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
const { privateKey, publicKey } = pair()

let root: string
let folder: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'shoukou-sign-'))
  folder = join(root, 'built')
  await mkdir(join(folder, 'sub'), { recursive: true })
  await writeFile(join(folder, 'program.mjs'), 'one')
  await writeFile(join(folder, 'sub', 'a name.txt'), 'two')
  await writeFile(join(folder, 'node'), 'three', { mode: 0o755 })
})
afterEach(() => rm(root, { recursive: true }))

describe('a signed folder', () => {
  it('is proven where it is, and where it was copied to', async () => {
    await signFolder(folder, privateKey)
    expect(await verifyFolder(folder, publicKey)).toEqual([])
    await cp(folder, join(root, 'copy'), { recursive: true })
    expect(await verifyFolder(join(root, 'copy'), publicKey)).toEqual([])
  })

  it.each<[string, (at: string) => Promise<unknown>, string[]]>([
    ['a byte that was changed', (at) => writeFile(join(at, 'program.mjs'), 'onf'), ['program.mjs']],
    ['a file more', (at) => writeFile(join(at, 'sub', 'more'), ''), ['sub/more']],
    ['a file less', (at) => rm(join(at, 'sub', 'a name.txt')), ['sub/a name.txt']],
    ['a program that takes the rights of its owner', (at) => chmod(join(at, 'node'), 0o4755), ['node']],
    ['a file that became a program', (at) => chmod(join(at, 'program.mjs'), 0o755), ['program.mjs']],
    [
      'a manifest that was written anew',
      async (at) => {
        await writeFile(join(at, 'program.mjs'), 'evil')
        await writeFile(join(at, MANIFEST), await manifestOf(at))
      },
      [SIGNATURE],
    ],
    ['a signature that is gone', (at) => rm(join(at, SIGNATURE)), [MANIFEST]],
  ])('is not proven with %s', async (_what, alter, said) => {
    await signFolder(folder, privateKey)
    await alter(folder)
    expect(await verifyFolder(folder, publicKey)).toEqual(said)
  })

  it('is not proven by another key, nor signed with a link in it', async () => {
    await signFolder(folder, privateKey)
    expect(await verifyFolder(folder, pair().publicKey)).toEqual([SIGNATURE])
    await symlink('/etc/passwd', join(folder, 'link'))
    await expect(verifyFolder(folder, publicKey)).rejects.toThrow('link')
  })
})

it('the agent is built twice to the very same bytes', async () => {
  const [one, two] = [join(root, 'one'), join(root, 'elsewhere', 'two')]
  await buildAgent(one)
  await mkdir(join(root, 'elsewhere'))
  await buildAgent(two)
  const manifest = await manifestOf(one)
  expect(manifest.split('\n').length).toBeGreaterThan(5)
  expect(await manifestOf(two)).toBe(manifest)
  expect((await readFile(join(one, 'shoukou-agent.mjs'), 'utf8')).includes(root)).toBe(false)
}, 120_000)
