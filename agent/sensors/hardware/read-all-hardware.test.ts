import { execFileSync } from 'node:child_process'
import { HardwareSchema, showRawText } from '@shoukou/protocol'
import { Compile } from 'typebox/compile'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readAllHardware } from './hardware-sensor.ts'
import { joinHardware } from './join-hardware.ts'
import { HardwareReader } from './read-hardware-linux.ts'
import { audioDescriptors, HardwareTree } from './testing/hardware-tree.ts'

let tree: HardwareTree
beforeEach(() => {
  tree = new HardwareTree()
})
afterEach(() => tree[Symbol.dispose]())

const check = Compile(HardwareSchema)
const read = async () => {
  const found = await readAllHardware(tree.roots)
  for (const one of found) expect(check.Check(one)).toBe(true)
  return found
}
const lines = async (): Promise<string[]> =>
  (await read()).map(
    ({ kind, bus, busPath, vendorId, productId, driver, state, detail, names }) =>
      `${kind} ${bus} ${busPath === null ? '-' : showRawText(busPath)} ${vendorId}:${productId} ${driver === null ? '-' : showRawText(driver)} ${state}/${detail} [${names.map(showRawText).join(' ')}]`,
  )

const bridge = 'pci0000:00/0000:00:1c.0'
const hub = 'pci0000:00/0000:00:14.0/usb1'

describe('a laptop with an Intel AX200', () => {
  const card = `${bridge}/0000:02:00.0`
  const radio = `${hub}/1-10`
  beforeEach(() => {
    tree.pci('pci0000:00/0000:00:14.0', [0x0c0330, 0x8086, 0xa0ed], 'xhci_hcd')
    tree.pci(card, [0x028000, 0x8086, 0x2723], 'iwlwifi')
    tree.node('ieee80211', `${card}/ieee80211/phy0`, {}, card)
    tree.node('net', `${card}/net/wlp2s0`, { uevent: 'DEVTYPE=wlan\nINTERFACE=wlp2s0\nIFINDEX=3\n' }, card)
    tree.usb(radio, {
      vendor: 0x8087,
      product: 0x0029,
      interfaces: [
        { codes: [0xe0, 1, 1], driver: 'btusb' },
        { codes: [0xe0, 1, 1], driver: 'btusb' },
      ],
    })
    tree.node('bluetooth', `${radio}/1-10:1.0/bluetooth/hci0`, {}, `${radio}/1-10:1.0`)
  })

  it('tells the card as two radios, on the two buses where they are, with their switches open', async () => {
    tree.rfkill(`${card}/ieee80211/phy0/rfkill1`, 'wlan', 0, 0)
    tree.rfkill(`${radio}/1-10:1.0/bluetooth/hci0/rfkill0`, 'bluetooth', 0, 0)
    expect(await lines()).toEqual([
      'bluetooth usb 1-10:1.0 8087:0029 btusb on/rfkill-unblocked [hci0]',
      'wifi pci 0000:02:00.0 8086:2723 iwlwifi on/phy [phy0 wlp2s0]',
    ])
  })

  it('tells radios that are there and switched off as blocked, and the button before the program', async () => {
    tree.rfkill(`${card}/ieee80211/phy0/rfkill1`, 'wlan', 1, 1)
    tree.rfkill(`${radio}/1-10:1.0/bluetooth/hci0/rfkill0`, 'bluetooth', 1, 0)
    expect((await read()).map(({ kind, state, detail }) => [kind, state, detail])).toEqual([
      ['bluetooth', 'blocked', 'rfkill-soft'],
      ['wifi', 'blocked', 'rfkill-hard'],
    ])
  })

  it("does not take a laptop maker's switch for a radio, nor its state for that of one", async () => {
    tree.rfkill('platform/hp-wmi/rfkill/rfkill2', 'wwan', 0, 0)
    tree.rfkill('platform/hp-wmi/rfkill/rfkill3', 'wlan', 1, 0)
    const found = await read()
    expect(found.map(({ kind }) => kind)).toEqual(['bluetooth', 'wifi'])
    expect(found[1]).toMatchObject({ state: 'on' })
  })

  it('names what the controller is paired with, and no key', async () => {
    tree.write(
      'bluetooth/5C:87:9C:00:11:22/A4:C1:38:00:00:01/info',
      '[General]\nName=Galaxy Buds\nAlias=耳机\nClass=0x240404\n\n[LinkKey]\nKey=0123456789ABCDEF\n',
    )
    tree.write('bluetooth/5C:87:9C:00:11:22/A4:C1:38:00:00:02/info', '[LinkKey]\nKey=FEDCBA9876543210\n')
    const found = await read()
    expect(found[0]?.names).toEqual(['耳机', 'A4:C1:38:00:00:02', 'hci0'])
    expect(JSON.stringify(found)).not.toMatch(/0123456789ABCDEF|FEDCBA9876543210/)
  })

  it('finds both without any driver, by what they are on their buses', async () => {
    tree.remove(`devices/${card}/driver`)
    tree.remove('class/ieee80211')
    tree.remove('class/net')
    tree.remove('class/bluetooth')
    tree.remove(`devices/${radio}/1-10:1.0/driver`)
    tree.remove(`devices/${radio}/1-10:1.1/driver`)
    expect(await lines()).toEqual([
      'bluetooth usb 1-10:1.0 8087:0029 - no-driver/usb-class []',
      'wifi pci 0000:02:00.0 8086:2723 - no-driver/known-id []',
    ])
  })

  it('does not call a card idle that a virtual machine was given', async () => {
    tree.remove(`devices/${card}/driver`)
    tree.remove('class/ieee80211')
    tree.remove('class/net')
    tree.bind('pci', card, 'vfio-pci')
    expect((await lines())[1]).toBe('wifi pci 0000:02:00.0 8086:2723 vfio-pci unknown/passed-through []')
  })
})

describe('a camera on USB with its own microphone', () => {
  const port = `${hub}/1-4`
  const camera = {
    vendor: 0x046d,
    product: 0x0825,
    name: 'HD Webcam C270',
    interfaces: [
      { codes: [0x0e, 1, 0], driver: 'uvcvideo' },
      { codes: [0x0e, 2, 0], driver: 'uvcvideo' },
      { codes: [1, 1, 0], driver: 'snd-usb-audio' },
      { codes: [1, 2, 0], driver: 'snd-usb-audio' },
    ],
  } as const

  it('is one camera, whatever number of nodes it has, and one microphone', async () => {
    tree.usb(port, camera)
    for (const name of ['video0', 'video1'])
      tree.node('video4linux', `${port}/1-4:1.0/video4linux/${name}`, {
        name: 'HD Webcam C270\n',
        dev: '81:0\n',
      })
    tree.node('sound', `${port}/1-4:1.2/sound/card1/pcmC1D0c`)
    expect(await lines()).toEqual([
      'camera usb 1-4:1.0 046d:0825 uvcvideo on/video-node [video0 video1]',
      'microphone usb 1-4:1.2 046d:0825 snd-usb-audio on/capture-device [pcmC1D0c]',
    ])
    expect((await read())[0]?.model).toBe('HD Webcam C270')
  })

  it('is told by its descriptors alone while the port is not authorised', async () => {
    const descriptors = audioDescriptors(0x046d, 0x0a38, [
      [2, 0x0201],
      [3, 0x0101],
      [2, 0x0101],
      [3, 0x0301],
    ])
    tree.usb(port, { vendor: 0x046d, product: 0x0a38, isAuthorized: false, interfaces: [], descriptors })
    expect(await lines()).toEqual([
      'microphone usb 1-4:1.0 046d:0a38 - no-driver/usb-unauthorized []',
      'speaker usb 1-4:1.0 046d:0a38 - no-driver/usb-unauthorized []',
    ])
  })
})

describe('modems', () => {
  it('tells a Huawei stick as one cellular modem with all its ports', async () => {
    const port = `${hub}/1-3`
    tree.usb(port, {
      vendor: 0x12d1,
      product: 0x1506,
      name: 'HUAWEI Mobile',
      interfaces: [
        { codes: [0xff, 2, 0x12], driver: 'option' },
        { codes: [0xff, 2, 0x16], driver: 'huawei_cdc_ncm' },
        { codes: [0xff, 2, 0x10], driver: 'option' },
        { codes: [8, 6, 0x50], driver: 'usb-storage' },
      ],
    })
    tree.node('tty', `${port}/1-3:1.0/ttyUSB0/tty/ttyUSB0`)
    tree.node('tty', `${port}/1-3:1.2/ttyUSB1/tty/ttyUSB1`)
    tree.node('usbmisc', `${port}/1-3:1.1/usbmisc/cdc-wdm0`)
    tree.node('net', `${port}/1-3:1.1/net/wwan0`, { uevent: 'DEVTYPE=wwan\nINTERFACE=wwan0\n' })
    expect(await lines()).toEqual([
      'cellular-modem usb 1-3:1.0 12d1:1506 option on/modem-port [wwan0 ttyUSB0 ttyUSB1 cdc-wdm0]',
    ])
  })

  it('tells the same stick before any driver served it', async () => {
    tree.usb(`${hub}/1-3`, { vendor: 0x12d1, product: 0x1506, interfaces: [{ codes: [0xff, 2, 0x12] }] })
    expect(await lines()).toEqual(['cellular-modem usb 1-3:1.0 12d1:1506 - no-driver/known-id []'])
  })

  it('tells MBIM and dial-up modems apart, and says of an ACM port that it is one', async () => {
    tree.usb(`${hub}/1-1`, {
      vendor: 0x1199,
      product: 0x9079,
      interfaces: [{ codes: [2, 0x0e, 0], driver: 'cdc_mbim' }],
    })
    tree.usb(`${hub}/1-2`, {
      vendor: 0x0572,
      product: 0x1340,
      interfaces: [{ codes: [2, 2, 1], driver: 'cdc_acm' }],
    })
    tree.node('tty', `${hub}/1-2/1-2:1.0/tty/ttyACM0`)
    tree.pci('pci0000:00/0000:00:09.0', [0x070300, 0x14f1, 0x2f30])
    expect(await lines()).toEqual([
      'cellular-modem usb 1-1:1.0 1199:9079 cdc_mbim unknown/driver-without-node []',
      'dialup-modem pci 0000:00:09.0 14f1:2f30 - no-driver/pci-class []',
      'dialup-modem usb 1-2:1.0 0572:1340 cdc_acm on/modem-port [ttyACM0]',
    ])
  })

  it('accuses neither a serial adapter nor a tether nor a wired network card', async () => {
    tree.usb(`${hub}/1-1`, {
      vendor: 0x0403,
      product: 0x6001,
      interfaces: [{ codes: [0xff, 0xff, 0xff], driver: 'ftdi_sio' }],
    })
    tree.node('tty', `${hub}/1-1/1-1:1.0/ttyUSB0/tty/ttyUSB0`)
    tree.usb(`${hub}/1-2`, {
      vendor: 0x18d1,
      product: 0x4ee3,
      interfaces: [{ codes: [0xe0, 1, 3], driver: 'rndis_host' }],
    })
    tree.usb(`${hub}/1-3`, {
      vendor: 0x0bda,
      product: 0x8153,
      interfaces: [{ codes: [0xff, 0xff, 0], driver: 'r8152' }],
    })
    tree.usb(`${hub}/1-4`, { vendor: 0x0bda, product: 0x0129, interfaces: [{ codes: [0xff, 6, 0x50] }] })
    tree.pci('pci0000:00/0000:00:1f.6', [0x020000, 0x8086, 0x15fb], 'e1000e')
    tree.node('net', 'pci0000:00/0000:00:1f.6/net/eno1', { uevent: 'INTERFACE=eno1\n' })
    tree.pci('pci0000:00/0000:03:00.0', [0x028000, 0x19e5, 0x0222], 'hinic')
    expect(await lines()).toEqual([])
  })
})

describe('an ARM board with a radio on SDIO', () => {
  it('joins the functions of one card, and finds Bluetooth on its serial line', async () => {
    const host = 'platform/soc/fe300000.mmcnr/mmc_host/mmc1/mmc1:0001'
    const uart = 'platform/soc/fe201000.serial/serial0/serial0-0'
    for (const index of [1, 2, 3]) {
      const files = { class: '0x00\n', vendor: '0x02d0\n', device: '0xa9a6\n' }
      tree.device('sdio', `${host}/mmc1:0001:${index}`, files, index < 3 ? 'brcmfmac' : undefined)
    }
    tree.node('ieee80211', `${host}/mmc1:0001:1/ieee80211/phy0`, {}, `${host}/mmc1:0001:1`)
    tree.rfkill(`${host}/mmc1:0001:1/ieee80211/phy0/rfkill0`, 'wlan', 1, 0)
    tree.device('serial', uart, { modalias: 'of:NbluetoothT(null)Cbrcm,bcm43438-bt\n' }, 'hci_uart_bcm')
    tree.node('bluetooth', `${uart}/bluetooth/hci0`, {}, uart)
    tree.rfkill(`${uart}/bluetooth/hci0/rfkill1`, 'bluetooth', 0, 0)
    expect(await lines()).toEqual([
      'bluetooth other serial0-0 null:null hci_uart_bcm on/rfkill-unblocked [hci0]',
      'wifi sdio mmc1:0001 02d0:a9a6 brcmfmac blocked/rfkill-soft [phy0]',
    ])
  })

  it('takes no codec of the chip for a camera', async () => {
    tree.node('video4linux', 'platform/bcm2835-codec/video4linux/video10', { name: 'bcm2835-codec-decode\n' })
    tree.node('video4linux', 'platform/soc/fe801000.csi/video4linux/video0', { name: 'unicam-image\n' })
    expect(await lines()).toEqual(['camera platform fe801000.csi null:null - on/video-node [video0]'])
  })
})

describe('sound that is built in', () => {
  it('says of an HDA codec whether a microphone is soldered to it', async () => {
    const card = 'pci0000:00/0000:00:1f.3'
    tree.pci(card, [0x040300, 0x8086, 0xa0c8], 'snd_hda_intel')
    tree.node('sound', `${card}/sound/card0`, {}, card)
    tree.node('sound', `${card}/sound/card0/pcmC0D0c`)
    tree.node('sound', `${card}/sound/card0/pcmC0D0p`)
    tree.write('proc/asound/card0/id', 'PCH\n')
    tree.write(
      'proc/asound/card0/codec#0',
      'Codec: Realtek ALC257\nNode 0x12 [Pin Complex] wcaps 0x40040b: Stereo Amp-In\n  Pin Default 0x90a60130: [Fixed] Mic at Int N/A\n',
    )
    expect(await lines()).toEqual([
      'microphone pci 0000:00:1f.3 8086:a0c8 snd_hda_intel on/built-in-microphone [pcmC0D0c]',
      'speaker pci 0000:00:1f.3 8086:a0c8 snd_hda_intel on/playback-device [pcmC0D0p]',
    ])
    expect((await read())[0]?.model).toBe('PCH')
  })

  it('tells a card without driver as both, and the one of a display as a speaker alone', async () => {
    tree.pci('pci0000:00/0000:00:1f.3', [0x040300, 0x8086, 0xa0c8])
    tree.pci(`${bridge}/0000:01:00.0`, [0x030000, 0x10de, 0x1f08], 'nouveau')
    tree.pci(`${bridge}/0000:01:00.1`, [0x040300, 0x10de, 0x10f9])
    expect((await lines()).map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'microphone pci 0000:00:1f.3',
      'speaker pci 0000:00:1f.3',
      'speaker pci 0000:01:00.1',
    ])
  })
})

it('tells hardware that a driver makes up as virtual', async () => {
  tree.node('ieee80211', 'virtual/mac80211_hwsim/hwsim0/ieee80211/phy0')
  tree.node('net', 'virtual/mac80211_hwsim/hwsim0/net/wlan0', { uevent: 'DEVTYPE=wlan\n' })
  tree.node('net', 'virtual/net/hwsim0', { uevent: 'INTERFACE=hwsim0\n' })
  tree.rfkill('virtual/mac80211_hwsim/hwsim0/ieee80211/phy0/rfkill0', 'wlan', 0, 0)
  tree.node('bluetooth', 'virtual/bluetooth/hci0')
  tree.node('bluetooth', 'virtual/bluetooth/hci0/hci0:11')
  tree.rfkill('virtual/bluetooth/hci0/rfkill1', 'bluetooth', 1, 0)
  tree.node('sound', 'platform/snd_dummy.0/sound/card0/pcmC0D0c')
  tree.node('video4linux', 'platform/vivid.0/video4linux/video0', { name: 'vivid-000-vid-cap\n' })
  expect(await lines()).toEqual([
    'bluetooth virtual hci0 null:null - blocked/rfkill-soft [hci0]',
    'camera virtual vivid.0 null:null - on/video-node [video0]',
    'microphone virtual snd_dummy.0 null:null - on/capture-device [pcmC0D0c]',
    'wifi virtual hwsim0 null:null - on/phy [phy0 wlan0]',
  ])
})

describe('what is hostile or broken', () => {
  it('keeps names that are no text, and follows no link that leads nowhere', async () => {
    const name = Buffer.from([0x22, 0x1b, 0xff, 0x3c])
    tree.usb(`${hub}/1-4`, { vendor: 1, product: 2, interfaces: [{ codes: [0x0e, 1, 0] }] })
    tree.write(
      'sys/devices/pci0000:00/0000:00:14.0/usb1/1-4/product',
      Buffer.concat([name, Buffer.from('\n')]),
    )
    tree.dangle('class/ieee80211/phy7')
    tree.dangle('bus/pci/devices/0000:09:00.0')
    const found = await read()
    expect(found.map(({ model }) => model)).toEqual([{ b64: name.toString('base64') }])
  })

  it('looks at ten thousand interfaces within seconds and without stopping others', async () => {
    const port = 'pci0000:00/0000:00:09.0/net/port'
    tree.node('net', port, { uevent: 'INTERFACE=port\n' })
    for (let index = 0; index < 10_000; index += 1) tree.link(`class/net/veth${index}`, `devices/${port}`)
    tree.node('ieee80211', 'virtual/mac80211_hwsim/hwsim0/ieee80211/phy0')
    let gapMs = 0
    let lastMs = performance.now()
    const timer = setInterval(() => {
      gapMs = Math.max(gapMs, performance.now() - lastMs)
      lastMs = performance.now()
    }, 5)
    const found = await read()
    clearInterval(timer)
    expect(found).toHaveLength(1)
    expect(gapMs).toBeLessThan(3_000)
  }, 30_000)

  it('says that there is no sysfs rather than that there is no hardware', async () => {
    const look = await new HardwareReader({ ...tree.roots, sys: `${tree.root}/nothing` }).read()
    expect(look.kind).toBe('unreadable')
  })

  it('names pairings that could not be read, where there is a controller', async () => {
    tree.write('bluetooth', 'no folder')
    expect(await new HardwareReader(tree.roots).read()).toMatchObject({ unread: [] })
    tree.node('bluetooth', 'virtual/bluetooth/hci0')
    const look = await new HardwareReader(tree.roots).read()
    expect(look).toMatchObject({ kind: 'read', unread: [expect.stringContaining('bluetooth (ENOTDIR)')] })
  })

  it('keeps to the name of a node that gives no answer about video', async () => {
    tree.node('video4linux', 'platform/cam/video4linux/video0', { name: 'unit cam\n', dev: '81:0\n' })
    tree.node('video4linux', 'platform/vpu/video4linux/video1', { name: 'x-vpu\n', dev: '81:1\n' })
    for (const name of ['video0', 'video1']) execFileSync('mkfifo', [`${tree.dev}/${name}`])
    expect(await lines()).toEqual(['camera platform cam null:null - on/video-node [video0]'])
  })

  it('names a folder that is no folder', async () => {
    tree.write('sys/class/rfkill', 'no folder')
    const look = await new HardwareReader(tree.roots).read()
    expect(look).toMatchObject({ kind: 'read', unread: ['class/rfkill (ENOTDIR)'] })
  })

  it('survives descriptors that lie about their length', async () => {
    for (let length = 0; length < 64; length += 1) {
      const raw = Buffer.alloc(length, 0xff)
      tree.write(`sys/devices/x/1-${length + 1}/descriptors`, raw)
      tree.device('usb', `x/1-${length + 1}`, { idVendor: 'zzzz\n', devnum: '-1\n', descriptors: raw })
    }
    expect(await read()).toEqual([])
  })
})

it('reads this very computer without fault, and tells each thing once', async () => {
  const look = await new HardwareReader({
    sys: '/sys',
    proc: '/proc',
    dev: '/dev',
    bluetoothState: '/var/lib/bluetooth',
  }).read()
  expect(look.kind).toBe('read')
  if (look.kind !== 'read') return
  const pieces = joinHardware(look.view)
  expect(new Set(pieces.map(({ instance }) => instance)).size).toBe(pieces.length)
  for (const { hardware } of pieces) expect(check.Check(hardware)).toBe(true)
  // Whatever radio the kernel itself counts must be among them.
  const radios = look.view.nodes.filter((node) => node.class === 'ieee80211').length
  expect(pieces.filter(({ hardware }) => hardware.kind === 'wifi').length).toBeGreaterThanOrEqual(
    Math.min(radios, 1),
  )
})
