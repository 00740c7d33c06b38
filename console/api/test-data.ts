/** For tests: a computer with a signed policy, and a journal whose records are chained as an agent chains them. */
import {
  DEFAULT_POLICY_SETTINGS,
  encodeRecord,
  type Fact,
  genesisHead,
  headAfter,
  type Level,
  type Position,
  PRODUCT_VERSION,
  type Record,
  type UsbDevice,
} from '@shoukou/protocol'
import type { Told } from '../ingest/network-facts.ts'
import type { Signer } from '../pki/signer.ts'
import { testSigner } from '../signer/test-signer.ts'
import type {
  ConditionRow,
  IngestBatch,
  NewRecord,
  NewViolation,
  Store,
  ViolationRow,
} from '../store/ports.ts'
import { firstPolicy, signPolicy } from '../workflows/policies.ts'
import type { TestApi } from './test-api.ts'

export const AGENT = 'agent-1'
export const EPOCH = 'epoch-1'

/** Adds a computer as enrolment would; returns its agent. */
export async function addComputer(
  { store, signer = testSigner, clock }: Pick<TestApi, 'store' | 'clock'> & { readonly signer?: Signer },
  number = 'JM-0231',
  agent = AGENT,
  level: Level = DEFAULT_POLICY_SETTINGS.level,
): Promise<string> {
  const settings = { ...DEFAULT_POLICY_SETTINGS, level }
  const baseline = { takenAtMs: clock.now, usb: [], disks: [], interfaces: [] }
  const policy = firstPolicy({
    agent,
    computer: number,
    settings,
    baseline,
    now: clock.now,
  })
  const token = `token-${agent}`
  await store.addToken({
    id: token,
    number,
    settings,
    createdAt: clock.now,
    createdBy: 'li',
    expiresAt: clock.now + 1,
    usedAt: null,
    usedBy: null,
  })
  const row = await signPolicy(policy, {
    account: 'li',
    reason: 'enrolment',
    signer,
  })
  await store.addComputer(
    {
      agent,
      number,
      hostname: 'host-1',
      certificateSerial: `serial-${agent}`,
      certificate: 'pem',
      enrolledAt: clock.now,
    },
    row,
    token,
  )
  return agent
}

export function usbDevice(product: string): UsbDevice {
  return {
    path: '1-1',
    bus: 1,
    device: 4,
    vendorId: '0951',
    productId: '1666',
    deviceRelease: '0110',
    deviceClass: '00',
    serial: 'E0D55EA57414',
    manufacturer: 'Kingston',
    product,
    speedMbps: 480,
    authorized: true,
    interfaces: [],
    descriptors: null,
    descriptorFaults: [],
  }
}

export function insertion(product: string): Fact {
  return { kind: 'usb.attached', origin: 'appeared', sighting: 'snapshot', device: usbDevice(product) }
}

/** What the rule makes of an insertion that stands in record `seq`. */
export function mediaViolation(seq: number, product: string, occurredAt: number): NewViolation {
  return {
    key: `media.${EPOCH}.${seq}`,
    type: 'unregistered-media-inserted',
    severity: 'high',
    level: 'confidential',
    policyVersion: 1,
    evidence: JSON.stringify({
      device: usbDevice(product),
      disk: null,
      origin: 'appeared',
      sighting: 'snapshot',
      outcome: 'detected',
      wouldBlock: true,
    }),
    epoch: EPOCH,
    seq,
    occurredAt,
  }
}

export interface Append {
  readonly facts: readonly Fact[]
  readonly wallMs: number
  readonly receivedAt: number
  readonly violations?: (firstSeq: number) => readonly NewViolation[]
  readonly gaps?: IngestBatch['gaps']
  readonly settledGaps?: IngestBatch['settledGaps']
  readonly stays?: (firstSeq: number) => NonNullable<IngestBatch['stays']>
  readonly network?: (records: readonly Record[]) => NonNullable<IngestBatch['network']>
}

/** Appends facts to the journal in the store, each chained to the one before. */
export async function appendFacts(store: Store, append: Append): Promise<readonly ViolationRow[]> {
  const { facts, wallMs, receivedAt, violations } = append
  const expected = await store.position(AGENT, EPOCH)
  let position: Position = expected ?? {
    epoch: EPOCH,
    seq: 0,
    head: genesisHead(AGENT, EPOCH).toString('hex'),
  }
  const firstSeq = position.seq + 1
  const told: Record[] = []
  const records = facts.map((fact): NewRecord => {
    const seq = position.seq + 1
    const record = recordOf(fact, seq, wallMs)
    told.push(record)
    const raw = encodeRecord(record)
    const head = headAfter(Buffer.from(position.head, 'hex'), seq, raw, 'sha-256').toString('hex')
    position = { epoch: EPOCH, seq, head }
    return { seq, kind: fact.kind, sensor: 'usb', wallMs, policyVersion: 1, raw, head }
  })
  const { violations: made } = await store.ingest({
    agent: AGENT,
    receivedAt,
    epoch: EPOCH,
    expected,
    records,
    position,
    violations: violations?.(firstSeq) ?? [],
    stays: append.stays?.(firstSeq) ?? [],
    ...(append.network === undefined ? {} : { network: append.network(told) }),
    gaps: append.gaps ?? [],
    settledGaps: append.settledGaps ?? [],
    status: 'online',
    coverage: null,
    appliedPolicyVersion: null,
    isCaughtUp: true,
  })
  return made
}

/** Appends facts with what ingest makes of each for the network's tables. */
export async function storeFacts(
  store: Store,
  facts: readonly Fact[],
  now: number,
  read: (record: Record) => Told,
  conditions: readonly ConditionRow[] = [],
): Promise<void> {
  for (const fact of facts) {
    const network = (records: readonly Record[]) => {
      const told = records.map(read)
      return {
        conditions: { put: conditions, ended: [] },
        facts: { put: told.flatMap(({ put }) => put), removed: told.flatMap(({ removed }) => removed) },
        isolation: told.flatMap(({ isolation }) => isolation),
      }
    }
    await appendFacts(store, { facts: [fact], wallMs: now, receivedAt: now, network })
  }
}

function recordOf(fact: Fact, seq: number, wallMs: number): Record {
  return {
    v: 1,
    agent: AGENT,
    epoch: EPOCH,
    seq,
    wallMs,
    bootMs: seq * 10,
    bootId: 'boot-1',
    agentVersion: PRODUCT_VERSION,
    policyVersion: 1,
    level: 'confidential',
    networkMode: 'classified-lan',
    sensor: 'usb',
    fact,
    decision:
      fact.kind === 'usb.attached'
        ? { outcome: 'detected', would: 'block', rule: 'unregistered-media-inserted' }
        : null,
  }
}
