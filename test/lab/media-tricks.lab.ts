/** Devices that lie about what they are, made in the guest: free identities, free functions. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MediaLab, OK_KEYBOARD, OK_STICK } from './media-lab.ts'
import { useComputer } from './shared-computers.ts'
import type { GadgetFunction, GadgetOptions } from './usb-gadget.ts'
import type { Plugged } from './usb-ports.ts'

const CARD: GadgetFunction = { kind: 'storage', luns: [{ file: '/cards/one.img' }] }
/** A disk that nobody registered, in a device that nobody registered. */
const COMPOSITE = ['unregistered-media-inserted', 'unregistered-peripheral'] as const
const TYPING_MS = 1_000

describe('a device that is not what it says', () => {
  const computer = useComputer('media')
  let media: MediaLab
  let keyboard: Plugged
  let number = 0

  beforeAll(async () => {
    media = computer()
    await media.watcher.open()
    keyboard = await media.lab.guest.plugKeyboard(OK_KEYBOARD)
    expect(await media.watcher.next(({ e }) => e === 'input', 20_000)).not.toBeNull()
    await media.watcher.close()
  })
  afterAll(() => media.lab.guest.unplug(keyboard))

  const identity = () => ({ vendorId: '0951', productId: '1666', serial: `TRICK-${(number += 1)}` })

  async function refuse(
    options: GadgetOptions,
    expected: Pick<Parameters<MediaLab['shut']>[0], 'violations' | 'record' | 'isUnbound' | 'tryMs'> & {
      readonly mark?: string
    },
  ) {
    const { mark = options.serial ?? '', ...rest } = expected
    const gadget = await media.gadgets.prepare(options)
    try {
      return await media.shut({ ...rest, mark, act: () => media.lab.guest.run(gadget.plugScript(0)) })
    } finally {
      await gadget.unplug()
    }
  }

  it('refuses a disk that is also a keyboard, whole: nothing is read and nothing is typed', async () => {
    const { report, records } = await refuse(
      { ...identity(), functions: [CARD, { kind: 'keyboard' }] },
      { violations: [...COMPOSITE], record: 'usb.attached', isUnbound: true, tryMs: 2 * TYPING_MS },
    )
    expect(report.inputNodes).toEqual([])
    expect(records.find(({ kind }) => kind === 'usb.attached')?.record.decision).toMatchObject({
      outcome: 'blocked',
      rule: 'suspicious-composite',
    })
  })

  it('refuses a disk that is also a network adapter', async () => {
    const { report } = await refuse(
      { ...identity(), functions: [CARD, { kind: 'ecm' }] },
      { violations: [...COMPOSITE], record: 'usb.attached', isUnbound: true },
    )
    expect(report.netDevices).toEqual([])
  })

  it('refuses the disk, the keyboard and the network of one device that is all three', async () => {
    await refuse(
      { ...identity(), functions: [CARD, { kind: 'keyboard' }, { kind: 'rndis' }] },
      { violations: [...COMPOSITE], record: 'usb.attached', isUnbound: true },
    )
  })

  it('judges the configuration that the kernel would not choose as well', async () => {
    await refuse(
      { ...identity(), functions: [CARD], second: [{ kind: 'keyboard' }] },
      { violations: [...COMPOSITE], record: 'usb.attached', isUnbound: true },
    )
  })

  for (const [name, functions, violation] of [
    ['RNDIS, as a phone shares its network', [{ kind: 'rndis' }], 'unregistered-network-adapter'],
    ['ECM, as an adapter for Ethernet', [{ kind: 'ecm' }], 'unregistered-network-adapter'],
    ['NCM, as a newer phone shares its network', [{ kind: 'ncm' }], 'unregistered-network-adapter'],
    ['a modem that is dialled with AT commands', [{ kind: 'modem' }], 'modem-or-cellular-dialup'],
  ] as const) {
    it(`keeps out ${name}`, async () => {
      const { report } = await refuse(
        { ...identity(), functions },
        { violations: [violation], record: 'usb.attached', isUnbound: true },
      )
      expect(report.netDevices).toEqual([])
    })
  }

  it('refuses a stick that carries vendor, product and serial of a registered one, and is another', async () => {
    // By what its device says alone it is the registered one; what says otherwise is a seal (see the rights). Here the
    // clone comes while the original is plugged in: one identity in two places.
    const opened = async () => (await media.find('media.access', 'read-write')).length
    const openedBefore = await opened()
    const original = await media.lab.guest.plugStick(OK_STICK)
    await media.lab.waitUntil('the original', async () => (await opened()) > openedBefore)
    await media.lab.guest.run('udevadm settle --timeout=10', { mayFail: true })
    const before = (await media.lab.violations()).length
    const clone = await media.gadgets.plug({ ...OK_STICK, functions: [CARD] })
    try {
      await media.lab.waitUntil('two devices of one identity to be told', async () =>
        (await media.lab.violations()).slice(before).some(({ type }) => type === 'media-identity-mismatch'),
      )
    } finally {
      await clone.unplug()
      await media.lab.guest.unplug(original)
    }
  })

  it('accuses nobody of a copy where a maker gave two sticks one serial, and neither is registered', async () => {
    const serial = 'ONE-FOR-ALL'
    const plug = async () => {
      const plugged: Plugged[] = []
      await media.shut({
        act: async () => plugged.push(await media.lab.guest.plugStick({ serial })),
        violations: ['unregistered-media-inserted'],
        mark: serial,
        record: 'media.examined',
      })
      return plugged
    }
    const plugged = [...(await plug()), ...(await plug())]
    for (const one of plugged) await media.lab.guest.unplug(one)
  })

  for (const serial of ['', '0', '000000000001', '0123456789ABCDEF', 'ffffffffffffffff']) {
    it(`takes the serial ${JSON.stringify(serial)} for what it is: no identity at all`, async () => {
      const { records } = await refuse(
        { vendorId: '0951', productId: '1666', serial, functions: [CARD] },
        { violations: ['unregistered-media-inserted'], record: 'media.examined', mark: '0951' },
      )
      expect(records.some(({ kind }) => kind === 'media.examined')).toBe(true)
    })
  }

  it('takes a name made to break a page, a table or a terminal for text', async () => {
    const serial = '=cmd|calc"><script>x</script>$(id)\u001b[2J'
    await refuse(
      { vendorId: '0951', productId: '1666', serial, product: '"; DROP TABLE x; --', functions: [CARD] },
      { violations: ['unregistered-media-inserted'], record: 'media.examined', mark: 'DROP TABLE' },
    )
  })

  it('shows nothing of a disc that a stick pretends to be', async () => {
    await refuse(
      { ...identity(), functions: [{ kind: 'storage', luns: [{ file: '/cards/one.img', isDisc: true }] }] },
      { violations: ['unregistered-media-inserted'], record: 'media.examined' },
    )
  })

  it('shows nothing of either card of a reader with two slots, and tells of each as a medium of its own', async () => {
    const { records } = await refuse(
      {
        ...identity(),
        functions: [{ kind: 'storage', luns: [{ file: '/cards/one.img' }, { file: '/cards/two.img' }] }],
      },
      {
        // The device that nobody registered, and the two cards in it.
        violations: Array.from({ length: 3 }, () => 'unregistered-media-inserted' as const),
        record: 'media.examined',
      },
    )
    const labels = records.flatMap(({ record: { fact } }) =>
      fact.kind === 'media.examined' ? (fact.passport?.fileSystems.map(({ label }) => label) ?? []) : [],
    )
    expect(new Set(labels)).toEqual(new Set(['ONE', 'TWO']))
    expect(labels).toHaveLength(2)
  })

  it('shows nothing of a card that comes into a reader which was plugged in empty', async () => {
    const reader = await media.gadgets.plug({
      ...identity(),
      functions: [{ kind: 'storage', luns: [{ file: '' }] }],
    })
    await media.lab.waitUntil(
      'the reader',
      async () => (await media.find('usb.attached', `TRICK-${number}`)).length > 0,
    )
    await media.watcher.open()
    await reader.swap('/cards/one.img')
    await media.watcher.next(() => false, 5_000)
    await reader.swap('/cards/two.img')
    await media.watcher.next(() => false, 5_000)
    expect((await media.watcher.close()).bytesRead).toBe(0)
    await reader.unplug()
  })

  it('tells a stick that becomes a network adapter on the same port as one story', async () => {
    const shown = { vendorId: '12d1', manufacturer: 'HUAWEI' }
    const first = await media.gadgets.plug({
      ...shown,
      productId: '1f01',
      functions: [{ kind: 'storage', luns: [{ file: '/cards/one.img', isDisc: true }] }],
    })
    await media.lab.waitUntil('the disc', async () => (await media.find('media.examined', '1f01')).length > 0)
    await first.unplug()
    const { records } = await media.shut({
      act: () => media.gadgets.plug({ ...shown, productId: '14dc', functions: [{ kind: 'ecm' }] }),
      violations: ['unregistered-network-adapter'],
      mark: '14dc',
      record: 'usb.re-enumerated',
      isUnbound: true,
    })
    const story = records.find(({ kind }) => kind === 'usb.re-enumerated')
    expect(story?.raw).toContain('1f01')
  })
})
