import { describe, expect, it } from 'vitest'
import type { Command } from '../frames.ts'
import { CommandSchema } from '../frames.ts'
import { sayBeyond } from './beyond.ts'
import { fullSettings, LEVEL_CEILING, makeHolder, policyWith, testCeiling } from './fixtures/test-ceiling.ts'
import { LEVELS_ALLOWED, NARROWINGS, randomFrom, WIDENINGS } from './fixtures/widenings.ts'
import { judgeAgainstCeiling, judgeSettings, mayGrant } from './judge.ts'
import { CEILING_COMMANDS } from './shapes.ts'
import { tightenToCeiling } from './tighten.ts'

const ceiling = testCeiling([makeHolder().publicKey])
const rounds = 400

describe('a policy under a ceiling', () => {
  it('is within where it uses the ceiling to the full, at each level', () => {
    for (const level of LEVELS_ALLOWED) expect(judgeSettings(fullSettings(level), ceiling)).toEqual([])
  })

  it.each(Object.entries(WIDENINGS))(
    'is beyond where it is wider in %s alone, and that field is named',
    (name, widen) => {
      const random = randomFrom(20_260_101)
      for (let round = 0; round < rounds; round += 1) {
        const policy = policyWith(widen(fullSettings(), random))
        const beyond = judgeAgainstCeiling({ kind: 'policy', policy }, ceiling)
        expect(beyond.length, JSON.stringify(policy.settings)).toBeGreaterThan(0)
        expect(beyond.every(({ field }) => field.startsWith(`settings.${name}`))).toBe(true)
      }
    },
  )

  it('is within however it is narrower, and beyond again with one field of it widened', () => {
    const random = randomFrom(20_260_102)
    const widenings = Object.values(WIDENINGS)
    for (let round = 0; round < 5_000; round += 1) {
      const level = LEVELS_ALLOWED[Math.floor(random() * LEVELS_ALLOWED.length)]
      let settings = fullSettings(level)
      for (const narrow of NARROWINGS) if (random() < 0.4) settings = narrow(settings, random)
      expect(judgeSettings(settings, ceiling), JSON.stringify(settings)).toEqual([])
      const widened = widenings[Math.floor(random() * widenings.length)]?.(settings, random) ?? settings
      // Rules of a network that are not there can't be made wider; a network mode that was stricter may only become the weakest.
      if (JSON.stringify(widened) === JSON.stringify(settings)) continue
      expect(judgeSettings(widened, ceiling), JSON.stringify(widened)).not.toEqual([])
    }
  })

  it('is within again once it is narrowed to the ceiling, and never weaker than it was', () => {
    const random = randomFrom(20_260_103)
    for (const [name, widen] of Object.entries(WIDENINGS)) {
      if (name === 'level') continue
      for (let round = 0; round < 50; round += 1) {
        const policy = policyWith(widen(fullSettings(), random))
        const { policy: held, beyond } = tightenToCeiling(policy, ceiling)
        expect(beyond).not.toEqual([])
        expect(judgeAgainstCeiling({ kind: 'policy', policy: held }, ceiling)).toEqual([])
        expect(held.settings.level).toBe(policy.settings.level)
      }
    }
  })

  it('keeps a limit for bundles that is within, where another one is narrowed', () => {
    const full = fullSettings()
    const limits = { ...full.limits, silentAfterMs: 31 * 86_400_000, exportAfterMs: 86_400_000 }
    const { policy: held, beyond } = tightenToCeiling(policyWith({ ...full, limits }), ceiling)
    expect(beyond).toMatchObject([{ field: 'settings.limits.silentAfterMs' }])
    expect(held.settings.limits).toMatchObject({ exportAfterMs: 86_400_000 })
  })

  it('means the default limit for bundles where it says nothing, as does a ceiling that says nothing', () => {
    const day = 86_400_000
    const full = fullSettings()
    const { exportAfterMs: _none, ...silent } = full.limits
    const policyOf = (exportAfterMs?: number) =>
      policyWith({
        ...full,
        limits: exportAfterMs === undefined ? silent : { ...silent, exportAfterMs },
      })
    const { exportAfterMsMax: _max, ...limits } = LEVEL_CEILING.limits
    const under = (exportAfterMsMax?: number) => ({
      ...ceiling,
      levels: {
        ...ceiling.levels,
        confidential: {
          ...LEVEL_CEILING,
          limits: exportAfterMsMax === undefined ? limits : { ...limits, exportAfterMsMax },
        },
      },
    })
    const judge = (policy: ReturnType<typeof policyOf>, held: ReturnType<typeof under>) =>
      judgeAgainstCeiling({ kind: 'policy', policy }, held)
    expect(judge(policyOf(), under())).toEqual([])
    expect(judge(policyOf(31 * day), under())).toEqual([])
    expect(judge(policyOf(31 * day + 1), under())).toMatchObject([
      { field: 'settings.limits.exportAfterMs', rule: 'limit-too-long', allowed: `${31 * day}` },
    ])
    expect(judge(policyOf(90 * day), under(90 * day))).toEqual([])
    const [beyond] = judge(policyOf(), under(7 * day))
    expect(beyond).toMatchObject({ field: 'settings.limits.exportAfterMs', found: `${31 * day}` })
    const { policy: held } = tightenToCeiling(policyOf(), under(7 * day))
    expect(held.settings.limits.exportAfterMs).toBe(7 * day)
    expect(tightenToCeiling(policyOf(), under(90 * day)).policy.settings.limits).not.toHaveProperty(
      'exportAfterMs',
    )
  })

  it('keeps a mode that needs rules which are not there, and says so', () => {
    const { network: _none, ...bare } = fullSettings()
    const policy = policyWith({ ...bare, modes: { ...bare.modes, network: 'observe' } })
    const { policy: held, beyond } = tightenToCeiling(policy, ceiling)
    expect(held.settings.modes.network).toBe('observe')
    expect(beyond).toMatchObject([{ field: 'settings.modes.network', rule: 'mode-too-weak' }])
  })

  it('may not be called another level, nor know more things as its own, than the one in force', () => {
    const before = policyWith(fullSettings('secret'))
    const lower = policyWith(fullSettings('internal'))
    expect(judgeAgainstCeiling({ kind: 'policy', policy: lower, before }, ceiling)).toMatchObject([
      { field: 'settings.level', rule: 'level-changed', found: 'internal', allowed: 'secret' },
    ])
    const free = { ...ceiling, mayChangeLevel: true }
    expect(judgeAgainstCeiling({ kind: 'policy', policy: lower, before }, free)).toEqual([])
    const usb = [{ path: '1-1', vendorId: '0951', productId: '1666', serial: null }]
    const grown = policyWith(fullSettings('secret'), { baseline: { ...before.baseline, usb } })
    expect(judgeAgainstCeiling({ kind: 'policy', policy: grown, before }, ceiling)).toMatchObject([
      { field: 'baseline', rule: 'baseline-widened', found: '1' },
    ])
    expect(judgeAgainstCeiling({ kind: 'policy', policy: before, before: grown }, ceiling)).toEqual([])
  })

  it('is told about in both languages, each sentence with what to do', () => {
    const policy = policyWith(WIDENINGS['modes.media']?.(fullSettings(), () => 0) ?? fullSettings())
    const [one] = judgeAgainstCeiling({ kind: 'policy', policy }, ceiling)
    if (one === undefined) throw new Error('nothing is beyond')
    expect(sayBeyond(one, 'en')).toBe(
      'settings.modes.media: "observe" is weaker than the ceiling; set "enforce" at least.',
    )
    expect(sayBeyond(one, 'zh')).toBe('settings.modes.media：“observe”弱于上限；至少设为“enforce”。')
  })
})

describe('a command under a ceiling', () => {
  const named = (more: Partial<Command>): Command =>
    ({ v: 1, id: 'c', agent: 'a', issuedAtMs: 2, name: 'rescan', ...more }) as Command
  const grant = (right: 'read-only' | 'read-write', minutes: number) =>
    named({ name: 'grant-medium', instance: 'usb:1-1#1', right, minutes })
  const judge = (command: Command, level: 'secret' | null = 'secret') =>
    judgeAgainstCeiling({ kind: 'command', command, level }, ceiling)

  it('knows every command that there is', () => {
    const names = CommandSchema.anyOf.map((one) => one.properties.name.const)
    expect([...CEILING_COMMANDS].toSorted()).toEqual(names.toSorted())
  })

  it('is beyond where the ceiling does not name it', () => {
    for (const name of CEILING_COMMANDS) {
      const none = { ...ceiling, commands: CEILING_COMMANDS.filter((one) => one !== name) }
      const command = name === 'grant-medium' ? grant('read-only', 1) : named({ name })
      expect(judgeAgainstCeiling({ kind: 'command', command, level: 'secret' }, ceiling)).toEqual([])
      expect(judgeAgainstCeiling({ kind: 'command', command, level: 'secret' }, none)).toMatchObject([
        { rule: 'command-not-allowed', found: name },
      ])
    }
  })

  it('gives a right no wider and no longer than the level allows', () => {
    expect(judge(grant('read-only', 60))).toEqual([])
    expect(judge(grant('read-only', 61))).toMatchObject([{ rule: 'grant-too-long', allowed: '60' }])
    expect(judge(grant('read-write', 60))).toMatchObject([{ rule: 'right-too-wide', allowed: 'read-only' }])
    expect(mayGrant(ceiling, 'unclassified', { right: 'read-only', minutes: 1 })).toBe(false)
  })

  it('gives nobody the minutes of one level and the right of another', () => {
    const levels = {
      ...ceiling.levels,
      internal: { ...LEVEL_CEILING, grants: { right: 'read-write' as const, minutesMax: 5 } },
    }
    const mixed = { ...ceiling, levels }
    const ask = (command: Command) => judgeAgainstCeiling({ kind: 'command', command, level: null }, mixed)
    expect(ask(grant('read-write', 5))).toEqual([])
    expect(ask(grant('read-only', 60))).toEqual([])
    expect(ask(grant('read-write', 60))).not.toEqual([])
  })
})

describe('a seal under a ceiling', () => {
  it('gives no wider right than the widest of all levels', () => {
    const narrow = {
      ...ceiling,
      levels: { ...ceiling.levels, internal: null, confidential: null, 'top-secret': null },
    }
    expect(judgeAgainstCeiling({ kind: 'seal', seal: { right: 'read-write' } }, ceiling)).toEqual([])
    expect(judgeAgainstCeiling({ kind: 'seal', seal: { right: 'read-only' } }, narrow)).toEqual([])
    expect(judgeAgainstCeiling({ kind: 'seal', seal: { right: 'read-write' } }, narrow)).toMatchObject([
      { field: 'seal.right', rule: 'right-too-wide' },
    ])
  })
})
