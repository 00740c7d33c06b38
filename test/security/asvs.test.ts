import { describe, expect, it } from 'vitest'
import { HELD_OF_LEVEL_3, LEVELS_BY_SECTION } from './asvs/levels.ts'
import { ASVS, OPEN_MAX } from './asvs.ts'
import { missingTests, parseTitles } from './read-titles.ts'

const levels = new Map<string, number>(
  Object.entries(LEVELS_BY_SECTION).flatMap(([section, digits]) =>
    Array.from(digits, (digit, at) => [`${section}.${at + 1}`, Number(digit)] as const),
  ),
)
const ofKind = (kind: string) => ASVS.filter((one) => one.kind === kind)

describe('the list of ASVS 5.0.0', () => {
  it('knows as many requirements of each level as the standard has', () => {
    const counts = [1, 2, 3].map((level) => [...levels.values()].filter((one) => one === level).length)
    expect(counts).toEqual([70, 183, 92])
  })

  it('has every one of levels 1 and 2, and those of level 3 that are held to, once each', () => {
    const held = [...levels].filter(([, level]) => level < 3).map(([id]) => id)
    for (const id of HELD_OF_LEVEL_3) expect(levels.get(id), id).toBe(3)
    expect(ASVS.map(({ id }) => id).toSorted()).toEqual([...held, ...HELD_OF_LEVEL_3].toSorted())
  })

  it('says in a few words what each asks, and why where no test proves it', () => {
    for (const one of ASVS) {
      expect(one.what.length, one.id).toBeGreaterThan(5)
      expect(one.what.length, one.id).toBeLessThan(80)
      if (one.kind === 'proven') expect(one.by.length, one.id).toBeGreaterThan(0)
      else expect((one.kind === 'open' ? one.missing : one.why).length, one.id).toBeGreaterThan(15)
    }
  })

  it('names tests that are there', async () => {
    const faults = await Promise.all(
      ASVS.map(async (one) =>
        one.kind === 'proven' ? (await missingTests(one.by)).map((fault) => `${one.id}: ${fault}`) : [],
      ),
    )
    expect(faults.flat()).toEqual([])
  })

  it('has no more open than it had', () => {
    const open = ofKind('open')
    process.stdout.write(
      `ASVS 5.0.0: ${ofKind('proven').length} proven, ${ofKind('departed').length} done otherwise on purpose, ${ofKind('absent').length} not applicable, ${open.length} open: ${open.map(({ id }) => id).join(' ')}\n`,
    )
    expect(open.length).toBeLessThanOrEqual(OPEN_MAX)
  })
})

describe('titles of tests', () => {
  it('are read from calls, tables and groups, and from nothing else', () => {
    const source = `describe('a', () => {\n  it("b’s \\'c\\'", x)\n  it.each([\n    ['no', 1],\n  ] as const)('%s d', f)\n  it.each(LIST)(\n    'e',\n  )\n})\ncall('not')`
    expect(parseTitles(source)).toEqual(expect.arrayContaining(['a', "b’s 'c'", '%s d', 'e']))
    expect(parseTitles(source)).not.toContain('not')
  })

  it('that are gone, or of two tests, are told', async () => {
    const file = 'test/security/asvs.test.ts'
    expect(await missingTests([[file, 'has no more open']])).toEqual([])
    expect(await missingTests([[file, 'a test that nobody wrote']])).toHaveLength(1)
    expect(await missingTests([[file, '']])).toHaveLength(1)
    expect(await missingTests([['test/security/none.test.ts', 'x']])).toHaveLength(1)
  })
})
