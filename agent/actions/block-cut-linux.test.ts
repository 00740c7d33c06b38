/** Which switches are thrown, in a sysfs of files: this computer has no disk that may be taken away. */
import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { SysfsTree } from '../sensors/testing/sysfs-tree.ts'
import { cutBlockDevice } from './block-cut-linux.ts'
import { SysfsWriter } from './usb-control-writes-linux.ts'

let tree: SysfsTree
beforeEach(() => {
  tree = new SysfsTree({ withUsb: false })
})
afterEach(() => tree[Symbol.dispose]())

const cut = (name: string) =>
  cutBlockDevice(join(tree.root, 'block', name), { writer: new SysfsWriter(1_000), goneMsMax: 30 })

function link(at: string, to: string): void {
  symlinkSync(join(tree.root, to), join(tree.root, at))
}

it('a SCSI disk is deleted; where that does not help its driver is taken, and nothing above it', async () => {
  const scsi = 'devices/pci0000:00/0000:00:14.0/host6/target6:0:0/6:0:0:0'
  tree.addDisk(`${scsi}/block/sdb`, { dev: '8:16\n', '../../delete': '', '../../driver/unbind': '' })
  tree.addDisk(`${scsi}/block/other`, { '../../../../driver/unbind': '' })
  link(`${scsi}/block/sdb/device`, scsi)
  const { isDone, steps } = await cut('sdb')
  expect(isDone).toBe(false)
  expect(steps).toEqual([
    { step: 'scsi-delete', result: 'done', detail: null },
    { step: 'driver-unbind', result: 'done', detail: null },
  ])
  expect(readFileSync(join(tree.root, scsi, 'delete'), 'latin1')).toBe('1\n')
  expect(readFileSync(join(tree.root, scsi, 'driver/unbind'), 'latin1')).toBe('6:0:0:0\n')
  expect(readFileSync(join(tree.root, 'devices/pci0000:00/0000:00:14.0/host6/driver/unbind'), 'latin1')).toBe(
    '',
  )
})

it('an NVMe disk loses the driver of its PCI function, then the function', async () => {
  const pci = 'devices/pci0000:00/0000:01:00.0'
  tree.addDisk(`${pci}/nvme/nvme0/nvme0n1`, {
    dev: '259:0\n',
    '../../../driver/unbind': '',
    '../../../remove': '',
    '../../../../../bus/pci/x': '',
  })
  link(`${pci}/nvme/nvme0/nvme0n1/device`, `${pci}/nvme/nvme0`)
  tree.addDisk('bus/pci/devices/marker', { x: '' })
  link(`${pci}/subsystem`, 'bus/pci')
  const { steps } = await cut('nvme0n1')
  expect(steps.map(({ step, result }) => `${step} ${result}`)).toEqual([
    'driver-unbind done',
    'pci-remove done',
  ])
  expect(readFileSync(join(tree.root, pci, 'driver/unbind'), 'latin1')).toBe('0000:01:00.0\n')
})

it('a disk with no device behind it is left, and the step says so', async () => {
  tree.addDisk('devices/virtual/block/nbd0', { dev: '43:0\n' })
  expect(await cut('nbd0')).toEqual({
    isDone: false,
    steps: [{ step: 'block-cut', result: 'skipped', detail: 'no device stands behind this disk' }],
  })
})

it('a disk that is gone already is done', async () => {
  expect(existsSync(join(tree.root, 'block/sdz'))).toBe(false)
  expect(await cut('sdz')).toMatchObject({ isDone: true })
})
