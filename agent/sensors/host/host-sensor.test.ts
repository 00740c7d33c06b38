import { hostname } from 'node:os'
import { LIMITS } from '@shoukou/protocol'
import { expect, it } from 'vitest'
import { RecordingContext, withSensor } from '../testing/recording-context.ts'
import { createHostSensor } from './host-sensor.ts'
import { type InventorySource, inventoryOf } from './inventory.ts'

const strange: InventorySource = {
  system: { manufacturer: 7, model: '-', serial: undefined },
  uuid: {},
  os: { hostname: 'h', distro: 'Debian', release: '12', arch: 'x64' },
  cpu: { manufacturer: null, brand: 'Hygon C86' },
  memory: { total: -1 },
  disks: Array.from({ length: LIMITS.disksPerInventoryMax + 1 }, () => ({ device: '/dev/sda', size: 'big' })),
}

it('tells what this computer is', async () => {
  const context = new RecordingContext()
  await withSensor(createHostSensor(), context, async () => undefined)
  expect(context.named('host.inventory')).toHaveLength(1)
  expect(context.named('host.inventory')[0]?.hostname).toBe(hostname())
  expect(context.named('host.inventory')[0]?.memoryBytes).toBeGreaterThan(1e8)
}, 15_000)

it('makes a fact of answers of any type, within the limits', () => {
  const fact = inventoryOf(strange)
  expect(fact).toMatchObject({
    manufacturer: '',
    model: '',
    serial: '',
    processor: 'Hygon C86',
    memoryBytes: 0,
  })
  expect(fact.operatingSystem).toBe('Debian 12 x64')
  expect(fact.disks).toHaveLength(LIMITS.disksPerInventoryMax)
})

it('tells it again at each interval', async () => {
  const context = new RecordingContext()
  const sensor = createHostSensor({ intervalMs: 20, read: () => Promise.resolve(strange) })
  await withSensor(sensor, context, () => context.until(() => context.facts.length >= 3))
})

it('says that it does not know where the library fails, and lives on', async () => {
  const context = new RecordingContext()
  const sensor = createHostSensor({ read: () => Promise.reject(new Error('no dmidecode')) })
  await withSensor(sensor, context, async () => undefined)
  expect(context.covers).toEqual([
    { state: 'not-watched', method: 'systeminformation', reason: 'no dmidecode', remedy: null },
  ])
})
