import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { NetworkBook } from './network-book.ts'
import { networkFile } from './network-file.ts'

const isolation = { order: 'order-1', reason: 'a foreign network', sinceWallMs: 1 }

it('writes what changes in the very moment in which another write ends', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'shoukou-book-')), 'state', 'network.json')
  const later: Promise<boolean>[] = []
  const onFault = (): void => {
    mkdirSync(dirname(path), { recursive: true })
    queueMicrotask(() => {
      later.push(book.change({ isolation }))
    })
  }
  const book = new NetworkBook({ path, bootId: 'boot-1', onFault }, null)
  expect(await book.change({ hasPacketTable: true })).toBe(false)
  expect(await Promise.all(later)).toEqual([true])
  expect(await networkFile.peek(path)).toMatchObject({ isolation, hasPacketTable: true })
})
