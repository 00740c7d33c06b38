/** Both languages are complete, and every word that the pages ask for exists. */
import { globSync, readFileSync } from 'node:fs'
import {
  ALLOWING_RULES,
  COMPUTER_ROLES,
  CONDITIONS,
  CONFIDENCES,
  ERROR_CODES,
  FACT_KINDS,
  FLOW_ACTS,
  HARDWARE_KINDS,
  IDENTITY_RESULTS,
  INTERFACE_MEDIA,
  LEVELS,
  MEDIUM_RIGHTS,
  MEDIUM_STATES,
  NETS,
  NETWORK_MODES,
  PASSPORT_FIELDS,
  REFUSING_RULES,
  ROLES,
  SENSORS,
  USB_FUNCTIONS,
  VIOLATION_IDS,
  VIOLATIONS,
} from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { SEVERITIES } from '../api/contract.ts'
import { MEDIUM_KINDS } from '../api/contract-media.ts'
import { ISOLATION_STATES } from '../api/contract-network.ts'
import { FACT_KIND_GROUPS } from './evidence/kind-groups.ts'
import { usbClassNames } from './evidence/usb-class.ts'
import { en } from './i18n/en.ts'
import { zhCN } from './i18n/zh-cn.ts'
import { ruledTypes } from './violations/ruled-types.ts'

const web = import.meta.dirname
const zhKeys = Object.keys(zhCN)
const sources = globSync('**/*.{ts,tsx}', {
  cwd: web,
  exclude: ['dist/**', '**/*.test.ts', 'i18n/en.ts', 'i18n/zh-cn.ts'],
}).map((path) => ({ path, text: readFileSync(`${web}/${path}`, 'utf8') }))

function isKnown(key: string): boolean {
  return zhKeys.includes(key) || (zhKeys.includes(`${key}_one`) && zhKeys.includes(`${key}_other`))
}

/** Rules that a connection's record may name, as the one file that judges writes them. */
function namedRules(): string[] {
  const judge = readFileSync(new URL('../../protocol/network/judge-destination.ts', import.meta.url), 'utf8')
  const refusals = judge.slice(judge.indexOf('function refusalOf'), judge.indexOf('function isMatch'))
  const approvals = [...judge.matchAll(/rule: '([a-z-]+)'/g)].map((match) => match[1] ?? '')
  const refused = [...refusals.matchAll(/(?:return|\?|:) '([a-z-]+)'/g)].map((match) => match[1] ?? '')
  expect(refused).toContain('public-address')
  return [...new Set([...approvals, ...refused])]
}

/** Why a computer is not proven: the codes of both files that say so. */
function watchReasons(): string[] {
  const rules = new URL('../rules/', import.meta.url)
  const text = ['watch-state.ts', 'network-standing.ts']
    .map((file) => readFileSync(new URL(file, rules), 'utf8'))
    .join('')
  const union = /ReasonCode =\n((?: +\/\*\*[^\n]*\n| +\| '[a-z-]+'\n)+)/g
  const codes = [...text.matchAll(union)].flatMap((match) =>
    [...(match[1] ?? '').matchAll(/\| '([a-z-]+)'/g)].map((one) => one[1] ?? ''),
  )
  expect(codes).toContain('network-not-in-force')
  return [...new Set(codes)]
}

describe('the words', () => {
  it('have the same keys in both languages, and none is empty', () => {
    expect(Object.keys(en).toSorted()).toEqual(zhKeys.toSorted())
    for (const [key, words] of [...Object.entries(zhCN), ...Object.entries(en)]) {
      expect(words.trim(), key).not.toBe('')
    }
  })

  it('name the same values in both languages', () => {
    const valuesOf = (words: string) =>
      [...words.matchAll(/\{\{(\w+)\}\}/g)]
        .map((match) => match[1] ?? '')
        .toSorted((a, b) => a.localeCompare(b))
    for (const [key, words] of Object.entries(zhCN)) {
      const others = valuesOf(en[key as keyof typeof zhCN])
      // An English singular may do without its number.
      if (key.endsWith('_one')) continue
      expect(others, key).toEqual(valuesOf(words))
    }
  })

  it('exist wherever a page asks for one', () => {
    const asked = sources.flatMap(({ path, text }) =>
      [...text.matchAll(/\b(?:t|tryT)\(\s*'([^']+)'/g)].map((match) => ({ path, key: match[1] ?? '' })),
    )
    expect(asked.length).toBeGreaterThan(150)
    expect(asked.filter(({ key }) => !isKnown(key))).toEqual([])
  })

  it('exist for each family that a page asks for by a value', () => {
    const families = sources.flatMap(({ path, text }) =>
      [...text.matchAll(/\b(?:t|tryT)\(\s*`([^`$]+)\$\{/g)].map((match) => ({
        path,
        family: match[1] ?? '',
      })),
    )
    expect(families.length).toBeGreaterThan(20)
    expect(families.filter(({ family }) => !zhKeys.some((key) => key.startsWith(family)))).toEqual([])
  })

  it('cover everything that the protocol and the contract can name', () => {
    const wanted = [
      ...FACT_KINDS.map((kind) => `fact.${kind}`),
      ...SENSORS.map((sensor) => `sensor.${sensor}`),
      ...SEVERITIES.map((severity) => `severity.${severity}`),
      ...ROLES.map((role) => `role.${role}`),
      ...NETWORK_MODES.map((mode) => `value.networkMode.${mode}`),
      ...ruledTypes.flatMap((type) => [`violation.type.${type}`, `why.${type}`]),
      ...CONDITIONS.map((condition) => `value.condition.${condition}`),
      ...CONFIDENCES.flatMap((one) => [`value.confidence.${one}`, `confidence.means.${one}`]),
      ...FLOW_ACTS.map((act) => `value.flow.${act}`),
      ...NETS.map((net) => `value.net.${net}`),
      ...HARDWARE_KINDS.map((kind) => `value.kind.${kind}`),
      ...INTERFACE_MEDIA.map((medium) => `value.medium.${medium}`),
      ...ISOLATION_STATES.flatMap((state) => [`isolation.state.${state}`, `isolation.short.${state}`]),
      ...namedRules().map((rule) => `rule.${rule}`),
      ...watchReasons().map((code) => `reason.${code}`),
      ...USB_FUNCTIONS.map((name) => `usb.function.${name}`),
      ...[...ALLOWING_RULES, ...REFUSING_RULES].map((rule) =>
        isKnown(`value.cause.${rule}`) ? `value.cause.${rule}` : `violation.type.${rule}`,
      ),
      ...PASSPORT_FIELDS.map(({ field }) => `passport.${field}`),
      ...MEDIUM_STATES.flatMap((state) => [`medium.state.${state}`, `medium.state-means.${state}`]),
      ...MEDIUM_RIGHTS.map((right) => `value.right.${right}`),
      ...MEDIUM_KINDS.map((kind) => `medium.kind.${kind}`),
      ...IDENTITY_RESULTS.map((result) => `value.result.${result}`),
      ...COMPUTER_ROLES.flatMap((role) => [`policy.role.${role}`, `policy.role-does.${role}`]),
      ...usbClassNames.map((name) => `usb.class.${name}`),
      ...[
        'not-signed-in',
        'not-permitted',
        'not-found',
        'invalid-request',
        'edit-conflict',
        'sign-in-refused',
      ].map((code) => `error.${code}`),
    ]
    expect(wanted.filter((key) => !isKnown(key))).toEqual([])
  })

  it('explain only errors that exist', () => {
    const codes = [...Object.keys(ERROR_CODES), 'unreachable', 'page']
    const explained = zhKeys
      .filter((key) => key.startsWith('error.'))
      .map((key) => key.slice('error.'.length))
    expect(explained.filter((code) => !codes.includes(code))).toEqual([])
  })

  it('name every violation that a rule or a register makes', () => {
    const console = new URL('..', import.meta.url).pathname
    const made = globSync('{rules,ingest,workflows}/**/*.ts', { cwd: console, exclude: ['**/*.test.ts'] })
      .flatMap((path) => [...readFileSync(`${console}/${path}`, 'utf8').matchAll(/\btype: '([a-z-]+)'/g)])
      .flatMap(([, type = '']) => VIOLATION_IDS.filter((id) => id === type))
    expect(new Set(made).size).toBeGreaterThan(10)
    expect([...new Set(made)].filter((id) => !ruledTypes.some((type) => type === id))).toEqual([])
  })

  it('call a violation as the catalogue calls it', () => {
    for (const type of ruledTypes) {
      expect(zhCN[`violation.type.${type}`]).toBe(VIOLATIONS[type].name.zh)
      expect(en[`violation.type.${type}`]).toBe(VIOLATIONS[type].name.en)
    }
  })

  it('never name a level without its Chinese word', () => {
    expect(LEVELS.length).toBe(5)
    const bare = Object.entries(en).filter(([, words]) => /Top Secret|\bSecret\b|Confidential\b/.test(words))
    expect(bare.filter(([, words]) => !/[绝机秘]密/.test(words))).toEqual([])
  })

  it('are written in Chinese with Chinese punctuation', () => {
    const halfWidth = Object.entries(zhCN).filter(([, words]) =>
      /[\u4e00-\u9fff][,;:!?]|[,;:!?][\u4e00-\u9fff]/.test(words),
    )
    expect(halfWidth).toEqual([])
  })
})

describe('the groups of the timeline filter', () => {
  it('hold every kind of fact once', () => {
    expect(Object.values(FACT_KIND_GROUPS).flat().toSorted()).toEqual(FACT_KINDS.toSorted())
  })
})
