import { type Baseline, DEFAULT_POLICY_SETTINGS } from '@shoukou/protocol/policy.ts'
import { expect, it } from 'vitest'
import type { RecordItem } from '../../api/contract.ts'
import { approvalOfKeyboard, knownKeyboards } from './known-keyboards.ts'

const keyboard = (productId: string, serial: string | null = null) => ({
  vendorId: '046d',
  productId,
  serial,
  interfaces: [{ class: '03', subclass: '01', protocol: '01' }],
})
const attached = (device: object) =>
  ({ raw: JSON.stringify({ fact: { kind: 'usb.attached', device } }) }) as RecordItem
const baseline: Baseline = {
  takenAtMs: 1,
  usb: [{ path: '1-1', vendorId: '046d', productId: 'c31c', serial: null }],
  disks: [],
  interfaces: [],
}

it('tells the keyboards that enforcing would let in from those that it would refuse', () => {
  const mouse = { ...keyboard('c077'), interfaces: [{ class: '03', subclass: '01', protocol: '02' }] }
  const records = [keyboard('c31c'), mouse, keyboard('c52b'), keyboard('c31c')].map(attached)
  const found = knownKeyboards(records, baseline, DEFAULT_POLICY_SETTINGS)
  expect(found.map((one) => [one.device.productId, one.standing])).toEqual([
    ['c31c', 'baseline'],
    ['c52b', 'unknown'],
  ])
})

it('counts one as approved as soon as its row stands in the draft', () => {
  const records = [attached(keyboard('c52b', 'S1'))]
  const [first] = knownKeyboards(records, baseline, DEFAULT_POLICY_SETTINGS)
  const approval = first === undefined ? [] : [approvalOfKeyboard(first.device, '')]
  const after = knownKeyboards(records, baseline, {
    ...DEFAULT_POLICY_SETTINGS,
    approvedPeripherals: approval,
  })
  expect(after.map((one) => one.standing)).toEqual(['approved'])
  const another = knownKeyboards([attached(keyboard('c52b', 'S2'))], baseline, {
    ...DEFAULT_POLICY_SETTINGS,
    approvedPeripherals: approval,
  })
  expect(another.map((one) => one.standing)).toEqual(['unknown'])
})
