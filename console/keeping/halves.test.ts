import { describe, expect, it } from 'vitest'
import { HALF_CHARACTERS_MAX, joinHalves } from './halves.ts'
import { makeSealing, openSealed, sealTo } from './seal-keys.ts'

const first = 'the first person’s words'
const second = 'another person’s words'

describe('two halves of a passphrase', () => {
  it('open together and in their order alone; one of them opens nothing', async () => {
    const sealing = await makeSealing(joinHalves({ first, second }))
    const sealed = sealTo(sealing.publicKey, Buffer.from('keys'))
    const opened = await openSealed(sealing, sealed, joinHalves({ first, second }))
    expect(opened.toString()).toBe('keys')
    const wrong = [
      first,
      second,
      `${first}${second}`,
      joinHalves({ first: second, second: first }),
      joinHalves({ first, second: 'what nobody had chosen' }),
    ]
    for (const words of wrong)
      await expect(openSealed(sealing, sealed, words)).rejects.toMatchObject({ code: 'backup-refused' })
  }, 60_000)

  it('are put together so that no two pairs are the same text', () => {
    const a = joinHalves({ first: 'aaaaaaaaaaaaaa', second: 'bbbbbbbbbbbb' })
    const b = joinHalves({ first: 'aaaaaaaaaaaa', second: 'aabbbbbbbbbbbb' })
    const c = joinHalves({ first: 'aaaaaaaaaaaa\0aa', second: 'bbbbbbbbbbbb' })
    expect(new Set([a, b, c]).size).toBe(3)
    expect(joinHalves({ first: `${first}\u0065\u0301`, second })).toBe(
      joinHalves({ first: `${first}\u00e9`, second }),
    )
  })

  it.each([
    ['the first is short', { first: 'x'.repeat(11), second }],
    ['the second is short', { first, second: 'x'.repeat(11) }],
    ['one is too long', { first, second: 'x'.repeat(HALF_CHARACTERS_MAX + 1) }],
    ['both are one', { first, second: first }],
  ])('are refused where %s', (_why, halves) => {
    expect(() => joinHalves(halves)).toThrow(expect.objectContaining({ code: 'password-too-weak' }) as Error)
  })
})
