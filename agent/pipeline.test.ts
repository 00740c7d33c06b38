import {
  DEFAULT_POLICY_SETTINGS,
  type Fact,
  type Policy,
  parseRecord,
  type Record,
  type UsbDevice,
} from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import type { BuildRecord } from './journal/append-queue.ts'
import { createPipeline, recordMaker } from './pipeline.ts'

const stick: UsbDevice = {
  path: '1-1',
  bus: 1,
  device: 5,
  vendorId: '0951',
  productId: '1666',
  deviceRelease: null,
  deviceClass: '00',
  serial: 'S',
  manufacturer: null,
  product: null,
  speedMbps: null,
  authorized: true,
  interfaces: [],
  descriptors: 'EgEAAgAAAEA=',
  descriptorFaults: [],
}

function bench() {
  let policy: Policy = {
    v: 1,
    agent: 'a',
    computer: 'c',
    version: 1,
    issuedAtMs: 1,
    settings: {
      ...DEFAULT_POLICY_SETTINGS,
      registeredMedia: [{ vendorId: '0951', productId: '1666', serial: 'S', note: '' }],
    },
    baseline: { takenAtMs: 1, usb: [], disks: [], interfaces: [] },
  }
  let wallMs = 1_000
  const builds: BuildRecord[] = []
  const clock = { wallMs: () => wallMs++, bootMs: () => 5.25, bootId: 'boot' }
  const pipeline = createPipeline({
    journal: {
      append(_kind, _bytes, build) {
        builds.push(build)
        return Promise.resolve(null)
      },
    },
    makeRecord: recordMaker({ agent: 'a', clock, policy: () => policy }),
    policy: () => policy,
  })
  return {
    tell: (fact: Fact) => void pipeline.tell('usb', fact),
    pipeline,
    policy: () => policy,
    setPolicy: (version: number) => {
      policy = { ...policy, version, settings: { ...policy.settings, registeredMedia: [] } }
    },
    records: (): Record[] => builds.map((build, index) => parseRecord(build({ epoch: 'e', seq: index + 1 }))),
  }
}

const disk = {
  name: 'sdb',
  number: null,
  bus: 'usb',
  sizeBytes: 5,
  isRemovable: true,
  isReadOnly: null,
  vendor: null,
  model: null,
  serial: null,
  wwn: null,
  usbPath: '1-1',
} as const

describe('pipeline', () => {
  it('stamps a fact with the time and the policy of the moment, not of the writing', () => {
    const { records, setPolicy, tell } = bench()
    tell({ kind: 'usb.attached', origin: 'appeared', sighting: 'snapshot', device: stick })
    setPolicy(2)
    tell({
      kind: 'usb.attached',
      origin: 'appeared',
      sighting: 'snapshot',
      device: { ...stick, interfaces: [] },
    })
    expect(records()).toMatchObject([
      { seq: 1, wallMs: 1_000, bootMs: 5.25, policyVersion: 1, decision: { rule: 'registered-medium' } },
      { seq: 2, wallMs: 1_001, policyVersion: 2, decision: { rule: 'malformed-descriptors' } },
    ])
  })

  it('judges a disk by the USB device it hangs on, for as long as that is there', () => {
    const { records, tell } = bench()
    const attached: Fact = { kind: 'block.attached', origin: 'appeared', sighting: 'snapshot', device: disk }
    tell({ kind: 'usb.attached', origin: 'appeared', sighting: 'snapshot', device: stick })
    tell(attached)
    tell({ kind: 'usb.detached', sighting: 'snapshot', device: stick })
    tell(attached)
    expect(records().map(({ decision }) => decision?.rule)).toEqual([
      'registered-medium',
      'registered-medium',
      undefined,
      'medium-to-be-examined',
    ])
  })

  it('tells a stick again whose registration is withdrawn while it is in, for that rule, and none that is gone', () => {
    const { pipeline, policy, records, setPolicy, tell } = bench()
    const gone = { ...stick, path: '1-2' }
    tell({ kind: 'usb.attached', origin: 'appeared', sighting: 'snapshot', device: stick })
    tell({ kind: 'usb.attached', origin: 'appeared', sighting: 'snapshot', device: gone })
    tell({ kind: 'usb.detached', sighting: 'snapshot', device: gone })
    const before = policy()
    setPolicy(2)
    expect(pipeline.judgeAnew(before)).toBe(1)
    expect(records().at(-1)).toMatchObject({
      policyVersion: 2,
      sensor: 'usb',
      fact: { kind: 'usb.attached', origin: 'policy-changed', device: { path: '1-1' } },
      decision: { would: 'block', rule: 'unregistered-media-inserted' },
    })
    expect(pipeline.judgeAnew(policy())).toBe(0)
    pipeline.begin('usb')
    expect(pipeline.judgeAnew(before)).toBe(0)
  })

  it('judges anew what an earlier run told of, though this run told it under the new policy; not what was judged so', () => {
    const { pipeline, policy, records, setPolicy, tell } = bench()
    const before = policy()
    setPolicy(2)
    tell({ kind: 'usb.attached', origin: 'still-present', sighting: 'snapshot', device: stick })
    tell({
      kind: 'usb.attached',
      origin: 'appeared',
      sighting: 'snapshot',
      device: { ...stick, path: '1-2' },
    })
    expect(pipeline.judgeAnew(before)).toBe(1)
    expect(records().at(-1)?.fact).toMatchObject({ origin: 'policy-changed', device: { path: '1-1' } })
  })
})
