import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { showRawText } from '@shoukou/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { parseMountinfo } from '../../base/parse-mountinfo.ts'
import { LazyPoller, POLLIN } from '../../base/poll-linux.ts'
import { widestOfEach } from '../read-medium-mounts-linux.ts'
import { needRoot, RecordingContext, withSensor } from '../testing/recording-context.ts'
import { SysfsTree } from '../testing/sysfs-tree.ts'
import { createFilesSensor } from './files-sensor.ts'
import { FIRST_LOOK_LIMITS } from './first-look.ts'
import { WatchedTree } from './watched-tree.ts'

/**
 * The file system, its mount and the events are this kernel's. This computer has no medium to plug in, so the loop device
 * bears the name of a stick in a sysfs of the test's own.
 */
let folder: string
let loop: string
let target: string
let tree: SysfsTree
let poller: LazyPoller

beforeEach(() => {
  needRoot()
  poller = new LazyPoller()
  folder = mkdtempSync(join(tmpdir(), 'shoukou-files-'))
  target = join(folder, 'stick')
  mkdirSync(target)
  const image = join(folder, 'image')
  writeFileSync(image, '')
  truncateSync(image, 64 * 1_048_576)
  execFileSync('mkfs.ext4', ['-q', '-N', '40000', image])
  loop = execFileSync('losetup', ['--find', '--show', image], { encoding: 'utf8' }).trim()
  tree = new SysfsTree({ withUsb: true })
  const dev = readFileSync(`/sys/block/${loop.slice('/dev/'.length)}/dev`, 'latin1')
  const place = '/devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.0/host6/target6:0:0/6:0:0:0/block/sdb'
  tree.addDisk(place, { dev, size: '131072\n', removable: '1\n', ro: '0\n' })
})
afterEach(async () => {
  try {
    execFileSync('umount', [target], { stdio: 'pipe' })
  } catch {
    // The test has unmounted it itself.
  }
  execFileSync('losetup', ['-d', loop])
  rmSync(folder, { recursive: true })
  tree[Symbol.dispose]()
  await poller.close()
})

const sensor = () => createFilesSensor({ poller, sys: tree.root, sweepMs: 60_000 })
const watched = (context: RecordingContext): number =>
  context.logged.filter(({ message }) => message.startsWith('file system on a medium')).length

it('follows a medium from mount to unmount, and the next one after it', async () => {
  const context = new RecordingContext()
  await withSensor(sensor(), context, async () => {
    execFileSync('mount', [loop, target])
    await context.until(() => watched(context) === 1)
    writeFileSync(join(target, 'plan.docx'), 'four')
    await context.until(() => context.facts.length >= 2)
    execFileSync('umount', [target])
    execFileSync('mount', [loop, target])
    await context.until(() => watched(context) === 2)
    rmSync(join(target, 'plan.docx'))
    await context.until(() => context.facts.length >= 6)
  })
  expect(
    context.named('file.activity').map((fact) => [fact.operation, fact.path, fact.root, fact.source]),
  ).toEqual([
    ['created', 'lost+found', target, 'rescan'],
    ['created', 'plan.docx', target, 'event'],
    ['modified', 'plan.docx', target, 'event'],
    ['created', 'lost+found', target, 'rescan'],
    ['created', 'plan.docx', target, 'rescan'],
    ['deleted', 'plan.docx', target, 'event'],
  ])
  expect(context.named('file.activity').every((fact) => fact.isOnMedium)).toBe(true)
  expect(context.covers).toEqual([{ state: 'watching', method: 'inotify', reason: null, remedy: null }])
})

it('tells what was written last, though the unmount is seen before the events were read', async () => {
  const thread = await poller.get()
  // Nothing is ever said to be ready but the mount table.
  const deaf = {
    get: () =>
      Promise.resolve({
        ...thread,
        watch: (fd: number, events: number, onReady: (revents: number) => void) =>
          events === POLLIN ? () => undefined : thread.watch(fd, events, onReady),
      }),
  }
  const context = new RecordingContext()
  const files = createFilesSensor({ poller: deaf as unknown as LazyPoller, sys: tree.root, sweepMs: 60_000 })
  await withSensor(files, context, async () => {
    execFileSync('mount', [loop, target])
    await context.until(() => watched(context) === 1)
    writeFileSync(join(target, 'last.docx'), 'x')
    execFileSync('umount', [target])
    await context.until(() => context.facts.length >= 3)
  })
  expect(context.named('file.activity').map((fact) => [fact.operation, fact.path])).toEqual([
    ['created', 'lost+found'],
    ['created', 'last.docx'],
    ['modified', 'last.docx'],
  ])
})

const namesOf = (context: RecordingContext, source: 'event' | 'rescan'): string[] =>
  context
    .named('file.activity')
    .filter((fact) => fact.operation === 'created' && fact.source === source && fact.path !== 'lost+found')
    .map((fact) => showRawText(fact.path))

it('tells what was written between the mounting and the watch, each file once', async () => {
  const context = new RecordingContext()
  await withSensor(sensor(), context, async () => {
    // The process is held: the sensor can't look before all of it is there.
    execFileSync('mount', [loop, target])
    mkdirSync(join(target, 'copied'))
    for (let count = 0; count < 255; count += 1) writeFileSync(join(target, 'copied', `f${count}`), 'secret')
    await context.until(() => watched(context) === 1)
    writeFileSync(join(target, 'later'), 'x')
    await context.until(() => namesOf(context, 'event').length > 0)
  })
  const told = namesOf(context, 'rescan')
  expect(new Set(told)).toEqual(
    new Set(['copied', ...Array.from({ length: 255 }, (_, count) => `copied/f${count}`)]),
  )
  expect(told.length).toBe(256)
  expect(namesOf(context, 'event')).toEqual(['later'])
  expect(context.named('file.activity').find((fact) => fact.path === 'copied/f0')).toMatchObject({
    sizeBytes: 6,
    isOnMedium: true,
  })
})

it('tells what is on a medium that was mounted while no agent ran, and in the next run the newest of it', async () => {
  execFileSync('mount', [loop, target])
  for (let count = 0; count < FIRST_LOOK_LIMITS.entriesToldAgain; count += 1)
    writeFileSync(join(target, `old${count}`), '')
  const first = new RecordingContext()
  await withSensor(sensor(), first, async () => first.until(() => watched(first) === 1))
  expect(namesOf(first, 'rescan').length).toBe(FIRST_LOOK_LIMITS.entriesToldAgain)
  expect(first.covers.at(-1)?.reason).toBeNull()

  await sleep(20)
  writeFileSync(join(target, 'while nobody looked'), '')
  const second = new RecordingContext({ knowledge: { toldInThisBoot: first.remembered } })
  await withSensor(sensor(), second, async () => second.until(() => second.covers.at(-1)?.reason !== null))
  expect(second.named('file.activity').length).toBe(FIRST_LOOK_LIMITS.entriesToldAgain)
  expect(namesOf(second, 'rescan')).toContain('while nobody looked')
  expect(second.covers.at(-1)).toEqual({
    state: 'watching',
    method: 'inotify',
    reason: '1002 entries were found on media at the first look: the newest 1000 were told, 2 were not',
    remedy: null,
  })
}, 20_000)

it('does not take what lies beneath an unmounted medium for its contents', async () => {
  writeFileSync(join(target, 'beneath'), '')
  execFileSync('mount', [loop, target])
  writeFileSync(join(target, 'on the medium'), '')
  const told: unknown[] = []
  const watchedTree = new WatchedTree({
    root: Buffer.from(target),
    watcher: null,
    emit: (fact) => told.push(fact),
    onOverflow: () => undefined,
    onLimit: () => undefined,
    onUnmount: () => undefined,
    onFailure: (error) => {
      throw error
    },
  })
  await watchedTree.start()
  execFileSync('umount', [target])
  expect(await watchedTree.rescan()).toBe(0)
  expect(told).toEqual([])
})

it('does not hinder an unmount', async () => {
  const context = new RecordingContext()
  await withSensor(sensor(), context, async () => {
    execFileSync('mount', [loop, target])
    await context.until(() => watched(context) === 1)
    expect(() => execFileSync('umount', [target], { stdio: 'pipe' })).not.toThrow()
  })
})

it('rescans within a second of an overflow of the kernel’s queue, and says what it found', async () => {
  const context = new RecordingContext()
  await withSensor(sensor(), context, async () => {
    execFileSync('mount', [loop, target])
    await context.until(() => watched(context) === 1)
    const queue = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'latin1'))
    // The process is held, so nothing is read. Two files in turn, so that no two events merge.
    for (const name of ['a', 'b']) writeFileSync(join(target, name), '')
    for (let count = 0; count < queue; count += 1) {
      chmodSync(join(target, count % 2 === 0 ? 'a' : 'b'), 0o600 + (count % 64))
    }
    writeFileSync(join(target, 'last'), 'x')
    await context.until(() => context.named('sensor.overflow').length > 0, 20_000)
  })
  expect(context.named('sensor.overflow')[0]).toMatchObject({ sensor: 'files', queue: 'inotify' })
  const last = context.named('file.activity').find((fact) => fact.path === 'last')
  expect(last).toMatchObject({ operation: 'created', source: 'rescan' })
}, 40_000)

it('compares, and says so, where the kernel gives no more watches', async () => {
  const context = new RecordingContext()
  const limited = createFilesSensor({ poller, sys: tree.root, sweepMs: 60_000, compareMs: 50, foldersMax: 1 })
  execFileSync('mount', [loop, target])
  await withSensor(limited, context, async () => {
    mkdirSync(join(target, 'd'))
    await context.until(() => context.covers.at(-1)?.state === 'fallback')
    writeFileSync(join(target, 'd', 'f'), 'x')
    await context.until(() => context.named('file.activity').some((fact) => fact.path === 'd/f'))
  })
  const cover = context.covers.at(-1)
  expect(cover).toMatchObject({ method: 'tree-comparison', reason: 'more than 1 folders' })
  expect(cover?.remedy).toContain('max_user_watches')
})

it('watches the widest of several mounts of one file system', () => {
  const text =
    '40 1 8:17 /sub /a rw - vfat /dev/sdb1 rw\n41 1 8:17 / /b rw - vfat /dev/sdb1 rw\n42 1 8:18 / /c rw - vfat /dev/sdb2 rw\n'
  expect(widestOfEach(parseMountinfo(Buffer.from(text)).mounts).map((mount) => mount.id)).toEqual([41, 42])
})
