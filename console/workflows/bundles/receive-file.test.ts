import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FileReceiver } from './receive-file.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-receive-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function* pieces(...all: readonly string[]): AsyncGenerator<Buffer> {
  for (const one of all) yield Buffer.from(one)
}

describe('receiving a file', () => {
  it('gives it a name of its own, whatever it holds', async () => {
    const file = await new FileReceiver(folder).receive(pieces('../../etc', '/passwd'))
    expect(await readFile(file.path, 'utf8')).toBe('../../etc/passwd')
    expect(await readdir(folder)).toEqual([expect.stringMatching(/^[0-9a-f]{32}\.incoming$/)])
    expect(file).toMatchObject({
      bytes: 16,
      hash: createHash('sha256').update('../../etc/passwd').digest('hex'),
    })
  })

  it('leaves nothing where the sender goes away in the middle', async () => {
    const broken = async function* () {
      yield Buffer.from('half')
      throw new Error('gone')
    }
    await expect(new FileReceiver(folder).receive(broken())).rejects.toThrow('gone')
    expect(await readdir(folder)).toEqual([])
  })

  it('takes four at a time and no fifth', async () => {
    const receiver = new FileReceiver(folder)
    const gate = Promise.withResolvers<void>()
    const slow = async function* () {
      await gate.promise
      yield Buffer.from('x')
    }
    const four = [slow(), slow(), slow(), slow()].map((one) => receiver.receive(one))
    await expect(receiver.receive(pieces('y'))).rejects.toMatchObject({ code: 'rate-limited' })
    gate.resolve()
    expect(await Promise.all(four)).toHaveLength(4)
  })

  it('clears what an earlier run left half received, and nothing else', async () => {
    await writeFile(join(folder, `${'a'.repeat(32)}.incoming`), 'half')
    await writeFile(join(folder, 'other'), 'kept')
    await new FileReceiver(folder).open()
    expect(await readdir(folder)).toEqual(['other'])
  })
})
