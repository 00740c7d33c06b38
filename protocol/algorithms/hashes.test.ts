import { createCipheriv } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { hasHash, hashOf } from './hashes.ts'

describe('the hashes of chains', () => {
  it('are those of the standards', () => {
    // FIPS 180-4, example of one block.
    expect(hashOf('sha-256', 'abc').toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
    // GB/T 32905-2016, A.1 and A.2.
    expect(hasHash('sm3')).toBe(true)
    expect(hashOf('sm3', 'abc').toString('hex')).toBe(
      '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0',
    )
    expect(hashOf('sm3', 'abcd'.repeat(8), 'abcd'.repeat(8)).toString('hex')).toBe(
      'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732',
    )
  })

  it('are of one length, and differ', () => {
    expect(hashOf('sha-256', 'x')).toHaveLength(32)
    expect(hashOf('sm3', 'x')).toHaveLength(32)
    expect(hashOf('sm3', 'x')).not.toEqual(hashOf('sha-256', 'x'))
  })
})

it('SM4 of this runtime is the standard’s, should a cipher of it be asked for', () => {
  // GB/T 32907-2016, A.1: key and block alike.
  const block = Buffer.from('0123456789abcdeffedcba9876543210', 'hex')
  const cipher = createCipheriv('sm4-ecb', block, null)
  cipher.setAutoPadding(false)
  expect(Buffer.concat([cipher.update(block), cipher.final()]).toString('hex')).toBe(
    '681edf34d206965e86b3e94f536e4246',
  )
})
