import { describe, expect, it } from 'vitest'
import {
  bulkOnly,
  decideOn,
  deviceOf,
  hub,
  keyboard,
  mediaKeys,
  mouse,
  policyOf,
} from './testing/usb-cases.ts'

describe('keyboards', () => {
  const plain = deviceOf([[keyboard, mediaKeys]])

  it('allows the first where none works, and says that nobody registered it', () => {
    expect(decideOn(plain, { workingKeyboards: 0 })).toMatchObject({
      verdict: 'allow',
      rule: 'only-keyboard',
      alarms: ['unregistered-keyboard'],
    })
  })

  it('refuses a second, as an alarm', () => {
    expect(decideOn(plain)).toMatchObject({
      verdict: 'refuse',
      rule: 'unregistered-peripheral',
      alarms: ['second-keyboard'],
    })
  })

  it('does not take a mouse, a headset with keys or a keyboard with sound for the only keyboard', () => {
    for (const codes of [[mouse], [mediaKeys], [mediaKeys, [1, 1, 0]], [keyboard, [1, 1, 0]]] as const)
      expect(decideOn(deviceOf([codes]), { workingKeyboards: 0 }).verdict).toBe('refuse')
  })

  it('knows its own on any port, by number and serial, and no copy beside it', () => {
    const policy = policyOf({}, [plain])
    const moved = { ...plain, path: '3-2' }
    expect(decideOn(moved, { policy })).toMatchObject({ verdict: 'allow', rule: 'baseline', alarms: [] })
    expect(decideOn(moved, { policy, others: [plain] })).toMatchObject({
      verdict: 'refuse',
      alarms: ['second-keyboard'],
    })
    expect(decideOn({ ...moved, serial: 'other' }, { policy }).verdict).toBe('refuse')
    const twoOwn = policyOf({}, [plain, { ...plain, path: '1-2' }])
    expect(decideOn(moved, { policy: twoOwn, others: [plain] }).verdict).toBe('allow')
  })

  it('lets an own printer be the computer’s own on its port alone', () => {
    const printer = deviceOf([[[7, 1, 2]]])
    const policy = policyOf({}, [printer])
    expect(decideOn(printer, { policy })).toMatchObject({ verdict: 'allow', rule: 'baseline' })
    expect(decideOn({ ...printer, path: '1-2' }, { policy }).verdict).toBe('refuse')
  })
})

describe('approved peripherals', () => {
  const printer = deviceOf([[[7, 1, 2]]], { serial: 'P1' })
  const { vendorId, productId } = printer

  it('are known by vendor, product and the serial that was written, or any where none was', () => {
    const approving = (serial: string | null) =>
      policyOf({ approvedPeripherals: [{ vendorId, productId, serial, note: '' }] })
    expect(decideOn(printer, { policy: approving('P1') })).toMatchObject({ rule: 'approved-peripheral' })
    expect(decideOn(printer, { policy: approving(null) })).toMatchObject({ verdict: 'allow' })
    expect(decideOn(printer, { policy: approving('P2') })).toMatchObject({ verdict: 'refuse' })
    expect(decideOn({ ...printer, serial: { b64: '/w==' } }, { policy: approving('P1') }).verdict).toBe(
      'refuse',
    )
  })
})

describe('the sweep of what was there at the start', () => {
  const working = { authorized: true } as const

  it('refuses by the same rules', () => {
    const network = deviceOf([[[2, 6, 0]]], working)
    expect(decideOn(network, { origin: 'present-at-start' })).toMatchObject({
      verdict: 'refuse',
      rule: 'unregistered-network-adapter',
      spare: false,
    })
  })

  it('does not take the last working keyboard, though nobody registered it', () => {
    const last = deviceOf([[keyboard, mediaKeys]], working)
    expect(decideOn(last, { origin: 'present-at-start', workingKeyboards: 1 })).toMatchObject({
      verdict: 'refuse',
      spare: true,
      alarms: ['last-working-keyboard'],
    })
    expect(decideOn(last, { origin: 'present-at-start', workingKeyboards: 2 })).toMatchObject({
      spare: false,
      alarms: ['second-keyboard'],
    })
    const receiver = deviceOf([[keyboard, mouse]], { ...working, vendorId: '046d', productId: 'c52b' })
    expect(decideOn(receiver, { origin: 'present-at-start' })).toMatchObject({
      rule: 'wireless-input-device',
      spare: true,
    })
  })

  it('does not take a hub, even one whose descriptors are faulty, for what hangs behind it', () => {
    const faulty = { ...deviceOf([[hub]], { ...working, deviceClass: '09' }), descriptorFaults: ['a fault'] }
    expect(decideOn(faulty, { origin: 'present-at-start' })).toMatchObject({ verdict: 'refuse', spare: true })
  })

  it('spares nothing that appeared, was kept out already, or is also a way for data', () => {
    const last = deviceOf([[keyboard]], working)
    expect(decideOn(last, { origin: 'appeared' }).spare).toBe(false)
    const keptOut = deviceOf([[keyboard]], { authorized: false })
    expect(decideOn(keptOut, { origin: 'present-at-start' }).spare).toBe(false)
    for (const other of [bulkOnly, [2, 6, 0], [6, 1, 1]] as const) {
      const composite = deviceOf([[keyboard, other]], working)
      expect(decideOn(composite, { origin: 'still-present', workingKeyboards: 1 }).spare).toBe(false)
    }
  })
})
