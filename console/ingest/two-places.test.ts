import { type Decision, type Fact, LIMITS, type Passport, usbInstanceOf } from '@shoukou/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { usbStick } from '../../test/support/facts.ts'
import { type IngestBench, openIngestBench, type TestComputer } from './testing/ingest-bench.ts'

let bench: IngestBench
let here: TestComputer
let there: TestComputer

beforeEach(async () => {
  bench = await openIngestBench()
  here = await bench.computer()
  there = await bench.computer()
})
afterEach(() => bench[Symbol.asyncDispose]())

const stick = usbStick()
const letIn: Decision = { outcome: 'allowed', would: 'allow', rule: 'registered-medium' }
const passport: Passport = {
  bus: 'usb',
  usb: {
    vendorId: stick.vendorId,
    productId: stick.productId,
    release: null,
    serial: 'AA0102030405',
    manufacturer: null,
    product: null,
    descriptorHash: null,
  },
  inquiry: null,
  diskSerial: null,
  wwn: null,
  sizeBytes: 16_000_000_000,
  blockBytes: 512,
  partitionTable: null,
  fileSystems: [],
}

function examined(number: string | null, more: Partial<Passport> = {}, path = '1-1'): Fact {
  return {
    kind: 'media.examined',
    origin: 'appeared',
    place: { usbPath: path, disk: null, instance: usbInstanceOf({ ...stick, path }) },
    method: 'airlock',
    passport: { ...passport, ...more },
    seal: { state: 'valid', reason: null, id: 's' },
    identity: {
      result: number === null ? 'unknown' : 'match',
      source: 'seal',
      number,
      level: number === null ? null : 'confidential',
      reasons: [],
    },
    right: number === null ? 'none' : 'read-write',
    faults: [],
    tookMs: 1,
  }
}
const detached: Fact = { kind: 'usb.detached', sighting: 'snapshot', device: stick }

/** Both are heard after everything that was under way must have arrived. */
async function settle(...computers: readonly TestComputer[]): Promise<void> {
  bench.now += LIMITS.connectionSilentMsMax
  for (const one of computers) await one.heartbeat()
}
const both = async () => [...(await here.types()), ...(await there.types())]

it('finds one number at two computers, and names both', async () => {
  await here.send(examined('YM-0001'), { decision: letIn })
  await there.send(examined('YM-0001'), { decision: letIn })
  expect(await both()).toEqual([])
  await settle(here, there)
  const [violation] = await there.violations()
  expect(await both()).toEqual(['media-identity-mismatch'])
  expect(JSON.parse(violation?.evidence ?? '')).toMatchObject({
    number: 'YM-0001',
    elsewhere: [{ computer: here.number }],
  })
  const sightings = await bench.store.sightingsOfViolation(violation?.id ?? 0)
  expect(sightings.map((one) => one.agent).toSorted()).toEqual([here.agent, there.agent].toSorted())
  await settle(here, there)
  expect(await both()).toHaveLength(1)
})

it('is silent about a medium that was carried over while the record of its going was still under way', async () => {
  await here.send(examined('YM-0001'), { decision: letIn })
  here.hold(detached)
  await there.send(examined('YM-0001'), { decision: letIn })
  await settle(here, there)
  expect(await both()).toEqual([])
  await here.flush()
  await settle(here, there)
  expect(await both()).toEqual([])
})

it('accuses nobody by a computer that is switched off or frozen', async () => {
  await here.send(examined('YM-0001'), { decision: letIn })
  await there.send(examined('YM-0001'), { decision: letIn })
  for (let minute = 0; minute < 5; minute += 1) await settle(there)
  expect(await both()).toEqual([])
  await here.send({ kind: 'agent.started', previous: 'unclean-stop', pid: 1, uid: 0 }, { bootId: 'b2' })
  await settle(here, there)
  expect(await both()).toEqual([])
})

it('waits for an agent that has just started to tell what is still there', async () => {
  await here.send(examined('YM-0001'), { decision: letIn })
  await there.send(examined('YM-0001'), { decision: letIn })
  await here.send({ kind: 'agent.started', previous: 'unclean-stop', pid: 1, uid: 0 })
  await settle(here, there)
  expect(await both()).toEqual([])
  await here.send({ kind: 'usb.attached', origin: 'still-present', sighting: 'snapshot', device: stick })
  await settle(here, there)
  expect(await both()).toEqual(['media-identity-mismatch'])
})

it('finds the copy of a registered stick that claims no number, by its hardware’s', async () => {
  await here.send(examined('YM-0001'), { decision: letIn })
  const refused: Decision = { outcome: 'blocked', would: 'block', rule: 'granted' }
  await there.send(examined(null, { sizeBytes: 1 }), { decision: { ...refused, would: 'allow' } })
  await settle(here, there)
  expect(await both()).toEqual(['media-identity-mismatch'])
})

it('accuses nobody for two unregistered sticks to which a maker gave one serial', async () => {
  for (const one of [here, there]) await one.send(examined(null), { decision: letIn })
  await settle(here, there)
  expect(await both()).toEqual([])
})

it('finds one number twice on one computer, and not in two units of one device', async () => {
  await here.send(examined('YM-0001'), { decision: letIn })
  await here.send(examined('YM-0001', {}, '1-2'), { decision: letIn })
  const unit = { usbPath: '1-1', disk: 'sdc', instance: 'disk:sdc#4' }
  await there.send(examined('YM-0002'), { decision: letIn })
  await there.send({ ...examined('YM-0002'), place: unit } as Fact, { decision: letIn })
  await settle(here, there)
  expect(await here.types()).toEqual(['media-identity-mismatch'])
  expect(await there.types()).toEqual([])
})

it('finds it also where the console was restarted meanwhile', async () => {
  await here.send(examined('YM-0001'), { decision: letIn })
  await there.send(examined('YM-0001'), { decision: letIn })
  bench.restart()
  for (const one of [here, there]) await one.reconnect()
  await here.heartbeat()
  await settle(here, there)
  expect(await both()).toEqual(['media-identity-mismatch'])
})
