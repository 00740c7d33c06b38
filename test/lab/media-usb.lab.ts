/** USB devices on an enforcing computer: what is not registered shows nothing, what is works. */
import type { FactKind } from '@shoukou/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MediaLab, OK_KEYBOARD, OK_STICK, OK_UAS_STICK, unplugAndWait } from './media-lab.ts'
import { useComputer } from './shared-computers.ts'
import type { Plugged } from './usb-ports.ts'

/** More than the twenty in a minute that a person makes. */
const STORM_PLUGS = 24

describe('a classified computer that enforces', () => {
  const computer = useComputer('media')
  let media: MediaLab
  let keyboard: Plugged

  beforeAll(() => {
    media = computer()
  })
  afterAll(() => media.lab.guest.unplug(keyboard))

  it('says that it enforces, on every controller, and accuses nobody', async () => {
    const { stdout } = await media.lab.guest.run(
      'cat /sys/bus/usb/devices/usb*/authorized_default /sys/bus/usb/drivers_autoprobe',
    )
    expect(
      stdout
        .trim()
        .split('\n')
        .every((each) => each === '0'),
    ).toBe(true)
    expect(await media.lab.violations()).toEqual([])
  })

  it('keeps its own disks open: they are its baseline', async () => {
    await media.lab.guest.run(
      'for each in vda vdb; do dd if=/dev/$each of=/dev/null bs=4096 count=1 2>/dev/null; done',
    )
  })

  it('lets a registered keyboard work', async () => {
    await media.watcher.open()
    keyboard = await media.lab.guest.plugKeyboard(OK_KEYBOARD)
    expect(await media.watcher.next(({ e }) => e === 'input', 20_000)).not.toBeNull()
    await media.lab.waitUntil(
      'the record that it was let in',
      async () => (await media.find('usb.acted', '"admitted"')).length > 0,
    )
    // What else its driver brings comes now, and is not the next one's.
    await media.watcher.next(() => false, 1_000)
    await media.watcher.close()
    expect(await media.lab.violations()).toEqual([])
  })

  it('keeps a second keyboard out, which nobody registered', async () => {
    let plugged: Plugged | undefined
    const { records } = await media.shut({
      act: async () => (plugged = await media.lab.guest.plugKeyboard({ serial: 'SECOND-KEYS' })),
      violations: ['unregistered-peripheral'],
      mark: 'SECOND-KEYS',
      record: 'usb.attached',
      isUnbound: true,
    })
    const attached = records.find(({ kind, raw }) => kind === 'usb.attached' && raw.includes('SECOND-KEYS'))
    expect(attached?.record.decision).toMatchObject({ outcome: 'blocked', would: 'block' })
    if (plugged !== undefined) await unplugAndWait(media, plugged, 'SECOND-KEYS')
    expect(keyboard.id).not.toBe('')
  })

  for (const [name, plug] of [
    ['a bulk-only stick', (serial: string) => media.lab.guest.plugStick({ serial })],
    ['a stick that speaks UAS alone', (serial: string) => media.lab.guest.plugUasStick({ serial })],
    ['a disc in a USB drive', (serial: string) => media.lab.guest.plugOpticalDrive({ serial })],
  ] as const) {
    it(`shows not one byte of ${name} that is not registered, each time it is plugged`, async () => {
      for (const serial of [`NO-${name.length}-1`, `NO-${name.length}-2`]) {
        let plugged: Plugged | undefined
        const { violations } = await media.shut({
          act: async () => (plugged = await plug(serial)),
          violations: ['unregistered-media-inserted'],
          mark: serial,
          record: 'media.examined',
        })
        expect(violations[0]?.proof?.isVerified).toBe(true)
        if (plugged !== undefined) await unplugAndWait(media, plugged, serial)
      }
    })
  }

  it('keeps a phone out, whatever it offers', async () => {
    const { report } = await media.shut({
      act: () => media.lab.guest.plugPhone({ serial: 'PHONE-1' }),
      violations: ['phone-or-camera-connected'],
      mark: 'PHONE-1',
      record: 'usb.attached',
      isUnbound: true,
    })
    expect(report.nodes).toEqual([])
  })

  it('keeps a USB network adapter out: no interface ever appears', async () => {
    const { report } = await media.shut({
      act: () => media.lab.guest.plugNetworkAdapter({ mac: '02:00:00:00:00:09' }),
      violations: ['unregistered-network-adapter'],
      mark: 'a4a2',
      record: 'usb.attached',
      isUnbound: true,
    })
    expect(report.netDevices).toEqual([])
  })

  it('keeps a microphone out', async () => {
    await media.shut({
      act: () => media.lab.guest.plugDevice('usb-audio', { audiodev: 'quiet' }),
      violations: ['unregistered-peripheral'],
      mark: '"productId":"0002"',
      record: 'usb.attached',
      isUnbound: true,
    })
  })

  it('opens a registered bulk-only stick for reading and writing', async () => {
    let plugged: Plugged | undefined
    const report = await media.readable(async () => (plugged = await media.lab.guest.plugStick(OK_STICK)))
    console.log(`lab: a registered bulk-only stick: read after ${Math.round(report.addToReadMs ?? -1)} ms`)
    await media.lab.guest.run(
      `disk=$(ls /sys/block | grep '^sd'); mkdir -p /mnt/ok && mount /dev/$disk /mnt/ok
      echo written >/mnt/ok/file && sync && umount /mnt/ok && mount /dev/$disk /mnt/ok && [ "$(cat /mnt/ok/file)" = written ]
      umount /mnt/ok`,
    )
    if (plugged !== undefined) await unplugAndWait(media, plugged, OK_STICK.serial)
  })

  it('opens a registered stick that speaks UAS', async () => {
    let plugged: Plugged | undefined
    const report = await media.readable(
      async () => (plugged = await media.lab.guest.plugUasStick(OK_UAS_STICK)),
    )
    console.log(`lab: a registered UAS stick: read after ${Math.round(report.addToReadMs ?? -1)} ms`)
    if (plugged !== undefined) await unplugAndWait(media, plugged, OK_UAS_STICK.serial)
  })

  it('shows nothing of a stick that comes in the place of a registered one within a moment', async () => {
    const first = await media.lab.guest.plugStick(OK_STICK)
    await media.watcher.open()
    await media.watcher.next((seen) => seen.e === 'read', 20_000)
    await media.watcher.close()
    await media.lab.guest.run('udevadm settle --timeout=10', { mayFail: true })
    await media.lab.guest.unplug(first)
    await media.shut({
      act: () => media.lab.guest.plugStick({ serial: 'NO-AT-ONCE' }),
      violations: ['unregistered-media-inserted'],
      mark: 'NO-AT-ONCE',
      record: 'media.examined',
    })
  })

  it('shows nothing of a UAS stick that comes at once under the number that a registered one just had', async () => {
    const bytes: number[] = []
    for (let turn = 1; turn <= 4; turn += 1) {
      const first = await media.lab.guest.plugUasStick(OK_UAS_STICK)
      await media.watcher.open()
      expect(await media.watcher.next((seen) => seen.e === 'read', 20_000)).not.toBeNull()
      await media.watcher.close()
      await media.lab.guest.run('udevadm settle --timeout=10', { mayFail: true })
      await media.lab.guest.unplug(first)
      await media.watcher.open()
      const second = await media.lab.guest.plugUasStick({ serial: `NO-NUMBER-${turn}` })
      await media.watcher.next(() => false, 3_000)
      bytes.push((await media.watcher.close()).bytesRead)
      await unplugAndWait(media, second, `NO-NUMBER-${turn}`)
    }
    expect(bytes).toEqual([0, 0, 0, 0])
  })

  it('records each of a storm of plugs on one port, counts them as one, and shows nothing of any', async () => {
    const recordsBefore = (await media.lab.records()).length
    const isTold = async (kind: FactKind) =>
      (await media.lab.records()).slice(recordsBefore).filter((one) => one.kind === kind)
    const bytes: number[] = []
    const stick = await media.gadgets.prepare({
      vendorId: '0951',
      productId: '1666',
      serial: 'NO-STORM',
      functions: [{ kind: 'storage', luns: [{ file: '/cards/one.img' }] }],
    })
    for (let plug = 0; plug < STORM_PLUGS; plug += 1) {
      await media.watcher.open()
      await media.lab.guest.run(stick.plugScript(0))
      // Pulled the moment the kernel has met it: what it never met, nobody can be asked to record.
      expect(await media.watcher.next(({ e }) => e === 'usb', 30_000)).not.toBeNull()
      await stick.pull()
      expect(await media.watcher.next(({ e }) => e === 'usb-gone', 30_000)).not.toBeNull()
      bytes.push((await media.watcher.close()).bytesRead)
    }
    await media.lab.waitUntil(
      'every plug to be recorded',
      async () => (await isTold('usb.attached')).length >= STORM_PLUGS,
    )
    await media.lab.waitUntil('the storm to be told', async () => (await isTold('usb.storm')).length > 0)
    expect(await isTold('usb.attached')).toHaveLength(STORM_PLUGS)
    expect((await media.tryFor(2_000)).bytesRead).toBe(0)
    expect(new Set(bytes)).toEqual(new Set([0]))
    await stick.unplug()
  })

  it('stands with its whole chain, without a gap', async () => {
    expect(await media.lab.gaps()).toEqual([])
    const all = await media.lab.records()
    expect(all.map(({ seq }) => seq)).toEqual(all.map((_, index) => index + 1))
  })
})
