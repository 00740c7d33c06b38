/**
 * What a device, a file or a person wrote stays one value of one line wherever others read it: the operators' log, the
 * administrators' log as CSV, syslog. Read back by strict readers of this file's own. (CVE-2026-44256 was such a line.)
 */
import { HOSTILE_TEXTS } from '@shoukou/protocol/fixtures/hostile-texts.ts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestApi, type TestApi } from '../../console/api/test-api.ts'
import { AGENT, addComputer } from '../../console/api/test-data.ts'
import { csvCell } from '../../console/api/view/trail-csv.ts'
import { createLog } from '../../console/base/log.ts'
import { encodeSyslog, frameSyslog } from '../../console/forward/encode-syslog.ts'
import { type ForwardMessage, messageOf } from '../../console/forward/message.ts'

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
/** Formulas in each way that a sheet knows one, behind the whole corpus. */
const formulas = ['=', '+', '-', '@', '\t=', '\r=', '\u0000=', ' =', '＝', '＋', '－', '＠'].map(
  (start) => `${start}cmd|'/C calc'!A0`,
)
const texts = [...new Set([...HOSTILE_TEXTS.map(({ bytes }) => decoder.decode(bytes)), ...formulas])]
/** What moves a cursor, ends a line or turns the direction of text. */
const obeyed =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that they are not there is what is tested
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/

let test: TestApi
beforeAll(async () => {
  test = await startTestApi({ pace: { signInsPerMinute: 1_000 } })
  await addComputer(test)
})
afterAll(() => test[Symbol.asyncDispose]())

it('a line of the operators’ log is one line, and reads back to the very text', () => {
  const lines: string[] = []
  const log = createLog('info', { write: (line) => lines.push(line) })
  for (const text of texts) log.warn({ text, [text.slice(0, 40)]: 1, err: new Error(text) }, 'hostile')
  expect(lines).toHaveLength(texts.length)
  for (const [at, line] of lines.entries()) {
    expect(line.endsWith('\n')).toBe(true)
    expect(line.slice(0, -1)).not.toMatch(obeyed)
    expect(JSON.parse(line)).toMatchObject({ msg: 'hostile', text: texts[at], err: { message: texts[at] } })
  }
})

it('a cell of CSV is one cell and no formula', () => {
  for (const text of texts) {
    const cells = readCsv(`${csvCell(text)},${csvCell('next')}\r\n`)
    expect(cells).toHaveLength(1)
    expect(cells[0]).toHaveLength(2)
    expect(cells[0]?.[1]).toBe('next')
    expect(cells[0]?.[0]).not.toMatch(obeyed)
    expect(cells[0]?.[0]).not.toMatch(/^\s*[=+\-@＝＋－＠]/)
  }
})

it('reasons and names that people typed come out of the export as one cell each, in as many lines as there are entries', async () => {
  const [admin, auditor] = [await test.signIn('sec-admin'), await test.signIn('auditor')]
  const typed = texts.filter((text) => text.length <= 500)
  let taken = 0
  for (const text of typed) {
    const body = { department: 'Finance', reason: text }
    const answer = await test.call('PUT', `/api/computers/${AGENT}/department`, { cookie: admin, body })
    if (answer.status === 200) taken += 1
    else expect(answer.status).toBe(400)
  }
  expect(taken).toBeGreaterThan(20)
  await test.call('POST', '/api/session', { body: { name: formulas[0], password: 'x' } })
  const exported = await test.call('GET', '/api/actions.csv', { cookie: auditor })
  expect(exported.status).toBe(200)
  expect(exported.headers['content-disposition']).toBe('attachment; filename="administrators-log.csv"')
  const rows = readCsv(exported.text.replace(/^\uFEFF/, ''))
  const [head = []] = rows
  expect(rows.length).toBeGreaterThan(taken)
  expect(new Set(rows.map((row) => row.length))).toEqual(new Set([head.length]))
  for (const cell of rows.flat()) {
    expect(cell).not.toMatch(obeyed)
    expect(cell).not.toMatch(/^\s*[=+\-@＝＋－＠]/)
  }
  const departments = rows.filter((row) => row[head.indexOf('act')] === 'department-set')
  expect(new Set(rows.map((row) => row[0])).size).toBe(rows.length)
  expect(departments).toHaveLength(taken)
  expect(test.logged.join('')).not.toContain('\u001b[2J')
})

it('messages of syslog are as many as were sent, whatever their words', () => {
  const messages = texts.map((text) => encodeSyslog(told(text), 'console.example'))
  const stream = Buffer.concat(messages.map((one) => frameSyslog(one)))
  // RFC 5425 §4.3: a length, a space, so many bytes.
  let at = 0
  let count = 0
  while (at < stream.length) {
    const space = stream.indexOf(0x20, at)
    const length = Number(stream.toString('latin1', at, space))
    expect(length).toBeGreaterThan(0)
    const message = stream.subarray(space + 1, space + 1 + length).toString('utf8')
    expect(message).toMatch(/^<\d{1,3}>1 2026-/)
    expect(message).not.toMatch(obeyed)
    at = space + 1 + length
    count += 1
  }
  expect(count).toBe(texts.length)
})

/** RFC 4180 §2, nothing beyond it: throws where a quote stands where none may. */
function readCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let at = 0
  while (at < text.length) {
    let cell = ''
    if (text[at] === '"') {
      for (at += 1; ; at += 1) {
        if (at >= text.length) throw new Error('a quote that is not closed')
        if (text[at] !== '"') cell += text[at]
        else if (text[at + 1] === '"') {
          cell += '"'
          at += 1
        } else break
      }
      at += 1
    } else {
      while (at < text.length && text[at] !== ',' && text[at] !== '\r') {
        if (text[at] === '"' || text[at] === '\n') throw new Error('a quote or an end of line in a bare cell')
        cell += text[at]
        at += 1
      }
    }
    row.push(cell)
    if (text[at] === ',') at += 1
    else if (text.startsWith('\r\n', at)) {
      rows.push(row)
      row = []
      at += 2
    } else throw new Error(`neither a comma nor an end of line at ${at}`)
  }
  return rows
}

function told(text: string): ForwardMessage {
  const number = text.slice(0, 64)
  return messageOf(
    {
      ...{ id: 7, at: Date.UTC(2026, 0, 2), kind: 'violation', agent: 'a-1', number, ref: 3 },
      ...{ severity: 'critical', type: 'agent-silent', body: null },
      violation: {
        ...{ id: 3, agent: 'a-1', number, key: 'k', type: 'agent-silent', severity: 'critical' },
        ...{ level: 'secret', policyVersion: 1, epoch: null, seq: null, endedAt: null },
        ...{ evidence: JSON.stringify({ product: text }), occurredAt: 1, receivedAt: 2 },
      },
    },
    { console: 'c0ffee', content: 'facts', language: 'zh', headlineOf: () => ({ zh: text, en: text }) },
  )
}
