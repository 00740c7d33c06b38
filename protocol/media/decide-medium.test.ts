import { describe, expect, it } from 'vitest'
import { LEVELS, type Level } from '../levels.ts'
import { MEDIA_VIOLATIONS } from '../violations/media.ts'
import {
  ALLOWING_RULES,
  decideMedium,
  type MediumQuestion,
  type MediumRule,
  REFUSING_RULES,
} from './decide-medium.ts'
import { NOW_MS, SEAL } from './fixtures/passports.ts'
import type { MediumRight, Revocation, Seal } from './shapes.ts'

const number = 'C-2024-0012'

function question(seal: Partial<Seal>, level: Level, more: Partial<MediumQuestion> = {}): MediumQuestion {
  const whole = { ...SEAL, ...seal }
  return {
    identity: { result: 'match', source: 'seal', seal: whole, number: whole.number, level: whole.level },
    host: { number, level, roles: [] },
    user: 'zhang.san',
    revocations: [],
    nowMs: NOW_MS,
    ...more,
  }
}

const rw = ['read-write', 'registered-medium'] as const
const lo = ['read-only', 'lower-level-medium'] as const
const im = ['read-only', 'one-way-import'] as const
const hi = ['none', 'high-media-on-low-host'] as const
const cu = ['none', 'classified-media-on-unclassified-host'] as const
const uc = ['none', 'unclassified-media-on-classified-host'] as const

/** Rows: the medium's level from unclassified to top secret. Columns: the computer's. Written out, not computed. */
const TABLE: readonly (readonly (readonly [MediumRight, MediumRule])[])[] = [
  [rw, im, uc, uc, uc],
  [hi, rw, uc, uc, uc],
  [cu, cu, rw, lo, lo],
  [cu, cu, hi, rw, lo],
  [cu, cu, hi, hi, rw],
]
const cells = LEVELS.flatMap((medium, row) =>
  LEVELS.map((host, column) => ({ medium, host, expected: TABLE[row]?.[column] ?? hi })),
)

describe('the lattice of levels', () => {
  it.each(cells)('puts a medium $medium into a computer $host', ({ medium, host, expected }) => {
    const { right, rule } = decideMedium(question({ level: medium }, host))
    expect([right, rule]).toEqual(expected)
  })

  it.each(cells)(
    'lets an import computer $host read $medium where it is lower',
    ({ medium, host, expected }) => {
      const asked = question({ level: medium }, host, { host: { number, level: host, roles: ['import'] } })
      const { right, rule } = decideMedium(asked)
      expect([right, rule]).toEqual(expected === uc ? im : expected)
    },
  )

  it.each(cells)(
    'never gives more than a read-only certificate: $medium, $host',
    ({ medium, host, expected }) => {
      const { right } = decideMedium(question({ level: medium, right: 'read-only' }, host))
      expect(right).toBe(expected[0] === 'none' ? 'none' : 'read-only')
    },
  )

  it('lets nobody write down: every right to write is at one level', () => {
    for (const { medium, host } of cells) {
      for (const roles of [[], ['import'], ['station'], ['import', 'station']] as const) {
        const asked = question({ level: medium }, host, { host: { number, level: host, roles } })
        if (decideMedium(asked).right === 'read-write') expect(medium).toBe(host)
      }
    }
  })
})

describe('identity comes first', () => {
  it('refuses what is not known', () => {
    const identity = { result: 'unknown', source: 'none', seal: null, number: null, level: null } as const
    expect(decideMedium(question({}, 'secret', { identity }))).toMatchObject({
      right: 'none',
      rule: 'unregistered-media-inserted',
      number: null,
      level: null,
    })
  })

  it('refuses a suspected clone under the number that it pretends to', () => {
    const identity = { ...question({}, 'secret').identity, result: 'clone-suspected' as const }
    expect(decideMedium(question({}, 'secret', { identity }))).toMatchObject({
      right: 'none',
      rule: 'media-identity-mismatch',
      number: SEAL.number,
    })
  })

  it('lets a degraded medium keep its right: it was formatted, no more', () => {
    const identity = { ...question({}, 'secret').identity, result: 'degraded' as const }
    expect(decideMedium(question({}, 'secret', { identity })).right).toBe('read-write')
  })

  it('takes the list of device ids at the level of the computer', () => {
    const identity = {
      result: 'match',
      source: 'device-ids',
      seal: null,
      number: null,
      level: 'secret',
    } as const
    expect(decideMedium(question({}, 'secret', { identity }))).toMatchObject({
      right: 'read-write',
      rule: 'registered-medium',
    })
  })
})

describe('a revocation wins', () => {
  const revocation = (status: Revocation['status'], level: Level = 'secret'): Revocation => ({
    ...{ number: SEAL.number, level, status },
    issuedBeforeMs: status === 'replaced' ? SEAL.issuedAtMs + 1 : null,
  })

  it.each(['suspended', 'missing', 'retired', 'destroyed'] as const)('over any seal when %s', (status) => {
    const revocations = [revocation(status)]
    for (const host of LEVELS) {
      expect(decideMedium(question({}, host, { revocations }))).toMatchObject({
        right: 'none',
        rule: 'media-status-invalid',
        revocation: { status },
      })
    }
  })

  it('refuses an old certificate whose newer one is not here', () => {
    expect(decideMedium(question({}, 'secret', { revocations: [revocation('replaced')] }))).toMatchObject({
      right: 'none',
      rule: 'media-not-assigned',
      fault: 'replaced',
    })
  })

  it('judges by the raised level, whatever the old certificate says', () => {
    const revocations = [revocation('replaced', 'top-secret')]
    expect(decideMedium(question({}, 'secret', { revocations }))).toMatchObject({
      rule: 'high-media-on-low-host',
      level: 'top-secret',
    })
  })

  it('never lowers a level', () => {
    const revocations = [revocation('replaced', 'unclassified')]
    expect(decideMedium(question({}, 'internal', { revocations })).rule).toBe(
      'classified-media-on-unclassified-host',
    )
  })
})

describe('the assignment', () => {
  it.each<[string, MediumQuestion]>([
    ['computer', question({ computers: ['C-9'] }, 'secret')],
    ['computer', question({ computers: [] }, 'secret')],
    ['user', question({ users: ['li.si'] }, 'secret')],
    ['user', question({ users: ['zhang.san'] }, 'secret', { user: null })],
    ['not-yet-valid', question({}, 'secret', { nowMs: SEAL.validFromMs - 1 })],
    ['expired', question({}, 'secret', { nowMs: SEAL.validUntilMs ?? 0 })],
  ])('refuses by %s', (fault, asked) => {
    expect(decideMedium(asked)).toMatchObject({ right: 'none', rule: 'media-not-assigned', fault })
  })

  it('lets every computer and everybody in where none is named', () => {
    const asked = question({ computers: null, users: null, validUntilMs: null }, 'secret', { user: null })
    expect(decideMedium(asked).right).toBe('read-write')
    expect(decideMedium(question({ users: ['zhang.san'] }, 'secret')).right).toBe('read-write')
  })

  it('is judged after the levels: the graver breach is told', () => {
    const asked = question({ level: 'top-secret', computers: ['C-9'] }, 'unclassified')
    expect(decideMedium(asked).rule).toBe('classified-media-on-unclassified-host')
  })

  it('holds on an import computer as well', () => {
    const asked = question({ level: 'unclassified', computers: ['C-9'] }, 'secret', {
      host: { number, level: 'secret', roles: ['import'] },
    })
    expect(decideMedium(asked)).toMatchObject({ right: 'none', rule: 'media-not-assigned' })
  })
})

it('names every refusal by a violation of the catalogue, and no permission by one', () => {
  for (const rule of REFUSING_RULES) expect(Object.keys(MEDIA_VIOLATIONS)).toContain(rule)
  for (const rule of ALLOWING_RULES) expect(Object.keys(MEDIA_VIOLATIONS)).not.toContain(rule)
})
