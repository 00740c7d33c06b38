/** What the network reaches: frames of both ends, records, envelopes, enrolment, certificate requests. */
import { generateKeyPairSync } from 'node:crypto'
import {
  bytesOfRawText,
  EnrolmentAnswerSchema,
  EnrolmentRequestSchema,
  EnvelopeSchema,
  FACT_KINDS,
  openEnvelope,
  parseAgentFrame,
  parseConsoleFrame,
  parseEnrolmentToken,
  parseRecord,
  parseRecordsFrame,
  rawTextOf,
  showRawText,
  signEnvelope,
} from '@shoukou/protocol'
import { listGolden, readGolden } from '@shoukou/protocol/fixtures/golden.ts'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { judgePolicy } from '../../../agent/policy/accept-policy.ts'
import { judgeCommand } from '../../../agent/policy/judge-command.ts'
import type { FuzzTarget } from './run-target.ts'

const frames = listGolden('frames').map((name) => readGolden(`frames/${name}`))
const textFrames = frames.filter((frame) => frame[0] === 0x7b)
const binaryFrames = frames.filter((frame) => frame[0] !== 0x7b)
const records = FACT_KINDS.map((kind) => readGolden(`records/${kind}.json`))
const keys = generateKeyPairSync('ed25519')
const publicKey = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const payloadOf = (frame: string): Buffer => {
  const { envelope } = JSON.parse(readGolden(`frames/${frame}`).toString()) as {
    envelope: { payload: string }
  }
  return Buffer.from(envelope.payload, 'base64')
}
const isRefused = (value: unknown): boolean => (value as { kind: string }).kind === 'refused'
/** As a peer's body is read: JSON, then the closed schema. */
const json = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (fault) {
    if (fault instanceof SyntaxError) return undefined
    throw fault
  }
}
const closedBody = (name: string, schema: TSchema, golden: string): FuzzTarget => {
  const check = Compile(schema)
  return {
    name,
    reach: 'network',
    corpus: [readGolden(golden)],
    parse: (bytes) => check.Check(json(bytes)),
    isRefusal: (value) => value === false,
  }
}
const envelopeCheck = Compile(EnvelopeSchema)

export const LINK_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'frames of an agent',
    reach: 'network',
    corpus: textFrames,
    parse: (bytes) => parseAgentFrame(bytes.toString('utf8')),
  },
  {
    name: 'frames of a console',
    reach: 'network',
    corpus: textFrames,
    parse: (bytes) => parseConsoleFrame(bytes.toString('utf8')),
  },
  { name: 'records frames', reach: 'network', corpus: binaryFrames, parse: parseRecordsFrame },
  { name: 'records', reach: 'network', corpus: records, parse: (bytes) => parseRecord(bytes) },
  closedBody('enrolment requests', EnrolmentRequestSchema, 'enrolment/request.json'),
  closedBody('enrolment answers', EnrolmentAnswerSchema, 'enrolment/answer.json'),
  {
    name: 'enrolment tokens',
    reach: 'network',
    corpus: [Buffer.from(`sk1.${'a'.repeat(43)}.${'B'.repeat(43)}`)],
    parse: (bytes) => parseEnrolmentToken(bytes.toString('utf8')),
  },
  {
    name: 'signed envelopes, as they come',
    reach: 'network',
    corpus: [
      Buffer.from(JSON.stringify(signEnvelope('policy', payloadOf('console-policy.json'), keys.privateKey))),
    ],
    parse: (bytes) => {
      const value = json(bytes)
      return envelopeCheck.Check(value) ? openEnvelope('policy', value, publicKey) : null
    },
    isRefusal: (value) => value === null,
    // Whoever holds no key gets nothing through but what was signed.
    holds: (value) => {
      if (!(value as Buffer).equals(payloadOf('console-policy.json')))
        throw new Error('another payload was taken')
    },
  },
  {
    name: 'policies, signed by whoever has the key',
    reach: 'network',
    corpus: [payloadOf('console-policy.json')],
    parse: (bytes) =>
      judgePolicy(signEnvelope('policy', bytes, keys.privateKey), {
        agent: 'a-0231',
        policyKey: publicKey,
        versionMax: 0,
      }),
    isRefusal: isRefused,
  },
  {
    name: 'commands, signed by whoever has the key',
    reach: 'network',
    corpus: [payloadOf('console-command.json')],
    parse: (bytes) =>
      judgeCommand(signEnvelope('command', bytes, keys.privateKey), {
        agent: 'a-0231',
        policyKey: publicKey,
        done: [],
      }),
    isRefusal: isRefused,
  },
  {
    name: 'texts that others chose',
    reach: 'device',
    corpus: [
      Buffer.from('Kingston 机密盘03'),
      Buffer.from([0xff, 0xfe, 0x41, 0]),
      Buffer.from('a\u202egnp.exe'),
    ],
    takesAll: true,
    parse: (bytes) => rawTextOf(bytes),
    holds: (value, bytes) => {
      const text = value as ReturnType<typeof rawTextOf>
      if (!Buffer.from(bytesOfRawText(text)).equals(bytes)) throw new Error('the text lost bytes')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is left is what is asked.
      if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u202a-\u202e\u2066-\u2069]/.test(showRawText(text)))
        throw new Error('a control character is shown as itself')
    },
  },
]
