/** What is carried by hand or typed from paper, and what two people sign: bundles, packages, ceilings, checkpoints, codes. */
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import {
  checkpointText,
  checkRemovalCode,
  encodeRenewal,
  encodeReturnPackage,
  encodeTrailEntry,
  isRenewalSigned,
  isSignedCeiling,
  judgeCeiling,
  makeRemovalChallenge,
  makeRemovalCode,
  makeSealingKey,
  parseBundleBytes,
  parseCheckpointText,
  parseOfflineRequest,
  parseRemovalChallenge,
  parseRenewalAnswer,
  parseRenewalRequest,
  parseReturnPackage,
  parseTrailEntry,
  returnPartsDigest,
  signCheckpoint,
  signEnvelope,
  signRenewal,
} from '@shoukou/protocol'
import { bundleBytes, makeTestConsole, makeTestPair, testBundle } from '@shoukou/protocol/fixtures/bundles.ts'
import { signedBy, testCeiling } from '../../../protocol/ceiling/fixtures/test-ceiling.ts'
import type { FuzzTarget } from './run-target.ts'

const pair = await makeTestPair('fuzzed')
const to = makeTestConsole(pair)
const bundle = await bundleBytes(testBundle({ pair, to, frames: 2, recordsPerFrame: 3 }))
const daily = generateKeyPairSync('ed25519')
const dailyPem = daily.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const parts = {
  policy: signEnvelope('policy', Buffer.from('a policy'), daily.privateKey),
  ceilings: [],
  commands: [],
  renewal: null,
}
const order = {
  v: 1,
  type: 'return',
  package: randomUUID(),
  agent: 'agent-1',
  computer: 'JM-0001',
  console: to.console,
  number: 3,
  issuedAtMs: 1_780_000_000_000,
  bundle: { id: randomUUID(), number: 2 },
  stored: { epoch: '0001-0123456789abcdef', seq: 10, head: 'a'.repeat(64) },
  receipt: 'b'.repeat(64),
  bundleKey: makeSealingKey().publicKey,
  partsDigest: returnPartsDigest(parts),
}
const returned = encodeReturnPackage(
  signEnvelope('return', Buffer.from(JSON.stringify(order)), daily.privateKey),
  parts,
)
const offlineRequest = Buffer.from(
  JSON.stringify({
    v: 1,
    type: 'enrolment-request',
    request: randomUUID(),
    certificateRequest: 'a request',
    agentVersion: '0.1.0',
    hostname: 'here',
    baseline: { takenAtMs: 1, usb: [], disks: [], interfaces: [] },
    hardware: null,
    sealTo: makeSealingKey().publicKey,
  }),
)
const ceiling = signedBy(testCeiling([dailyPem]))
const narrower = signedBy(testCeiling([dailyPem], { version: 2 }))
const renewal = signRenewal(
  pair,
  '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n',
  1,
)
const checkpoint = signCheckpoint(
  {
    origin: 'a'.repeat(32),
    seq: 12,
    head: 'b'.repeat(64),
    atMs: 1_780_000_000_000,
    kept: 3,
    keptHead: 'c'.repeat(64),
    journals: 2,
    journalsRoot: 'd'.repeat(64),
  },
  daily.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
)
const entry = encodeTrailEntry({
  v: 1,
  seq: 1,
  atMs: 1_780_000_000_000,
  account: 'secadmin',
  role: 'sec-admin',
  act: 'policy-change',
  object: 'a',
  detail: '1 -> 2',
  before: { level: 'secret' },
  after: { level: 'top-secret' },
  reason: 'why',
  outcome: { kind: 'done' },
  address: '127.0.0.1',
})
const removalKey = randomBytes(32)
const challenge = makeRemovalChallenge('agent-1', 4, 77)
const code = makeRemovalCode(removalKey, challenge)

export const TRUST_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'bundles',
    reach: 'import',
    corpus: [bundle],
    bytesMax: 65_536,
    parse: (bytes) => parseBundleBytes(bytes, { privateKeys: [to.sealing.privateKey], console: to.console }),
    // What is taken is what was signed, to the byte.
    holds: (_value, bytes) => {
      if (!bytes.equals(bundle)) throw new Error('an altered bundle was taken')
    },
  },
  {
    name: 'packages for the way home',
    reach: 'import',
    corpus: [returned],
    parse: (bytes) =>
      parseReturnPackage(bytes, {
        agent: 'agent-1',
        console: to.console,
        policyKeys: [dailyPem],
        ceiling: null,
      }),
  },
  {
    name: 'requests of enrolment by files',
    reach: 'import',
    corpus: [offlineRequest],
    parse: (bytes) => parseOfflineRequest(bytes),
  },
  {
    name: 'ceilings',
    reach: 'network',
    corpus: [ceiling, narrower].map((one) => Buffer.from(JSON.stringify(one))),
    parse: (bytes) => {
      const value = json(bytes)
      return isSignedCeiling(value) ? judgeCeiling(value, ceiling).kind : 'refused'
    },
    isRefusal: (value) => value === 'refused',
    holds: (value) => {
      if (!['accepted', 'same'].includes(String(value))) throw new Error(`what is ${String(value)}?`)
    },
  },
  {
    name: 'renewals of certificates',
    reach: 'network',
    corpus: [Buffer.from(encodeRenewal(renewal))],
    parse: (bytes) => isRenewalSigned(parseRenewalRequest(bytes), pair.certificate),
    isRefusal: (value) => value === false,
  },
  {
    name: 'answers to renewals',
    reach: 'network',
    corpus: [Buffer.from(encodeRenewal({ v: 1, certificate: pair.certificate }))],
    parse: (bytes) => parseRenewalAnswer(bytes),
  },
  {
    name: 'checkpoints from paper',
    reach: 'import',
    corpus: [Buffer.from(checkpointText(checkpoint)), Buffer.from(`12 ${'b'.repeat(64)}`)],
    parse: (bytes) => parseCheckpointText(bytes.toString('utf8')),
  },
  { name: 'entries of the log', reach: 'import', corpus: [entry], parse: (bytes) => parseTrailEntry(bytes) },
  {
    name: 'challenges and codes of removal',
    reach: 'import',
    corpus: [Buffer.from(`${challenge}|${code}`)],
    parse: (bytes) => {
      const [first = '', second = ''] = bytes.toString('utf8').split('|')
      return parseRemovalChallenge(first) === null ? 'refused' : checkRemovalCode(removalKey, first, second)
    },
    isRefusal: (value) => value !== 'right',
  },
]

function json(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (fault) {
    if (fault instanceof SyntaxError) return undefined
    throw fault
  }
}
