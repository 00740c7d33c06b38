import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { showRawText } from '@shoukou/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LazyPoller } from '../../base/poll-linux.ts'
import { KernelUevents } from '../../base/uevents-linux.ts'
import { baselineKeys } from '../baseline-keys.ts'
import { takeBaseline } from '../take-baseline-linux.ts'
import { needRoot, RecordingContext, withSensor } from '../testing/recording-context.ts'
import { ScriptedUevents } from '../testing/scripted-uevents.ts'
import { SysfsTree } from '../testing/sysfs-tree.ts'
import { createMediaSensor } from './media-sensor.ts'

let poller: LazyPoller
beforeEach(() => {
  poller = new LazyPoller()
})
afterEach(() => poller.close())

const stickPlace = '/devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.0/host6/target6:0:0/6:0:0:0/block/sdb'
const stickFiles = {
  dev: '8:16\n',
  size: '2048\n',
  removable: '1\n',
  ro: '0\n',
  diskseq: '7\n',
  'device/vendor': 'QEMU    \n',
  'device/model': 'QEMU HARDDISK   \n',
  'sdb1/dev': '8:17\n',
}
const diskEvent = (action: string, more: Record<string, string> = {}) => ({
  ACTION: action,
  DEVPATH: stickPlace,
  SUBSYSTEM: 'block',
  DEVTYPE: 'disk',
  MAJOR: '8',
  MINOR: '16',
  DEVNAME: 'sdb',
  DISKSEQ: '7',
  ...more,
})

describe('disks', () => {
  let tree: SysfsTree
  let uevents: ScriptedUevents
  beforeEach(() => {
    tree = new SysfsTree({ withUsb: false })
    uevents = new ScriptedUevents()
  })
  afterEach(() => tree[Symbol.dispose]())
  const sensor = (sweepMs = 60_000) => createMediaSensor({ uevents, poller, sys: tree.root, sweepMs })
  const story = (context: RecordingContext): string[] =>
    context.facts.flatMap((fact) => {
      if (fact.kind === 'block.attached' || fact.kind === 'block.detached') {
        return [`${fact.kind} ${showRawText(fact.device.name)} ${fact.sighting}`]
      }
      return fact.kind === 'block.changed'
        ? [`${fact.kind} ${fact.before.sizeBytes}→${fact.device.sizeBytes}`]
        : []
    })

  it('are told when they appear, with what the kernel knows of them', async () => {
    const context = new RecordingContext()
    await withSensor(sensor(), context, async () => {
      tree.addDisk(stickPlace, stickFiles)
      uevents.say(diskEvent('add'))
      await context.until(() => story(context).length === 1)
    })
    expect(context.named('block.attached')[0]).toMatchObject({
      origin: 'appeared',
      device: {
        name: 'sdb',
        number: '8:16',
        bus: 'usb',
        usbPath: '1-1',
        sizeBytes: 1_048_576,
        isRemovable: true,
        vendor: 'QEMU',
        model: 'QEMU HARDDISK',
      },
    })
  })

  it('that come and go before they can be read are told by their events', async () => {
    const context = new RecordingContext()
    await withSensor(sensor(), context, async () => {
      uevents.say(diskEvent('add'), diskEvent('remove'))
      await context.until(() => story(context).length === 2)
    })
    expect(story(context)).toEqual(['block.attached sdb event-only', 'block.detached sdb event-only'])
    expect(context.named('block.attached')[0]?.device).toMatchObject({
      bus: 'usb',
      usbPath: '1-1',
      sizeBytes: null,
    })
  })

  it('that get a card are told as changed, by event and by sweep alike', async () => {
    tree.addDisk(stickPlace, { ...stickFiles, size: '0\n' })
    const context = new RecordingContext()
    await withSensor(sensor(50), context, async () => {
      tree.write(`${stickPlace}/size`, '4096\n')
      uevents.say(diskEvent('change', { DISK_MEDIA_CHANGE: '1' }))
      await context.until(() => story(context).length === 2)
      tree.write(`${stickPlace}/size`, '0\n')
      await context.until(() => story(context).length === 3)
    })
    expect(story(context).slice(1)).toEqual(['block.changed 0→2097152', 'block.changed 2097152→0'])
  })

  it('are not told as changed because somebody wrote to their uevent file', async () => {
    tree.addDisk(stickPlace, stickFiles)
    const context = new RecordingContext()
    const media = sensor()
    await withSensor(media, context, async () => {
      uevents.say(diskEvent('change', { SYNTH_UUID: '0' }))
      await media.rescan()
    })
    expect(story(context)).toHaveLength(1)
  })
})

describe('on this kernel', () => {
  let folder: string
  let loop: string
  beforeEach(() => {
    needRoot()
    folder = mkdtempSync(join(tmpdir(), 'shoukou-media-'))
    const image = join(folder, 'image')
    writeFileSync(image, '')
    truncateSync(image, 8 * 1_048_576)
    execFileSync('mkfs.ext4', ['-q', image])
    loop = execFileSync('losetup', ['--find', '--show', image], { encoding: 'utf8' }).trim()
  })
  afterEach(() => {
    execFileSync('losetup', ['-d', loop])
    rmSync(folder, { recursive: true })
  })

  it('tells a loop device’s new size, its mount with a name that is no text, and the unmount', async () => {
    const target = Buffer.concat([Buffer.from(`${folder}/m `), Buffer.from([0xb1, 0xed])])
    const { mkdirSync } = await import('node:fs')
    mkdirSync(target)
    execFileSync('losetup', ['-d', loop])
    const uevents = new KernelUevents({ poller })
    const context = new RecordingContext({ baseline: await takeBaseline() })
    const device = loop.slice('/dev/'.length)
    await withSensor(createMediaSensor({ uevents, poller, sweepMs: 60_000 }), context, async () => {
      execFileSync('losetup', [loop, join(folder, 'image')])
      await context.until(() =>
        context
          .named('block.changed')
          .some((fact) => fact.device.name === device && fact.device.sizeBytes === 8_388_608),
      )
      // The shell passes the two bytes on; an argument of Node's would have to be text.
      const name = '$(printf "m \\261\\355")'
      execFileSync('sh', [
        '-c',
        `cd "${folder}" && mount ${loop} "${name}" && umount "${name}"; mount ${loop} "${name}"`,
      ])
      await context.until(() => context.named('mount.added').some((fact) => fact.mount.source === loop))
      execFileSync('sh', ['-c', `cd "${folder}" && umount "${name}"`])
      await context.until(() => context.named('mount.removed').some((fact) => fact.mount.source === loop))
    })
    const added = context.named('mount.added').find((fact) => fact.mount.source === loop)
    expect(added).toMatchObject({ origin: 'appeared', mount: { fileSystem: 'ext4', isOnMedium: false } })
    expect(added?.mount.target).toEqual({ b64: target.toString('base64') })
    await uevents.close()
  })

  it('finds nothing on this computer that the baseline just taken does not name', async () => {
    const baseline = await takeBaseline()
    const context = new RecordingContext({ baseline, knowledge: { baseline: baselineKeys(baseline) } })
    await withSensor(
      createMediaSensor({ uevents: new ScriptedUevents(), poller }),
      context,
      async () => undefined,
    )
    expect(context.named('block.attached').length).toBeGreaterThan(0)
    expect(context.named('block.attached').filter((fact) => fact.origin !== 'baseline')).toEqual([])
    expect(context.named('mount.added').filter((fact) => fact.mount.isOnMedium)).toEqual([])
  })
})
