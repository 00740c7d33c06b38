import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openKeys } from './key-store.ts'
import { receiptsWith } from './receipts.ts'

const place = { epoch: '0001-00112233aabbccdd', seq: 7, head: 'ab'.repeat(32) }

it('hold for the very agent and place that they were made for, and for nothing else', () => {
  const receipts = receiptsWith(Buffer.alloc(32, 1))
  const mac = receipts.make('a-1', place)
  expect(receipts.holds('a-1', place, mac)).toBe(true)
  expect(receipts.holds('a-2', place, mac)).toBe(false)
  expect(receipts.holds('a-1', { ...place, seq: 8 }, mac)).toBe(false)
  expect(receipts.holds('a-1', { ...place, epoch: '0002-00112233aabbccdd' }, mac)).toBe(false)
  expect(receipts.holds('a-1', { ...place, head: 'ac'.repeat(32) }, mac)).toBe(false)
  expect(
    receipts.holds(
      'a-1',
      place,
      mac.replace(/^./, (first) => (first === '0' ? '1' : '0')),
    ),
  ).toBe(false)
  expect(receiptsWith(Buffer.alloc(32, 2)).holds('a-1', place, mac)).toBe(false)
})

it('are made by the rule that stands in the file, for good', () => {
  // printf 'shoukou.receipt.v1\0a-1\0e-1\0\0\0\0\0\0\0\0\7' and 32 bytes ab, HMAC-SHA-256 under 32 bytes 01
  const mac = receiptsWith(Buffer.alloc(32, 1)).make('a-1', { epoch: 'e-1', seq: 7, head: 'ab'.repeat(32) })
  expect(mac).toBe('e3b92748d84b2e3371d9aa89f9751a6d1341daa434eb36f8d8e5ae3a21ad7d8d')
})

it('hold across a restart: the key is kept beside the others, for its owner alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shoukou-pki-'))
  try {
    const open = async () =>
      receiptsWith((await openKeys(folder, 'Unit', ['localhost'], Date.now())).receiptKey)
    const mac = (await open()).make('a-1', place)
    expect((await open()).holds('a-1', place, mac)).toBe(true)
    expect((await stat(join(folder, 'receipt.key'))).mode & 0o777).toBe(0o600)
    await writeFile(join(folder, 'receipt.key'), 'short')
    await expect(open()).rejects.toThrow(/receipt\.key is damaged; restore it from the backup/)
  } finally {
    await rm(folder, { recursive: true })
  }
})
