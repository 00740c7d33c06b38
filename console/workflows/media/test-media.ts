/** For tests: the media workflows on a real store and real keys, with computers that were enrolled and media examined. Not part of the product. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Envelope, Fact, Passport, Policy } from '@shoukou/protocol'
import { AGENT, addComputer, appendFacts, EPOCH } from '../../api/test-data.ts'
import type { MediumDetails } from '../../ledger/medium-details.ts'
import { type ConsoleKeys, openKeys } from '../../pki/key-store.ts'
import type { SigningCore } from '../../signer/signing-core.ts'
import { testSigner } from '../../signer/test-signer.ts'
import { openSqliteStoreHere } from '../../store/open-store.ts'
import type { Store } from '../../store/ports.ts'
import { policyOf } from '../policies.ts'
import { createMedia, type Media } from './create-media.ts'
import type { RecordName } from './examined-passport.ts'

export const COMPUTER = 'JM-0231'
export const OTHER_COMPUTER = 'JM-0232'

export interface TestMedia extends AsyncDisposable {
  readonly store: Store
  readonly keys: ConsoleKeys
  readonly signer: SigningCore
  readonly media: Media
  readonly clock: { now: number }
  readonly logged: string[]
  /** Agents that got a new policy, in order. */
  readonly told: string[]
  readonly sent: { readonly agent: string; readonly envelope: Envelope }[]
  /** Another one over the same store, as after a new start. */
  again(): Media
  policy(agent: string): Promise<Policy>
  examine(passport: Passport | null, fact?: Fact): Promise<RecordName>
}

/** Opens it with two computers, JM-0231 (`agent-1`) and JM-0232 (`agent-2`). */
export async function openTestMedia(): Promise<TestMedia> {
  const folder = await mkdtemp(join(tmpdir(), 'shoukou-register-'))
  keysOnce ??= makeKeys()
  const keys = await keysOnce
  const signer = testSigner
  const store = await openSqliteStoreHere(join(folder, 'console.db'))
  const clock = { now: Date.UTC(2026, 0, 15) }
  const [logged, told, sent]: [string[], string[], TestMedia['sent']] = [[], [], []]
  const line = (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`)
  const again = () =>
    createMedia({
      store,
      keys,
      signer,
      now: () => clock.now,
      log: { info: line, warn: line, error: line },
      send: (agent, envelope) => sent.push({ agent, envelope: JSON.parse(envelope) as Envelope }) > 0,
      made: async (agent) => void told.push(agent),
    })
  await addComputer({ store, clock }, COMPUTER)
  await addComputer({ store, clock }, OTHER_COMPUTER, 'agent-2')
  const media = again()
  return {
    ...{ store, keys, signer, media, clock, logged, told, sent, again },
    policy: async (agent) => {
      const computer = await store.computer(agent)
      const row = await store.policy(agent, computer?.policyVersion ?? 0)
      if (row === null) throw new Error(`${agent} has no policy`)
      return policyOf(row)
    },
    examine: async (found, fact = examination(found)) => {
      await appendFacts(store, { facts: [fact], wallMs: clock.now, receivedAt: clock.now })
      return { agent: AGENT, epoch: EPOCH, seq: (await store.position(AGENT, EPOCH))?.seq ?? 0 }
    },
    async [Symbol.asyncDispose]() {
      await media.policies.close()
      await store.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** A stick with a serial number of its own. */
export function passport(serial: string, other: Partial<Passport> = {}): Passport {
  return {
    bus: 'usb',
    usb: {
      vendorId: '0951',
      productId: '1666',
      release: '0110',
      serial,
      manufacturer: 'Kingston',
      product: 'DataTraveler 3.0',
      descriptorHash: 'a'.repeat(64),
    },
    inquiry: { vendor: 'Kingston', product: 'DataTraveler 3.0', revision: 'PMAP' },
    diskSerial: null,
    wwn: null,
    sizeBytes: 15_525_216_256,
    blockBytes: 512,
    partitionTable: { kind: 'mbr', id: 'c3072e18' },
    fileSystems: [{ partition: 1, kind: 'vfat', uuid: '4A21-0000', label: 'DATA' }],
    ...other,
  }
}

export function examination(found: Passport | null): Fact {
  return {
    kind: 'media.examined',
    origin: 'appeared',
    place: { usbPath: '1-1', disk: null, instance: 'usb:1-1#1.4' },
    method: found === null ? 'none' : 'airlock',
    passport: found,
    seal: { state: 'absent', reason: null, id: null },
    identity: { result: 'unknown', source: 'none', number: null, level: null, reasons: [] },
    right: 'none',
    faults: [],
    tookMs: 12,
  }
}

export function details(other: Partial<MediumDetails> = {}): MediumDetails {
  return {
    level: 'confidential',
    kind: 'usb-stick',
    custodian: '张三',
    department: '办公室',
    computers: [COMPUTER],
    users: null,
    right: 'read-write',
    validFromMs: 0,
    validUntilMs: null,
    note: '',
    ...other,
  }
}

let keysOnce: Promise<ConsoleKeys> | undefined

async function makeKeys(): Promise<ConsoleKeys> {
  const folder = await mkdtemp(join(tmpdir(), 'shoukou-pki-'))
  const keys = await openKeys(folder, 'Test unit', ['localhost'], Date.now())
  await rm(folder, { recursive: true })
  return keys
}
