import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import { BREACHES } from './violations/breaches.ts'
import { UNIT_RULES } from './violations/legal-basis.ts'
import { SEVERITIES } from './violations/violation.ts'
import { isViolationId, VIOLATION_IDS, VIOLATIONS, type ViolationId, violationById } from './violations.ts'

const entries = VIOLATION_IDS.map((id) => VIOLATIONS[id])
const severityOf = (numbers: readonly number[]) =>
  new Set(entries.filter((entry) => numbers.includes(entry.number)).map((entry) => entry.severity))

describe('the violation catalogue', () => {
  it('holds numbers 1 to 45, each once', () => {
    expect(entries.map((entry) => entry.number)).toEqual(Array.from({ length: 45 }, (_, at) => at + 1))
  })

  it('is as it was published: ids and numbers do not move', () => {
    const published = readFileSync(join(import.meta.dirname, 'fixtures/violation-ids.txt'), 'utf8').trimEnd()
    expect(entries.map((entry) => `${entry.number} ${entry.id}`).join('\n')).toBe(published)
  })

  it('gives each the severity that the taxonomy gives it', () => {
    expect(severityOf([1, 2, 4, 6, 8, 9, 15, 16, 17, 18, 24, 32, 33, 34, 38, 40, 42, 43])).toEqual(
      new Set(['critical']),
    )
    expect(severityOf([3, 7, 10, 12, 13, 14, 19, 21, 22, 25, 26, 29, 30, 31, 36, 37, 39, 44])).toEqual(
      new Set(['high']),
    )
    expect(severityOf([5, 11, 20, 23, 27, 28, 41])).toEqual(new Set(['medium']))
    expect(severityOf([35, 45])).toEqual(new Set(['low']))
    for (const entry of [...entries, ...Object.values(BREACHES)]) expect(SEVERITIES).toContain(entry.severity)
  })

  it('says that the console alone can tell 17, 23, 24, 39 and 45', () => {
    const ofConsole = entries.filter((entry) => entry.source === 'console').map((entry) => entry.number)
    const ofBoth = entries.filter((entry) => entry.source === 'both').map((entry) => entry.number)
    expect(ofConsole).toEqual([17, 23, 24, 39, 45])
    expect(ofBoth).toEqual([30, 37, 38, 40, 43, 44])
  })

  it('names each in Chinese and in English, no two alike', () => {
    for (const lang of ['zh', 'en'] as const) {
      const names = [...entries, ...Object.values(BREACHES)].map((entry) => entry.name[lang])
      expect(new Set(names).size).toBe(names.length)
      expect(
        names.every((name) => (lang === 'zh' ? /\p{Script=Han}/u.test(name) : /^[A-Z][ -~]+$/.test(name))),
      ).toBe(true)
    }
  })

  it('rests each on law or on a unit rule', () => {
    for (const entry of [...entries, ...Object.values(BREACHES)])
      expect(entry.basis.length).toBeGreaterThan(0)
  })

  it('uses every unit rule that it names', () => {
    const used = [...entries, ...Object.values(BREACHES)].flatMap((entry) =>
      entry.basis.flatMap((basis) => (basis.kind === 'unit-rule' ? [basis.rule] : [])),
    )
    expect(new Set(used)).toEqual(new Set(Object.keys(UNIT_RULES)))
  })

  it.each(entries)('$id has closed evidence', ({ evidence }) => {
    const branches = 'anyOf' in evidence ? (evidence.anyOf as readonly object[]) : [evidence]
    for (const branch of branches) expect(branch).toMatchObject({ additionalProperties: false })
    expect(Compile(evidence).Check({})).toBe(false)
  })

  it('finds an entry by its id, and nothing by what is none', () => {
    expect(violationById('agent-silent')?.number).toBe(39)
    for (const id of ['', 'agent', '__proto__', 'constructor', 'toString']) {
      expect(violationById(id)).toBeNull()
      expect(isViolationId(id)).toBe(false)
    }
  })

  it('cannot be changed', () => {
    expect(() => Object.assign(VIOLATIONS, { 'agent-silent': null })).toThrow(TypeError)
    expect(() => Object.assign(VIOLATIONS['agent-silent'], { severity: 'low' })).toThrow(TypeError)
  })

  it('shares no id with the breaches of process', () => {
    expect(Object.keys(BREACHES)).toHaveLength(11)
    expect(Object.keys(BREACHES).filter(isViolationId)).toEqual([])
  })
})

describe('evidence of the rules that are made', () => {
  const accepts = (id: ViolationId, evidence: unknown): boolean =>
    Compile(VIOLATIONS[id].evidence).Check(evidence)
  const gap = { epoch: 'e', firstSeq: 4, lastSeq: 5, expectedHead: null, claimedHead: null, byMs: null }
  const head = 'a'.repeat(64)

  it('takes each cause of a broken log, and no other', () => {
    for (const cause of [
      'journal-rolled-back',
      'segment-missing',
      'chain-mismatch',
      'undeclared-gap',
      'replayed-differently',
    ]) {
      expect(accepts('log-gap-or-clock-tamper', { cause, ...gap })).toBe(true)
      expect(accepts('log-gap-or-clock-tamper', { cause, ...gap, firstSeq: null })).toBe(false)
    }
    expect(accepts('log-gap-or-clock-tamper', { cause: 'segment-damaged', ...gap })).toBe(false)
    expect(accepts('log-gap-or-clock-tamper', { cause: 'quota', ...gap })).toBe(false)
  })

  it('wants both heads of a broken chain, and a lost journal may know nothing', () => {
    expect(accepts('log-gap-or-clock-tamper', { cause: 'chain-broken', ...gap })).toBe(false)
    const broken = { cause: 'chain-broken', ...gap, expectedHead: head, claimedHead: head }
    expect(accepts('log-gap-or-clock-tamper', broken)).toBe(true)
    const lost = { cause: 'journal-lost', ...gap, epoch: null, firstSeq: null, lastSeq: null }
    expect(accepts('log-gap-or-clock-tamper', lost)).toBe(true)
  })

  it('holds a clock set back, never one set forward', () => {
    const clock = { cause: 'clock-set-back', ...gap }
    expect(accepts('log-gap-or-clock-tamper', { ...clock, byMs: -120_001 })).toBe(true)
    expect(accepts('log-gap-or-clock-tamper', { ...clock, byMs: 120_001 })).toBe(false)
    expect(accepts('log-gap-or-clock-tamper', { ...clock, byMs: null })).toBe(false)
  })

  it('of silence is whole or refused', () => {
    const silent = { lastSeenMs: 1, lastSeq: 0, limitMs: 60_000, silentMs: 61_000, wasCleanStop: false }
    expect(accepts('agent-silent', silent)).toBe(true)
    expect(accepts('agent-silent', { ...silent, silentMs: -1 })).toBe(false)
    expect(accepts('agent-silent', { ...silent, person: 'x' })).toBe(false)
  })
})
