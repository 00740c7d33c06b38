/** Media control with a kernel in memory, a clock that a test moves, and a policy that a test changes. */
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type BlockDevice,
  DEFAULT_POLICY_SETTINGS,
  type Decision,
  type Fact,
  type FactKind,
  type FactNamed,
  type Passport,
  type Policy,
  type PolicyMedia,
  type PolicySettings,
  type Seal,
  type SignedSeal,
  signSeal,
  type UsbDevice,
} from '@shoukou/protocol'
import { createLog } from '../../base/log.ts'
import { usbPassportOf } from '../../examination/passport-usb.ts'
import { stickDescriptors } from '../../sensors/testing/usb-descriptors.ts'
import { GrantDesk } from '../grant-desk.ts'
import { MediaControl } from '../media-control.ts'
import { KernelInMemory } from './kernel-in-memory.ts'

export const SPOKEN_KEY = Buffer.alloc(32, 7)
const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const POLICY_KEY = publicKey.export({ type: 'spki', format: 'pem' }).toString()

export interface Told {
  readonly fact: Fact
  readonly decision: Decision | null
}

export interface ControlBench {
  readonly kernel: KernelInMemory
  readonly control: MediaControl
  readonly told: Told[]
  readonly clock: { bootMsNow: number; bootId: string; wallMsNow: number }
  /** The facts of one kind, oldest first. */
  facts<K extends FactKind>(kind: K): FactNamed<K>[]
  rules(kind: FactKind): string[]
  setPolicy(settings: Partial<PolicySettings>, media?: Partial<PolicyMedia>): Promise<void>
  plugStick(device?: UsbDevice): Promise<void>
  settled(): Promise<void>
}

export function stick(more: Partial<UsbDevice> = {}): UsbDevice {
  const interfaces = [
    { configuration: 1, number: 0, alternate: 0, class: '08', subclass: '06', protocol: '50' },
  ]
  return {
    path: '1-1',
    bus: 1,
    device: 5,
    vendorId: '0951',
    productId: '1666',
    deviceRelease: '0110',
    deviceClass: '00',
    serial: '60A44C3FACC2',
    manufacturer: 'Kingston',
    product: 'DataTraveler',
    speedMbps: 480,
    authorized: false,
    interfaces,
    descriptors: stickDescriptors(0x0951, 0x1666).toString('base64'),
    descriptorFaults: [],
    ...more,
  }
}

export function diskOf(name: string, usbPath: string | null, more: Partial<BlockDevice> = {}): BlockDevice {
  return {
    name,
    number: '8:0',
    bus: usbPath === null ? 'nvme' : 'usb',
    sizeBytes: 1_048_576,
    isRemovable: false,
    isReadOnly: false,
    vendor: null,
    model: null,
    serial: null,
    wwn: null,
    usbPath,
    ...more,
  }
}

/** A seal for the stick and image that `plugStick` plugs. */
export function sealOf(image: Buffer, more: Partial<Seal> = {}): { seal: Seal; signed: SignedSeal } {
  const passport: Passport = {
    bus: 'usb',
    usb: usbPassportOf(stick()),
    inquiry: null,
    diskSerial: null,
    wwn: null,
    sizeBytes: image.length,
    blockBytes: 512,
    partitionTable: null,
    fileSystems: [],
  }
  const seal: Seal = {
    v: 1,
    id: randomUUID(),
    number: 'YM-0001',
    level: 'confidential',
    custodian: '保密员',
    computers: null,
    users: null,
    right: 'read-write',
    validFromMs: 0,
    validUntilMs: null,
    issuedAtMs: 1,
    passport,
    ...more,
  }
  return { seal, signed: signSeal(seal, privateKey) }
}

export async function openControlBench(options: {
  readonly settings?: Partial<PolicySettings>
  readonly media?: Partial<PolicyMedia>
  readonly image: Buffer
}): Promise<ControlBench> {
  const kernel = new KernelInMemory()
  const told: Told[] = []
  const time = { bootMsNow: 1_000, bootId: 'boot-1', wallMsNow: 1_700_000_000_000 }
  const clock = {
    bootMs: () => time.bootMsNow,
    wallMs: () => time.wallMsNow,
    get bootId() {
      return time.bootId
    },
  }
  let policy = policyOf(1, options.settings ?? {}, options.media ?? {})
  const log = createLog('error', (line) => console.error(line))
  const tell = async (fact: Fact, decision: Decision | null) => {
    told.push({ fact, decision })
    return { epoch: 'e', seq: told.length, head: '0'.repeat(64) }
  }
  const desk = await GrantDesk.open(
    {
      path: join(mkdtempSync(join(tmpdir(), 'shoukou-control-')), 'control.json'),
      clock,
      spokenKey: SPOKEN_KEY,
      tell: (fact) => tell(fact, null),
      log,
    },
    () => undefined,
  )
  const control = new MediaControl({
    kernel,
    policy: () => policy,
    policyKey: POLICY_KEY,
    desk,
    tell,
    decideUsb: () => null,
    user: () => null,
    clock,
    log,
    onChange: () => undefined,
    onRefused: () => undefined,
  })
  kernel.onDisk = (name, path) =>
    control.onDecided(
      { kind: 'block.attached', origin: 'appeared', sighting: 'snapshot', device: diskOf(name, path) },
      null,
    )
  await control.start()
  const bench: ControlBench = {
    kernel,
    control,
    told,
    clock: time,
    facts: <K extends FactKind>(kind: K) =>
      told.flatMap(({ fact }) => (fact.kind === kind ? [fact as FactNamed<K>] : [])),
    rules: (kind) => told.flatMap(({ fact, decision }) => (fact.kind === kind ? [decision?.rule ?? ''] : [])),
    async setPolicy(settings, media = {}) {
      policy = policyOf(
        policy.version + 1,
        { ...policy.settings, ...settings },
        { ...policy.media, ...media },
      )
      control.onPolicy()
      await control.idle()
      await control.idle()
    },
    async plugStick(device = stick()) {
      const canAirlock = device.interfaces.every(({ protocol }) => protocol === '50')
      kernel.plug(typeof device.path === 'string' ? device.path : '', {
        image: options.image,
        disk: 'sda',
        canAirlock,
      })
      const decision = { outcome: 'blocked', would: 'block', rule: 'medium-to-be-examined' } as const
      control.onDecided({ kind: 'usb.attached', origin: 'appeared', sighting: 'snapshot', device }, decision)
      await control.idle()
    },
    settled: () => control.idle(),
  }
  return bench
}

function policyOf(version: number, settings: Partial<PolicySettings>, media: Partial<PolicyMedia>): Policy {
  return {
    v: 1,
    agent: 'a',
    computer: 'JM-0001',
    version,
    issuedAtMs: version,
    settings: {
      ...DEFAULT_POLICY_SETTINGS,
      modes: { media: 'enforce', network: 'observe', files: 'observe' },
      ...settings,
    },
    baseline: { takenAtMs: 1, usb: [], disks: [], interfaces: [] },
    media: { seals: [], revocations: [], ...media },
  }
}
