import { describe, expect, it } from 'vitest'
import { readGolden } from './fixtures/golden.ts'
import { HOSTILE_TEXTS } from './fixtures/hostile-texts.ts'
import { thrownBy } from './fixtures/thrown-by.ts'
import { LIMITS } from './limits.ts'
import { encodeRecordsFrame, parseRecordsFrame } from './records-frame.ts'

const head = '0'.repeat(64)
const fields = { epoch: 'e-1', firstSeq: 1, headBefore: head, headAfter: head, gap: null }
const faultOf = (bytes: Buffer) => thrownBy(() => parseRecordsFrame(bytes))

/** A frame with a header of the test's own making. */
function frameWith(header: string | Buffer, records: readonly Buffer[]): Buffer {
  const text = Buffer.from(header)
  const parts = [Buffer.from('SKR1'), u32(text.length), text]
  for (const raw of records) parts.push(u32(raw.length), raw)
  return Buffer.concat(parts)
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function headerText(more: object): string {
  return JSON.stringify({ v: 1, type: 'records', count: 1, ...fields, ...more })
}

describe('a records frame', () => {
  it('carries records as the very bytes that they are', () => {
    const records = HOSTILE_TEXTS.map(({ bytes }) => Buffer.from(bytes)).filter((bytes) => bytes.length > 0)
    for (let at = 0; at < records.length; at += 20) {
      const some = records.slice(at, at + 20)
      expect(parseRecordsFrame(encodeRecordsFrame(fields, some)).records).toEqual(some)
    }
  })

  it('hands out views into the message, not copies', () => {
    const frame = encodeRecordsFrame(fields, [Buffer.from('{}')])
    const { records } = parseRecordsFrame(frame)
    frame[frame.length - 1] = 0x21
    expect(records[0]?.toString()).toBe('{!')
  })

  it('cut at any byte is malformed', () => {
    const whole = readGolden('frames/agent-records.bin')
    expect(parseRecordsFrame(whole).records).toHaveLength(3)
    for (let length = 0; length < whole.length; length += 1) {
      expect(faultOf(whole.subarray(0, length))).toMatchObject({ code: 'malformed-frame' })
    }
  })

  it('with a byte too many is malformed', () => {
    const whole = readGolden('frames/agent-records.bin')
    expect(faultOf(Buffer.concat([whole, Buffer.from([0])]))).toMatchObject({ code: 'malformed-frame' })
  })

  it('with another beginning is malformed', () => {
    const whole = Buffer.from(readGolden('frames/agent-records.bin'))
    whole.write('SKR2')
    expect(faultOf(whole)).toMatchObject({ code: 'malformed-frame' })
  })

  it('of a future version is told apart', () => {
    expect(faultOf(frameWith(headerText({ v: 2, tomorrow: 1 }), []))).toMatchObject({
      code: 'unsupported-version',
    })
  })

  it.each([
    ['an unknown field', headerText({ more: 1 })],
    ['a prototype', `{"__proto__":{},${headerText({}).slice(1)}`],
    ['null', 'null'],
    ['a list', '[]'],
    ['no JSON', '{"v":1'],
    ['a count of none', headerText({ count: 0 })],
    ['a count below the records', headerText({ count: 1 }).replace('"count":1', '"count":0.5')],
    ['a count above the records', headerText({ count: 2 })],
    ['record 0', headerText({ firstSeq: 0 })],
    ['numbers past what can be counted', headerText({ firstSeq: Number.MAX_SAFE_INTEGER + 2 })],
    ['a gap that ends before it begins', headerText({ firstSeq: 9, gap: { firstSeq: 5, lastSeq: 4 } })],
    ['a gap that reaches into the records', headerText({ firstSeq: 9, gap: { firstSeq: 5, lastSeq: 9 } })],
  ])('whose header has %s is malformed', (_what, text) => {
    expect(faultOf(frameWith(text, [Buffer.from('{}')]))).toMatchObject({ code: 'malformed-frame' })
  })

  it('whose last number cannot be counted is malformed', () => {
    const last = headerText({ firstSeq: Number.MAX_SAFE_INTEGER, count: 2 })
    const two = [Buffer.from('a'), Buffer.from('b')]
    expect(faultOf(frameWith(last, two))).toMatchObject({ code: 'malformed-frame' })
  })

  it('whose header is not UTF-8 is malformed, not repaired', () => {
    const text = Buffer.from(headerText({ epoch: 'eX' }))
    text[text.indexOf('eX') + 1] = 0xff
    expect(faultOf(frameWith(text, [Buffer.from('{}')]))).toMatchObject({ code: 'malformed-frame' })
  })

  it('whose header or record claims more than is there allocates nothing for it', () => {
    const huge = Buffer.concat([Buffer.from('SKR1'), u32(0xffff_ffff), Buffer.from('{}')])
    expect(faultOf(huge)).toMatchObject({ code: 'malformed-frame' })
    const frame = frameWith(headerText({}), [Buffer.from('{}')])
    frame.writeUInt32BE(0xffff_ffff, frame.length - 6)
    expect(faultOf(frame)).toMatchObject({ code: 'limit-exceeded' })
    frame.writeUInt32BE(0, frame.length - 6)
    expect(faultOf(frame)).toMatchObject({ code: 'malformed-frame' })
  })

  it('takes a record at its limit and refuses one byte past it', () => {
    const at = encodeRecordsFrame(fields, [Buffer.alloc(LIMITS.recordBytesMax, 0x20)])
    expect(parseRecordsFrame(at).records[0]).toHaveLength(LIMITS.recordBytesMax)
    const past = encodeRecordsFrame(fields, [Buffer.alloc(LIMITS.recordBytesMax + 1, 0x20)])
    expect(faultOf(past)).toMatchObject({ code: 'limit-exceeded' })
  })

  it('takes as many records as the limit and refuses one more', () => {
    const records = Array.from({ length: LIMITS.recordsPerFrameMax }, () => Buffer.from('{}'))
    expect(parseRecordsFrame(encodeRecordsFrame(fields, records)).records).toHaveLength(records.length)
    const past = encodeRecordsFrame(fields, [...records, Buffer.from('{}')])
    expect(faultOf(past)).toMatchObject({ code: 'malformed-frame' })
  })

  it('is taken whole at the frame limit and refused one byte past it', () => {
    const part = Buffer.alloc(LIMITS.recordBytesMax - 1_000, 0x20)
    const parts = [part, part, part, Buffer.alloc(10_000, 0x20)]
    const room = LIMITS.frameBytesMax - encodeRecordsFrame(fields, [...parts, Buffer.alloc(1)]).length + 1
    const at = encodeRecordsFrame(fields, [...parts, Buffer.alloc(room, 0x20)])
    expect(at.length).toBe(LIMITS.frameBytesMax)
    expect(parseRecordsFrame(at).records).toHaveLength(5)
    const past = encodeRecordsFrame(fields, [...parts, Buffer.alloc(room + 1, 0x20)])
    expect(faultOf(past)).toMatchObject({ code: 'limit-exceeded' })
  })
})
