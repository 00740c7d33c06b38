/** Media that do not come over USB: every block device that is not the computer's own is shut, on any bus. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { MediaLab } from './media-lab.ts'
import { OTHER_MEDIA } from './other-buses.ts'
import { useComputer } from './shared-computers.ts'

describe('a medium on another bus', () => {
  const computer = useComputer('media')
  let media: MediaLab

  beforeAll(() => {
    media = computer()
  })

  for (const [name, { appear, go, node }] of Object.entries(OTHER_MEDIA)) {
    it(`shows not one byte: ${name}`, async () => {
      const before = (await media.lab.violations()).length
      await media.watcher.open()
      // A client of the network block device takes 4 to 15 s in an emulated guest, and longer on a busy machine.
      await media.lab.guest.run(appear, { timeoutMs: 90_000 })
      const there = await media.watcher.next((seen) => seen.e === 'node' && seen.name === node, 20_000)
      expect(there).not.toBeNull()
      await media.lab.waitUntil('the verdict', async () => (await media.lab.violations()).length > before)
      await media.watcher.next(() => false, 1_500)
      const report = await media.watcher.close()
      expect(report.bytesRead, JSON.stringify(report.seen)).toBe(0)
      expect(report.seen.some((seen) => seen.e === 'refused' && seen.errno === 'EPERM')).toBe(true)
      for (const { type } of (await media.lab.violations()).slice(before))
        expect(type).toBe('unregistered-media-inserted')
      expect(await media.find('media.examined', `"${node}"`)).not.toEqual([])
      await media.lab.guest.run(go, { mayFail: true })
    })
  }

  it('shows not one byte of an NVMe disk that comes as Thunderbolt brings it', async () => {
    let pull: (() => Promise<void>) | undefined
    await media.shut({
      act: async () => (pull = await media.buses.plugNvme(media.lab.guest, 'NO-NVME')),
      violations: ['unregistered-media-inserted'],
      mark: 'NO-NVME',
      record: 'media.examined',
    })
    await pull?.()
  })

  it('leaves a file of the own disk that is shown as a disk alone', async () => {
    const before = (await media.lab.violations()).length
    const recordsBefore = (await media.lab.records()).length
    await media.lab.guest.run(
      `modprobe loop; truncate -s 8M /var/lib/own.img; mkfs.ext4 -q -F /var/lib/own.img
      mkdir -p /mnt/own; mount -o loop /var/lib/own.img /mnt/own && echo x >/mnt/own/x && umount /mnt/own`,
    )
    const fresh = async () => (await media.lab.records()).slice(recordsBefore)
    await media.lab.waitUntil('the mount to be over', async () =>
      (await fresh()).some(({ kind, raw }) => kind === 'mount.removed' && raw.includes('/mnt/own')),
    )
    const why = JSON.stringify(
      (await fresh()).map(({ raw }) => raw),
      null,
      1,
    )
    expect((await media.lab.violations()).slice(before), why).toEqual([])
  })
})
