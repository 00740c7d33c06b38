/** What version 1 wrote is read by every later build. These bytes are never written again. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import { genesisHead, headAfter } from './chain.ts'
import { openEnvelope } from './envelope.ts'
import { FACT_KINDS, FACT_SCHEMAS, importanceOf } from './events/facts.ts'
import { RecordSchema } from './events/record.ts'
import { listGolden, readGolden } from './fixtures/golden.ts'
import { type CommandFrame, CommandSchema, type PolicyFrame, parseConsoleFrame } from './frames.ts'
import { encodeRecord, parseRecord } from './parse-record.ts'
import { PolicySchema } from './policy.ts'
import { parseRecordsFrame } from './records-frame.ts'

describe('golden files of version 1', () => {
  it('hold one record of each kind', () => {
    expect(listGolden('records').map((name) => name.replace(/\.json$/, ''))).toEqual(FACT_KINDS.toSorted())
  })

  it.each(FACT_KINDS)('%s is read, and would be written as the same bytes', (kind) => {
    const raw = readGolden(`records/${kind}.json`)
    const record = parseRecord(raw)
    expect(record.fact.kind).toBe(kind)
    expect(encodeRecord(record).equals(raw)).toBe(true)
  })

  it('are of the whole record schema too, which the fast check stands for', () => {
    const check = Compile(RecordSchema)
    for (const kind of FACT_KINDS)
      expect(check.Check(JSON.parse(readGolden(`records/${kind}.json`).toString()))).toBe(true)
  })

  it('hold every type of frame that frames.ts knows', () => {
    const source = readFileSync(join(import.meta.dirname, 'frames.ts'), 'utf8')
    const types = [...source.matchAll(/type: Type\.Literal\('([a-z]+)'\)/g)].map((match) => match[1])
    const files = listGolden('frames').join(' ')
    expect(types.length).toBeGreaterThan(5)
    for (const type of [...types, 'records']) expect(files).toContain(`-${type}`)
  })

  it('hold a records frame whose chain verifies', () => {
    const { header, records } = parseRecordsFrame(readGolden('frames/agent-records.bin'))
    let head = genesisHead('a-0231', header.epoch)
    expect(head.toString('hex')).toBe(header.headBefore)
    for (const [at, raw] of records.entries()) {
      expect(parseRecord(raw).seq).toBe(header.firstSeq + at)
      head = headAfter(head, header.firstSeq + at, raw, 'sha-256')
    }
    expect(head.toString('hex')).toBe(header.headAfter)
  })

  it('hold a records frame after a gap', () => {
    const { header } = parseRecordsFrame(readGolden('frames/agent-records-after-gap.bin'))
    expect(header.gap).toEqual({ firstSeq: 4, lastSeq: 19 })
    expect(header.firstSeq).toBe(20)
  })

  it('hold a policy and a command whose signatures verify', () => {
    const key = readGolden('policy-key.pem').toString()
    const policy = parseConsoleFrame(readGolden('frames/console-policy.json').toString()) as PolicyFrame
    const command = parseConsoleFrame(readGolden('frames/console-command.json').toString()) as CommandFrame
    const read = (bytes: Buffer | null): unknown => JSON.parse(String(bytes))
    expect(Compile(PolicySchema).Check(read(openEnvelope('policy', policy.envelope, key)))).toBe(true)
    expect(Compile(CommandSchema).Check(read(openEnvelope('command', command.envelope, key)))).toBe(true)
  })
})

describe('kinds of facts', () => {
  it('have a closed schema each, and an importance', () => {
    for (const kind of FACT_KINDS) {
      expect(FACT_SCHEMAS[kind]).toMatchObject({ additionalProperties: false })
      expect([0, 1, 2]).toContain(importanceOf(kind))
    }
  })

  it('give up file activity first and what a violation may rest on last', () => {
    expect(importanceOf('file.activity')).toBe(0)
    for (const kind of [
      'usb.attached',
      'network.interface-added',
      'journal.loss',
      'clock.stepped',
    ] as const) {
      expect(importanceOf(kind)).toBe(2)
    }
  })
})
