import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { PresentThings } from './present-things.ts'
import { makeFolderForTest } from './testing/journal-bench.ts'

async function open(path: string, bootId: string, flushed: () => Promise<void> = () => Promise.resolve()) {
  return await PresentThings.open({ path, bootId, flushed, onFault: () => {} }, () => {})
}

describe('present things', () => {
  it('are known again in the same boot, and forgotten in the next', async () => {
    const path = `${await makeFolderForTest()}/present.json`
    const first = await open(path, 'boot-1')
    first.remember('usb', new Set(['a', 'b']))
    first.remember('media', new Set(['c']))
    await first.saved()
    expect([...(await open(path, 'boot-1')).keysOf('usb')]).toEqual(['a', 'b'])
    expect([...(await open(path, 'boot-2')).keysOf('usb')]).toEqual([])
  })

  it('reach the disk only after the records about them', async () => {
    const path = `${await makeFolderForTest()}/present.json`
    const gate = Promise.withResolvers<void>()
    const present = await open(path, 'boot-1', () => gate.promise)
    present.remember('usb', new Set(['a']))
    await new Promise((resolve) => setTimeout(resolve, 50))
    await expect(readFile(path)).rejects.toMatchObject({ code: 'ENOENT' })
    gate.resolve()
    await present.saved()
    expect(await readFile(path, 'utf8')).toContain('"a"')
  })
})
