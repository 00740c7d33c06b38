import { FACT_SCHEMAS, LIMITS, type NetworkInterface } from '@shoukou/protocol'
import { Compile } from 'typebox/compile'
import { expect, it } from 'vitest'
import { addressesToldMax, interfaceFacts } from './interface-facts.ts'

const withCount = (count: number, from = 0): NetworkInterface => ({
  index: 2,
  name: 'eth0',
  mac: '02:00:00:00:00:01',
  hardwareType: 1,
  nature: 'physical',
  linkKind: null,
  busPath: '0000:00:03.0',
  usbPath: null,
  driver: 'e1000e',
  isWireless: false,
  isAdminUp: true,
  hasCarrier: true,
  operState: 'up',
  addresses: Array.from({ length: count }, (_, index) => ({
    family: 'ipv4',
    address: `10.0.${(from + index) >> 8}.${(from + index) & 255}`,
    prefixLength: 32,
    scope: 'global',
  })),
})
const addressesOf = (subject: NetworkInterface): string[] => subject.addresses.map((one) => one.address)

it('tells a change with all addresses up to its bound, and counts what it leaves out beyond', () => {
  const max = addressesToldMax
  const [whole] = interfaceFacts(
    { kind: 'changed', before: withCount(max), after: withCount(max - 1) },
    'appeared',
  )
  expect(whole).toEqual({
    kind: 'network.interface-changed',
    before: withCount(max),
    interface: withCount(max - 1),
  })
  const down = { ...withCount(max + 1), hasCarrier: false }
  const facts = interfaceFacts({ kind: 'changed', before: withCount(max + 1), after: down }, 'appeared')
  expect(facts).toHaveLength(1)
  expect(facts[0]?.interface).toMatchObject({ hasCarrier: false, addressesOmitted: 1 })
  expect(facts[0]?.interface.addresses).toHaveLength(max)
})

it('tells every one of 4,096 addresses as it comes and as it goes, in records that fit', () => {
  const all = withCount(4_096)
  for (const facts of [
    interfaceFacts({ kind: 'added', after: all, isRead: true }, 'present-at-start'),
    interfaceFacts({ kind: 'changed', before: withCount(0), after: all }, 'appeared'),
    interfaceFacts({ kind: 'changed', before: all, after: withCount(0) }, 'appeared'),
    interfaceFacts({ kind: 'changed', before: all, after: withCount(4_096, 4_096) }, 'appeared'),
  ]) {
    const seen = new Set<string>()
    for (const fact of facts) {
      expect(Compile<(typeof FACT_SCHEMAS)[typeof fact.kind]>(FACT_SCHEMAS[fact.kind]).Check(fact)).toBe(true)
      expect(JSON.stringify(fact).length).toBeLessThan(LIMITS.recordBytesMax / 8)
      for (const one of addressesOf(fact.interface)) seen.add(one)
      if (fact.kind !== 'network.interface-changed') continue
      for (const one of addressesOf(fact.before)) seen.add(one)
    }
    for (const one of addressesOf(all)) expect(seen.has(one)).toBe(true)
  }
})

it('keeps the count of what is left out true from fact to fact', () => {
  const facts = interfaceFacts({ kind: 'changed', before: withCount(0), after: withCount(300) }, 'appeared')
  const counts = facts.map((fact) => fact.interface.addresses.length + (fact.interface.addressesOmitted ?? 0))
  expect(counts).toEqual([128, 256, 300])
})

it('names nothing as new that is only company', () => {
  const after = withCount(1_001)
  const [fact] = interfaceFacts({ kind: 'changed', before: withCount(1_000), after }, 'appeared')
  if (fact?.kind !== 'network.interface-changed') throw new Error('no change told')
  const before = new Set(addressesOf(fact.before))
  expect(addressesOf(fact.interface).filter((one) => !before.has(one))).toEqual(['10.0.3.232'])
})
