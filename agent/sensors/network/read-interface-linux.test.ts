import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { LinkMessage } from './net-messages.ts'
import { readInterfaceDetails } from './read-interface-linux.ts'

/** A tree in the shape of sysfs: one USB adapter of RNDIS under a name, another interface beside it. */
async function makeTree(name: string, index: number): Promise<string> {
  const sys = await mkdtemp(join(tmpdir(), 'shoukou-sysfs-'))
  onTestFinished(() => rm(sys, { recursive: true }))
  const usb = join(sys, 'devices/pci0000:00/0000:00:14.0/usb1/1-2')
  await mkdir(join(usb, '1-2:1.0'), { recursive: true })
  for (const [file, text] of Object.entries({ idVendor: '0525', idProduct: 'a4a2' }))
    await writeFile(join(usb, file), `${text}\n`)
  const own = { bInterfaceClass: '02', bInterfaceSubClass: '02', bInterfaceProtocol: 'ff' }
  for (const [file, text] of Object.entries(own)) await writeFile(join(usb, '1-2:1.0', file), `${text}\n`)
  for (const [each, number] of [
    [name, index],
    ['lo', 1],
  ] as const) {
    await mkdir(join(sys, 'class/net', each), { recursive: true })
    await writeFile(join(sys, 'class/net', each, 'ifindex'), `${number}\n`)
    await writeFile(join(sys, 'class/net', each, 'uevent'), `INTERFACE=${each}\nIFINDEX=${number}\n`)
  }
  await symlink(join(usb, '1-2:1.0'), join(sys, 'class/net', name, 'device'))
  return sys
}

const message = (name: string, index: number): LinkMessage => ({
  ...{ kind: 'link', isRemoval: false, index, name: Buffer.from(name), mac: null, permanentMac: null },
  ...{ hardwareType: 1, flags: 0, operState: null, linkKind: null, lowerIndex: null, masterIndex: null },
  ...{ parentName: null, parentBus: null },
})

it('reads an adapter that was renamed between its message and the reading, by its number', async () => {
  const sys = await makeTree('usb0', 7)
  const named = await readInterfaceDetails(sys, message('usb0', 7))
  expect(named).toMatchObject({
    isRead: true,
    nature: 'physical',
    usbPath: '1-2',
    usb: { function: '02/02/ff' },
  })
  await rename(join(sys, 'class/net/usb0'), join(sys, 'class/net/enx020000000007'))
  expect(await readInterfaceDetails(sys, message('usb0', 7))).toEqual(named)
})

it('takes nobody else for it: the name is another interface by now, and the number is gone', async () => {
  const sys = await makeTree('usb0', 8)
  expect(await readInterfaceDetails(sys, message('usb0', 7))).toMatchObject({ isRead: false, usbPath: null })
})
