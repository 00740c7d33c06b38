/** The made-up unit: the same for the same seed, whole, and nothing in it that could be taken for real. */
import { levelRank } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { checkEntry } from '../../console/ledger/check-entry.ts'
import { COMPUTERS } from '../../console/ledger/computers.ts'
import { TIER_LEVELS } from '../../console/ledger/people.ts'
import { makeMedia } from './media.ts'
import { createRandom } from './random.ts'
import { makeUnit, nameOf } from './unit.ts'

const size = { seed: 'a seed', computers: 600, media: 2_000 }
const unit = makeUnit(size)
const media = makeMedia(unit, size)

describe('the made-up unit', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(makeUnit(size)).toEqual(unit)
    expect(makeMedia(makeUnit(size), size)).toEqual(media)
    expect(makeUnit({ ...size, seed: 'another' })).not.toEqual(unit)
  })

  it('has as many computers and media as asked for, numbers and names used once', () => {
    expect(unit.computers).toHaveLength(600)
    expect(media).toHaveLength(2_000)
    for (const list of [
      unit.computers.map(({ number }) => number),
      unit.computers.map(({ mac }) => mac),
      unit.computers.map(({ address }) => address),
      unit.people.map(({ number }) => number),
      unit.people.map(({ name }) => name),
      media.map(({ number }) => number),
    ])
      expect(new Set(list).size).toBe(list.length)
  })

  it('names nobody but by a surname and a number', () => {
    for (const { name } of unit.people)
      expect(name).toMatch(/^[张李王赵钱孙周吴郑陈][零一二三四五六七八九十百]+$/)
    expect([nameOf(0), nameOf(11), nameOf(105)]).toEqual(['张一', '李二', '孙十一'])
  })

  it('gives nobody a computer above their tier, and names only departments that are there', () => {
    const departments = new Set(unit.departments.map(({ name }) => name))
    for (const { level, person, department } of unit.computers) {
      expect(levelRank(TIER_LEVELS[person.tier])).toBeGreaterThanOrEqual(levelRank(level))
      expect(departments).toContain(department)
    }
    const codes = new Set(unit.departments.map(({ code }) => code))
    for (const { parent } of unit.departments) expect(parent === null || codes.has(parent)).toBe(true)
  })

  it('fills registers with what they take', () => {
    const [one] = unit.computers
    const fields = { networkMode: 'classified-lan', kind: 'desktop', macs: [one?.mac ?? ''] }
    const draft = { number: one?.number ?? '', level: 'secret', state: 'applied', fields } as const
    expect(checkEntry(COMPUTERS, { ...draft, department: 'd', custodian: 'c' })).toEqual([])
  })

  it('knows many media by what they say of themselves, each at computers of its level', () => {
    const known = media.filter(({ device }) => device !== null)
    expect(known.length).toBeGreaterThan(media.length / 3)
    expect(new Set(known.map(({ device }) => device?.serial)).size).toBe(known.length)
    const levels = new Map(unit.computers.map(({ number, level }) => [number, level]))
    for (const { computers, level } of known)
      for (const number of computers ?? []) {
        const host = levels.get(number) ?? 'unclassified'
        expect(host).toBe(level)
      }
  })
})

describe('the generator of numbers', () => {
  it('stays within its bounds and reaches them', () => {
    const random = createRandom('bounds')
    const drawn = Array.from({ length: 2_000 }, () => random.int(3, 6))
    expect([Math.min(...drawn), Math.max(...drawn)]).toEqual([3, 6])
    expect(random.hex(8)).toMatch(/^[0-9a-f]{8}$/)
  })

  it('draws for one name what it draws for no other', () => {
    const random = createRandom('forks')
    expect(random.fork('a').next()).toBe(createRandom('forks').fork('a').next())
    expect(random.fork('a').next()).not.toBe(random.fork('b').next())
  })
})
