import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { hardwareFact } from '@shoukou/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { hardwareFacts } from './hardware-facts.ts'
import { readHardware } from './hardware-linux.ts'

let sys: string
beforeEach(async () => {
  sys = await mkdtemp(join(tmpdir(), 'shoukou-sys-'))
})
afterEach(() => rm(sys, { recursive: true }))

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(sys, path)), { recursive: true })
  await writeFile(join(sys, path), text)
}
async function link(path: string, to: string): Promise<void> {
  await mkdir(join(sys, to), { recursive: true })
  await mkdir(dirname(join(sys, path)), { recursive: true })
  await symlink(join(sys, to), join(sys, path))
}
const sorted = (facts: readonly { part: string; hash: string }[]) =>
  facts.map(({ part, hash }) => `${part} ${hash}`).toSorted()

it('reads the board, built-in disks and built-in adapters, and nothing that is plugged in from outside', async () => {
  await put('class/dmi/id/product_uuid', '4c4c4544-0042-3510-8056-b4c04f564433\n')
  await put('class/dmi/id/product_serial', 'To Be Filled By O.E.M.\n')
  await put('class/dmi/id/board_serial', '/7XKQ3R2/CN7016342100A1/\n')
  const sda = 'devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda'
  await link('block/sda', sda)
  await put(`${sda}/removable`, '0\n')
  await put(`${sda}/device/wwid`, 't10.ATA     SAMSUNG MZ7LH480HAHQ-00005      S4EWNX0M812345\n')
  const stick = 'devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/host4/target4:0:0/4:0:0:0/block/sdb'
  await link('block/sdb', stick)
  await put(`${stick}/removable`, '0\n')
  await put(`${stick}/device/wwid`, 'naa.5000c500aabbccdd\n')
  await link('block/loop0', 'devices/virtual/block/loop0')
  await put('devices/virtual/block/loop0/removable', '0\n')
  const card = 'devices/pci0000:00/0000:00:1f.6'
  await link('class/net/eno1', `${card}/net/eno1`)
  await link(`${card}/net/eno1/device`, card)
  await put(`${card}/net/eno1/addr_assign_type`, '0\n')
  await put(`${card}/net/eno1/address`, '00:1B:21:3A:4F:10\n')
  const altered = 'devices/pci0000:00/0000:02:00.0'
  await link('class/net/eno2', `${altered}/net/eno2`)
  await link(`${altered}/net/eno2/device`, altered)
  await put(`${altered}/net/eno2/addr_assign_type`, '3\n')
  await put(`${altered}/net/eno2/address`, '02:11:22:33:44:55\n')
  const expected = [
    hardwareFact('product-uuid', '4C4C4544-0042-3510-8056-B4C04F564433'),
    hardwareFact('board-serial', '/7XKQ3R2/CN7016342100A1/'),
    hardwareFact('disk', 't10.ATA     SAMSUNG MZ7LH480HAHQ-00005      S4EWNX0M812345'),
    hardwareFact('adapter', '00:1b:21:3a:4f:10'),
  ]
  expect(sorted(await readHardware(sys))).toEqual(sorted(expected))
})

it('reads a machine that names nothing, and this one, without failing', async () => {
  expect(await readHardware(join(sys, 'nothing'))).toEqual([])
  expect(Array.isArray(await readHardware())).toBe(true)
})

it.each([
  '03000200-0400-0500-0006-000700080009',
  'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
  '00000000-0000-0000-0000-000000000000',
  'Default string',
  'System Serial Number',
  'To be filled by O.E.M.',
  '0123456789',
  'None',
  '  ',
])('takes %j for no number at all', (number) => {
  expect(hardwareFacts([{ part: 'board-serial', number }])).toEqual([])
})

it('tells the same in the same order, each once, and never more than the wire takes', () => {
  const parts = Array.from({ length: 300 }, (_, n) => ({
    part: 'disk' as const,
    number: `WD-WX${n + 1000}A7K3`,
  }))
  const facts = hardwareFacts([...parts, ...parts.toReversed()])
  expect(facts).toHaveLength(256)
  expect(hardwareFacts(parts.toReversed())).toEqual(facts)
})
