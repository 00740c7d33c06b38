import { describe, expect, it } from 'vitest'
import { listGolden, readGolden } from './fixtures/golden.ts'
import { thrownBy } from './fixtures/thrown-by.ts'
import { encodeFrame, errorFrame, parseAgentFrame, parseConsoleFrame } from './frames.ts'
import { LIMITS } from './limits.ts'

const goldens = listGolden('frames').filter((name) => name.endsWith('.json'))
const agentNames = goldens.filter((name) => name.startsWith('agent-'))
const consoleNames = goldens.filter((name) => name.startsWith('console-'))
const golden = (name: string): string => readGolden(`frames/${name}`).toString()
const parserOf = (name: string) => (name.startsWith('agent-') ? parseAgentFrame : parseConsoleFrame)
const faultOf = (text: string, parse: (text: string) => unknown = parseAgentFrame) =>
  thrownBy(() => parse(text))

/** An error frame padded with blanks to exactly so many bytes. */
function paddedTo(bytes: number): string {
  const text = encodeFrame(errorFrame('not-found', 'x'))
  return text + ' '.repeat(bytes - text.length)
}

describe('control frames', () => {
  it.each(goldens)('%s is read and written again as the same bytes', (name) => {
    expect(encodeFrame(parserOf(name)(golden(name)))).toBe(golden(name))
  })

  it('may come from one end only, errors aside', () => {
    for (const name of agentNames.filter((one) => !one.includes('error'))) {
      expect(faultOf(golden(name), parseConsoleFrame)).toMatchObject({ code: 'malformed-frame' })
    }
    for (const name of consoleNames.filter((one) => !one.includes('error'))) {
      expect(faultOf(golden(name))).toMatchObject({ code: 'malformed-frame' })
    }
  })

  it.each(goldens)('%s with an unknown field is malformed, not ignored', (name) => {
    const frame = JSON.parse(golden(name)) as object
    for (const key of ['extra', 'constructor', 'toString', '']) {
      const text = JSON.stringify({ ...frame, [key]: 1 })
      expect(faultOf(text, parserOf(name))).toMatchObject({ code: 'malformed-frame' })
    }
  })

  it.each(goldens)('%s without any one of its fields is malformed', (name) => {
    const frame = JSON.parse(golden(name)) as Record<string, unknown>
    for (const key of Object.keys(frame)) {
      const { [key]: _left, ...rest } = frame
      expect(faultOf(JSON.stringify(rest), parserOf(name))).toMatchObject({ code: 'malformed-frame' })
    }
  })

  it.each(goldens)(
    '%s of a future version is told apart from a malformed one, whatever else it holds',
    (name) => {
      const frame = JSON.parse(golden(name)) as object
      const future = JSON.stringify({ ...frame, v: 2, fieldOfTomorrow: true })
      expect(faultOf(future, parserOf(name))).toMatchObject({ code: 'unsupported-version' })
    },
  )

  it.each(['{}', '{"v":null}', '{"v":"1","type":"hello"}', '{"v":[1]}', '{"type":"hello"}'])(
    'without a number as version is malformed: %s',
    (text) => {
      expect(faultOf(text)).toMatchObject({ code: 'malformed-frame' })
    },
  )

  it.each(['', ' ', 'null', '[]', '1', '"hello"', '{', '{"v":1', 'NaN', '{"v":1,}', '\ufeff{"v":1}'])(
    'that is no JSON object is malformed: %j',
    (text) => {
      expect(faultOf(text)).toMatchObject({ code: 'malformed-frame' })
    },
  )

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'HELLO', 'records'])(
    'of type %j is malformed',
    (type) => {
      expect(faultOf(JSON.stringify({ v: 1, type }))).toMatchObject({ code: 'malformed-frame' })
    },
  )

  it('cannot reach a prototype', () => {
    const plain = golden('agent-hello.json')
    for (const text of [
      `{"__proto__":{"polluted":true},${plain.slice(1)}`,
      plain.replace('"journal":{', '"journal":{"__proto__":{"polluted":true},'),
      '{"__proto__":{"v":1,"type":"hello"}}',
      '{"constructor":{"prototype":{"polluted":true}},"v":1,"type":"hello"}',
    ]) {
      expect(faultOf(text)).toMatchObject({ code: 'malformed-frame' })
    }
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('nested as deep as the limit allows is malformed, not a crash', () => {
    const text = `{"v":1,"type":"hello","journal":${'['.repeat(30_000)}${']'.repeat(30_000)}}`
    expect(faultOf(text)).toMatchObject({ code: 'malformed-frame' })
  })

  it('is taken at the limit and refused one byte past it', () => {
    expect(parseAgentFrame(paddedTo(LIMITS.controlFrameBytesMax))).toMatchObject({ type: 'error' })
    expect(faultOf(paddedTo(LIMITS.controlFrameBytesMax + 1))).toMatchObject({ code: 'limit-exceeded' })
    expect(parseConsoleFrame(paddedTo(LIMITS.frameBytesMax))).toMatchObject({ type: 'error' })
    expect(faultOf(paddedTo(LIMITS.frameBytesMax + 1), parseConsoleFrame)).toMatchObject({
      code: 'limit-exceeded',
    })
  })

  it('is measured in bytes, not in characters', () => {
    const text = `{"v":1,"x":"${'密'.repeat(30_000)}"}`
    expect(text.length).toBeLessThan(LIMITS.controlFrameBytesMax)
    expect(faultOf(text)).toMatchObject({ code: 'limit-exceeded' })
  })

  it.each([
    ['journal.seq', -1],
    ['journal.seq', 1.5],
    ['journal.seq', 2 ** 53],
    ['journal.seq', '1'],
    ['journal.head', 'A'.repeat(64)],
    ['journal.head', `${'a'.repeat(64)}\n`],
    ['journal.head', 'a'.repeat(63)],
    ['journal.epoch', ''],
    ['journal.epoch', 'e'.repeat(65)],
    ['policyVersion', null],
    ['wallMs', -1],
  ])('refuses a hello whose %s is %j', (path, value) => {
    const frame = JSON.parse(golden('agent-hello.json')) as Record<string, Record<string, unknown>>
    const [first = '', second] = path.split('.')
    if (second === undefined) (frame as Record<string, unknown>)[first] = value
    else (frame[first] as Record<string, unknown>)[second] = value
    expect(faultOf(JSON.stringify(frame))).toMatchObject({ code: 'malformed-frame' })
  })

  it('names the field in the refusal, and never a value', () => {
    const text = golden('agent-hello.json').replace('"policyVersion":3', '"policyVersion":"hunter2"')
    const fault = faultOf(text)
    expect(String(fault)).toContain('/policyVersion')
    expect(String(fault)).not.toContain('hunter2')
  })

  it('cuts a long error message, so that the frame stays within its schema', () => {
    const frame = errorFrame('not-found', '\u{1f600}'.repeat(2_000))
    expect(parseAgentFrame(encodeFrame(frame))).toMatchObject({ code: 'not-found' })
  })
})
