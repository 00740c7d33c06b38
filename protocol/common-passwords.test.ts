import { describe, expect, it } from 'vitest'
import { countUnexplained, holdsWord, isCommonPassword } from './common-passwords.ts'
import { missingPasswordDemands } from './password-rule.ts'

/** Ten characters and four classes, as they stand in everybody's first guesses. */
const guessed: readonly string[] = [
  ...[
    'P@ssw0rd123',
    'Passw0rd!23',
    'Password123!',
    'Password2024!',
    'P@55w0rd2026',
    'Welcome@123',
    'Welcome2024!',
  ],
  ...[
    'Admin@123456',
    'Admin@2024',
    'Administrator1!',
    'Root@12345',
    'Test@12345',
    'Guest#2023',
    'Changeme@123',
  ],
  ...[
    'Qwer1234!@#$',
    'Qwerty@123',
    'Qwerty123456!',
    '1qaz@WSX3edc',
    '!QAZ2wsx#EDC',
    'Zaq1@WSXcde3',
    'Asdf1234!@#$',
  ],
  ...[
    'Abcd1234!@#$',
    'Abc@123456',
    'Aa123456!@',
    'Abcdef1234!',
    'Aaa111!!!aaa',
    'Iloveyou1314!',
    'Letmein2024!',
  ],
  ...[
    'Woaini1314!@#',
    'Zhang@19880101',
    'Wangwei@2024',
    'Beijing@2008',
    'Zhongguo@1949',
    'Huawei@123',
    'Huawei12#$',
  ],
  ...[
    'Summer2025!!',
    'December@2025',
    'Superman@2024',
    'Dragon@12345',
    'Monkey123!@#',
    'Root123!@#',
    'Oracle@123456',
  ],
  ...[
    'Xk9!Xk9!Xk9!',
    'Guanliyuan@1',
    'Baomi@2026!',
    'Kylin@123456',
    'Kylin123!@#',
    'Trustno1!!!',
    'Secret@2026',
  ],
]

describe('a password that everybody tries first', () => {
  it.each(guessed)('is %s', (password) => {
    expect(isCommonPassword(password)).toBe(true)
    expect(missingPasswordDemands(password, asked)).toContain('common')
  })

  it('is each of more than three thousand that fit the rest of the rule', () => {
    const cores =
      'Password Welcome Admin Qwerty Dragon Monkey Woaini Beijing Huawei Summer Iloveyou Letmein'.split(' ')
    const tails =
      '123 1234 12345 123456 2020 2021 2022 2023 2024 2025 2026 520 888 666 1314 111 000 321'.split(' ')
    const signs = ['!', '@', '#', '!@#', '!!', '.', '$', '*', '?', '_', '@!', '#1', '!!!', '-', '&']
    const all = cores.flatMap((core) =>
      tails.flatMap((tail) => signs.flatMap((sign) => [`${core}${sign}${tail}`, `${core}${tail}${sign}`])),
    )
    const fitting = new Set(
      all.filter((one) => missingPasswordDemands(one, asked).every((demand) => demand === 'common')),
    )
    expect(fitting.size).toBeGreaterThan(3_000)
    expect([...fitting].filter((one) => !isCommonPassword(one))).toEqual([])
  })
})

const asked = { name: 'li', current: 'old', charactersMin: 10, words: [] }

describe('a password of one’s own', () => {
  it.each([
    'Changed-Once-2026!',
    'Right-Horse-7-Staple',
    'x$K9#qLm2@',
    'Tv7!rkQ3pz',
    '梧桐Xr4!落叶两三片',
    'Krokodil-7-Nebel',
    'vN4#pass-Tuwq',
  ])('is not taken for one: %s', (password) => {
    expect(isCommonPassword(password)).toBe(false)
  })

  it('is never taken for one where chance drew it', () => {
    // The alphabet of one-time passwords, by a sequence that comes again.
    const alphabet = 'ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789'
    let state = 12_345
    const draw = (): string => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
      return alphabet[Math.floor(state / 65_536) % alphabet.length] ?? ''
    }
    const drawn = Array.from({ length: 2_000 }, () => `${Array.from({ length: 12 }, draw).join('')}-3`)
    expect(drawn.filter(isCommonPassword)).toEqual([])
  })
})

describe('the count of what nothing explains', () => {
  it.each([
    ['', 0],
    ['password', 0],
    ['p4$$w0rd', 0],
    ['qwerty', 0],
    ['ytrewq', 0],
    ['!@#$%', 0],
    ['20240131', 0],
    ['aaaa', 0],
    ['b3!e', 4],
    ['ab', 2],
    ['k7', 2],
    ['k7password!', 3],
    ['密码是什么', 5],
  ] as const)('of %j is %i', (password, count) => {
    expect(countUnexplained(password)).toBe(count)
  })

  it('is made of 256 characters in a moment, whatever they are', () => {
    const began = performance.now()
    for (const one of ['a', 'ab', 'pas', '1q', '@$!']) countUnexplained(one.repeat(256).slice(0, 256))
    expect(performance.now() - began).toBeLessThan(5_000)
  })
})

describe('a word in a password', () => {
  it('is found in any case, and with figures for letters', () => {
    for (const one of ['my-Shoukou-7!', 'X5H0UK0U!', '５houkou']) expect(holdsWord(one, 'shoukou')).toBe(true)
    expect(holdsWord('守口如瓶-Aa1', '守口')).toBe(true)
  })

  it('is not found where it is not, nor where there is none', () => {
    expect(holdsWord('shou-kou', 'shoukou')).toBe(false)
    expect(holdsWord('anything', '')).toBe(false)
  })
})
