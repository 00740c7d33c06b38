import { describe, expect, it } from 'vitest'
import { readAround } from './read-segment-file.ts'

const content = Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index % 251) + 1))

function disk(badFrom: number, badTo: number, code = 'EIO') {
  return (into: Buffer, at: number) => {
    const to = Math.min(content.length, at + into.length)
    if (at < badTo && to > badFrom) return Promise.reject(Object.assign(new Error(code), { code }))
    return Promise.resolve({ bytesRead: content.copy(into, 0, at, to) })
  }
}

describe('reading from a failing disk', () => {
  it('reads all of a good file', async () => {
    expect(await readAround(content.length, disk(0, 0))).toEqual(content)
  })

  it('gives zeros for the blocks that cannot be read, and everything around them', async () => {
    const bytes = await readAround(content.length, disk(5_000, 5_001))
    const expected = Buffer.from(content)
    expected.fill(0, 4_096, 8_192)
    expect(bytes).toEqual(expected)
  })

  it('does not take another refusal for a bad block', async () => {
    await expect(readAround(content.length, disk(5_000, 5_001, 'EACCES'))).rejects.toMatchObject({
      code: 'EACCES',
    })
  })
})
