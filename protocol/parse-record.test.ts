import { describe, expect, it } from 'vitest'
import { FACT_KINDS, type Fact, type FactNamed } from './events/facts.ts'
import type { Record as JournalRecord } from './events/record.ts'
import { readGolden } from './fixtures/golden.ts'
import { HOSTILE_TEXTS } from './fixtures/hostile-texts.ts'
import { thrownBy } from './fixtures/thrown-by.ts'
import { LIMITS } from './limits.ts'
import { encodeRecord, parseRecord } from './parse-record.ts'
import { bytesOfRawText, rawTextOf } from './raw-text.ts'

const golden = (kind: string): string => readGolden(`records/${kind}.json`).toString()
const faultOf = (raw: string | Uint8Array) => thrownBy(() => parseRecord(Buffer.from(raw as string)))

function withFact(fact: Fact): JournalRecord {
  return { ...parseRecord(Buffer.from(golden('agent.started'))), fact }
}

describe('a record', () => {
  it.each(FACT_KINDS)('of %s with an unknown field is malformed, in the record and in the fact', (kind) => {
    const record = JSON.parse(golden(kind)) as { fact: object }
    expect(faultOf(JSON.stringify({ ...record, more: 1 }))).toMatchObject({ code: 'malformed-frame' })
    const inFact = { ...record, fact: { ...record.fact, more: 1 } }
    expect(faultOf(JSON.stringify(inFact))).toMatchObject({ code: 'malformed-frame' })
  })

  it.each(FACT_KINDS)('of %s without any one of its fields is malformed', (kind) => {
    const record = JSON.parse(golden(kind)) as { fact: { [field: string]: unknown } }
    for (const key of Object.keys(record)) {
      expect(faultOf(JSON.stringify({ ...record, [key]: undefined }))).toMatchObject({
        code: 'malformed-frame',
      })
    }
    for (const key of Object.keys(record.fact)) {
      const fact = { ...record.fact, [key]: undefined }
      expect(faultOf(JSON.stringify({ ...record, fact }))).toMatchObject({ code: 'malformed-frame' })
    }
  })

  it.each(HOSTILE_TEXTS)('carries a hostile name unharmed: $name', ({ bytes }) => {
    const fact = JSON.parse(golden('file.activity')).fact as FactNamed<'file.activity'>
    const raw = encodeRecord(withFact({ ...fact, path: rawTextOf(bytes), renamedFrom: null }))
    expect(raw.length).toBeLessThanOrEqual(LIMITS.recordBytesMax)
    const read = parseRecord(raw).fact as FactNamed<'file.activity'>
    expect(Buffer.from(bytesOfRawText(read.path)).equals(bytes)).toBe(true)
  })

  it.each(['', 'null', '[]', '1', '{}', '{"v":1}', '\ufeff{}', '{"v":1,'])(
    'that is none is malformed: %j',
    (text) => {
      expect(faultOf(text)).toMatchObject({ code: 'malformed-frame' })
    },
  )

  it('that is not UTF-8 is malformed, not repaired', () => {
    const raw = Buffer.from(golden('agent.started'))
    raw[raw.indexOf('a-0231')] = 0xff
    expect(faultOf(raw)).toMatchObject({ code: 'malformed-frame' })
  })

  it('cut at any byte is malformed', () => {
    const raw = Buffer.from(golden('usb.attached'))
    for (let length = 0; length < raw.length; length += 1) {
      expect(faultOf(raw.subarray(0, length))).toMatchObject({ code: 'malformed-frame' })
    }
  })

  it.each(['__proto__', 'constructor', 'toString', 'usb', '', 'USB.attached'])(
    'of kind %j is malformed',
    (kind) => {
      const record = JSON.parse(golden('agent.started')) as object
      expect(faultOf(JSON.stringify({ ...record, fact: { kind } }))).toMatchObject({
        code: 'malformed-frame',
      })
    },
  )

  it('cannot reach a prototype', () => {
    const loss = golden('journal.loss')
    for (const text of [
      `{"__proto__":{"polluted":true},${loss.slice(1)}`,
      loss.replace('"fact":{', '"fact":{"__proto__":{"polluted":true},'),
      loss.replace('"counts":{', '"counts":{"__proto__":1,'),
    ]) {
      expect(text).not.toBe(loss)
      expect(faultOf(text)).toMatchObject({ code: 'malformed-frame' })
    }
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('counts losses under names of kinds alone', () => {
    const loss = golden('journal.loss')
    for (const key of ['', 'A', 'k'.repeat(65), '\\u001b[31m', '../x']) {
      expect(faultOf(loss.replace('"counts":{', `"counts":{"${key}":1,`))).toMatchObject({
        code: 'malformed-frame',
      })
    }
  })

  it('is taken at its limit and refused one byte past it', () => {
    const text = golden('agent.started')
    const padded = (bytes: number) => text + ' '.repeat(bytes - Buffer.byteLength(text))
    expect(parseRecord(Buffer.from(padded(LIMITS.recordBytesMax))).seq).toBe(1)
    expect(faultOf(padded(LIMITS.recordBytesMax + 1))).toMatchObject({ code: 'limit-exceeded' })
  })

  it('nested as deep as the limit allows is malformed, not a crash', () => {
    const text = golden('agent.started').replace(
      '"pid":412',
      `"pid":${'['.repeat(200_000)}${']'.repeat(200_000)}`,
    )
    expect(faultOf(text)).toMatchObject({ code: 'malformed-frame' })
  })

  it.each([
    ['"seq":1', '"seq":0'],
    ['"seq":1', '"seq":1.5'],
    ['"seq":1', '"seq":9007199254740993'],
    ['"bootMs":12346.5', '"bootMs":1e999'],
    ['"bootMs":12346.5', '"bootMs":-1'],
    ['"level":"secret"', '"level":"机密"'],
    ['"pid":412', '"pid":-1'],
    ['"pid":412', '"pid":"412"'],
    ['"v":1', '"v":2'],
    ['"epoch":"e-0002"', '"epoch":""'],
  ])('with %s made %s is malformed', (from, to) => {
    const text = golden('agent.started')
    expect(text).toContain(from)
    expect(faultOf(text.replace(from, to))).toMatchObject({ code: 'malformed-frame' })
  })

  it('names the field in the refusal, and no value and no key of the peer in the clear', () => {
    const value = faultOf(golden('agent.started').replace('"pid":412', '"pid":"hunter2"'))
    expect(String(value)).toContain('/pid')
    expect(String(value)).not.toContain('hunter2')
    const key = faultOf(golden('journal.loss').replace('"counts":{', '"counts":{"\\u001b[31m\\u202e":"x",'))
    expect(String(key)).not.toMatch(/[\u001b\u202e]/)
  })

  it('lists at their limits and one past', () => {
    const { fact } = parseRecord(Buffer.from(golden('network.interface-removed')))
    const { interface: adapter } = fact as FactNamed<'network.interface-removed'>
    const address = adapter.addresses[0]
    if (address === undefined) throw new Error('the golden file has an address')
    const withAddresses = (count: number) =>
      encodeRecord(
        withFact({
          kind: 'network.interface-removed',
          interface: { ...adapter, addresses: Array.from({ length: count }, () => address) },
        }),
      )
    expect(parseRecord(withAddresses(LIMITS.interfaceAddressesMax)).fact.kind).toBe(
      'network.interface-removed',
    )
    expect(faultOf(withAddresses(LIMITS.interfaceAddressesMax + 1))).toMatchObject({
      code: 'malformed-frame',
    })
  })
})
