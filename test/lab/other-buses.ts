/**
 * Media that do not come over USB: a card in an SD slot, a SATA disk and disc, a floppy, NVMe as Thunderbolt brings it,
 * a network block device, a tape. QEMU has them there from the start; the guest meets each when its driver is loaded.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Guest } from './boot-guest.ts'

export interface OtherBuses extends AsyncDisposable {
  /** For `GuestOptions.qemu`. */
  readonly qemu: readonly string[]
  /** Plugs an NVMe disk into a hot-plug slot, and returns how it is pulled. */
  plugNvme(guest: Guest, serial: string): Promise<() => Promise<void>>
}

/** Scripts that make each thing appear in the guest, and go again, with the nodes that it brings. */
export const OTHER_MEDIA = {
  'an SD card in a slot on the board': {
    appear: 'modprobe -a sdhci_pci mmc_block',
    go: 'modprobe -r sdhci_pci',
    node: 'mmcblk0',
  },
  'a SATA disk that is plugged while the computer runs': {
    appear: 'modprobe -a ahci sg',
    go: 'for one in /sys/bus/scsi/drivers/s[dr]/[0-9]*; do echo 1 >$one/delete; done; modprobe -r ahci',
    node: 'sda',
  },
  'a floppy': { appear: 'modprobe floppy', go: 'modprobe -r floppy', node: 'fd0' },
  'a disk of another computer, over the network': {
    appear: `modprobe nbd nbds_max=1; truncate -s 8M /nbd.img
      ip link set lo up
      [ -e /run/nbd.pid ] || nbd-server 127.0.0.1:10809 /nbd.img -C '' -p /run/nbd.pid >/run/nbd.log 2>&1
      for try in 1 2 3; do
        timeout -k 1 25 nbd-client 127.0.0.1 10809 /dev/nbd0 >>/run/nbd.log 2>&1 || true
        [ "$(cat /sys/block/nbd0/size)" = 0 ] || break
      done`,
    go: 'nbd-client -d /dev/nbd0 >/dev/null 2>&1; modprobe -r nbd',
    node: 'nbd0',
  },
  'a disk behind a storage controller of its own': {
    appear: 'modprobe scsi_debug dev_size_mb=8 removable=1',
    go: 'until modprobe -r scsi_debug 2>/dev/null; do sleep 0.1; done',
    node: 'sda',
  },
} as const

/** Makes the disks; they go with the disposal. */
export async function makeOtherBuses(): Promise<OtherBuses> {
  const folder = await mkdtemp(join(tmpdir(), 'shoukou-lab-buses-'))
  const run = promisify(execFile)
  const image = async (name: string, size: string) => {
    await run('truncate', ['-s', size, join(folder, name)])
    await run('mkfs.ext4', ['-q', '-F', join(folder, name)])
    return join(folder, name)
  }
  const floppy = join(folder, 'floppy')
  await run('truncate', ['-s', '1440K', floppy])
  const drive = (id: string, file: string, more = '') => [
    '-drive',
    `if=none,id=${id},format=raw,file=${file}${more}`,
  ]
  const nvme = await image('nvme', '64M')
  return {
    qemu: [
      ...['-device', 'pcie-root-port,id=slot1,chassis=1,slot=1'],
      ...['-device', 'sdhci-pci', ...drive('card', await image('card', '64M'))],
      ...['-device', 'sd-card,drive=card'],
      ...drive('sata', await image('sata', '64M')),
      ...['-device', 'ide-hd,drive=sata,bus=ide.0,serial=LAB-SATA'],
      ...drive('disc', await image('disc', '8M'), ',readonly=on'),
      ...['-device', 'ide-cd,drive=disc,bus=ide.1'],
      ...['-device', 'isa-fdc', ...drive('floppy', floppy), '-device', 'floppy,drive=floppy'],
    ],
    async plugNvme(guest, serial) {
      await guest.qmp.execute('blockdev-add', {
        driver: 'raw',
        'node-name': 'nvme-disk',
        file: { driver: 'file', filename: nvme },
      })
      await guest.qmp.execute('device_add', {
        driver: 'nvme',
        id: 'nvme1',
        bus: 'slot1',
        drive: 'nvme-disk',
        serial,
      })
      return async () => {
        const gone = guest.qmp.nextEvent(
          'DEVICE_DELETED of nvme1',
          ({ name, data }) => name === 'DEVICE_DELETED' && data['device'] === 'nvme1',
          30_000,
        )
        await Promise.all([gone, guest.qmp.execute('device_del', { id: 'nvme1' })])
        await guest.qmp.execute('blockdev-del', { 'node-name': 'nvme-disk' })
      }
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}
