/**
 * On this computer's own kernel: needs root, a cgroup2 tree and loop devices, and fails where one is missing.
 *
 * Only a cgroup that the test makes is guarded; the disks are loop devices; every try is a real one of a real child.
 */
import { execFileSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type BootClock, openBootClock } from '../base/boot-clock-linux.ts'
import { openBpf } from './bpf-linux.ts'
import {
  type DeviceGuard,
  type DeviceType,
  everyMinor,
  type GuardEntry,
  guardKeyOf,
  type InitialEntry,
} from './device-guard.ts'
import { type GuardHold, openDeviceGuard, removeDeviceGuard } from './device-guard-linux.ts'
import { featureSteps, guardEntriesMax, guardProgram, refusedDevicesMax } from './guard-program.ts'
import { GuardedCgroup, type TestDisk } from './testing/guarded-cgroup.ts'

const refused = 'Operation not permitted'
/** The kernel takes a program off a moment after its last holder has let go. */
const lastReference = { timeout: 5_000 }
vi.setConfig({ testTimeout: 60_000 })

let area: GuardedCgroup
let clock: BootClock
let disk: TestDisk
const open: DeviceGuard[] = []

beforeEach(async () => {
  area = new GuardedCgroup()
  clock = await openBootClock()
  disk = area.addDisk()
})
afterEach(async () => {
  for (const guard of open.splice(0)) guard.close()
  await removeDeviceGuard({ pins: area.pins, cgroup: area.cgroup })
  area[Symbol.dispose]()
})

async function guardWith(initial: readonly GuardEntry[] = [], hold: GuardHold = 'link') {
  const outcome = await openDeviceGuard({
    cgroup: area.cgroup,
    pins: area.pins,
    initial: initial.map((entry): InitialEntry => ({ isSpared: false, ...entry })),
    hold,
  })
  if (outcome.kind === 'absent') throw new Error(`${outcome.reason} ${outcome.remedy}`)
  open.push(outcome.guard)
  return outcome
}

const right = (number: string, which: GuardEntry['right'], more: Partial<GuardEntry> = {}): GuardEntry => ({
  key: guardKeyOf('block', number),
  right: which,
  ownerPid: null,
  untilBootMs: null,
  ...more,
})

const wholeMajor = (type: DeviceType, number: string): GuardEntry => ({
  key: { ...guardKeyOf(type, number), minor: everyMinor },
  right: 'read-write',
  ownerPid: null,
  untilBootMs: null,
})

describe('a disk without a right', () => {
  it('is opened by nobody, root included, and each try is counted', async () => {
    expect(area.read(disk.path)).toBe('read')
    const { guard } = await guardWith()
    for (let tries = 0; tries < 5; tries += 1) expect(area.read(disk.path)).toBe(refused)
    expect(area.write(disk.path)).toBe(refused)
    expect(guard.refusals()).toEqual({ opens: [{ ...guardKeyOf('block', disk.number), count: 6 }], total: 6 })
    expect(guard.refusals()).toEqual({ opens: [], total: 0 })
  })

  it('is counted exactly by many at once', async () => {
    const { guard } = await guardWith()
    const tries = `i=0; while [ $i -lt 500 ]; do ( : < ${disk.path} ) 2>/dev/null; i=$((i+1)); done`
    expect(area.run('sh', '-c', `for each in 1 2 3 4; do (${tries}) & done; wait`).code).toBe(0)
    expect(guard.refusals().total).toBe(2_000)
  })

  it('is not opened through a node that somebody made, which may be made', async () => {
    await guardWith()
    const node = join(area.folder, 'node')
    const [major, minor] = disk.number.split(':')
    expect(area.run('mknod', node, 'b', String(major), String(minor)).code).toBe(0)
    expect(area.read(node)).toBe(refused)
  })

  it('is not mounted, and becomes no loop device, though those are open', async () => {
    execFileSync('mkfs.ext4', ['-q', disk.path])
    const target = join(area.folder, 'mounted')
    mkdirSync(target)
    const { guard } = await guardWith([wholeMajor('block', disk.number), right(disk.number, 'none')])
    expect(area.run('mount', disk.path, target).code).not.toBe(0)
    expect(area.run('losetup', '--find', '--show', disk.path).code).not.toBe(0)
    expect(guard.refusals().opens).toMatchObject([guardKeyOf('block', disk.number)])
    guard.set(right(disk.number, 'read-write'))
    expect(area.run('mount', disk.path, target).code).toBe(0)
    expect(area.run('umount', target).code).toBe(0)
  })

  it('stays open to who has it open, and to nobody else', async () => {
    const { guard } = await guardWith([right(disk.number, 'read-only')])
    const holder = await area.start(
      `exec 3< ${disk.path}`,
      'exec dd bs=16 count=1 of=/dev/null status=none <&3',
    )
    expect(guard.remove(guardKeyOf('block', disk.number))).toBe(true)
    expect(guard.remove(guardKeyOf('block', disk.number))).toBe(false)
    expect(area.read(disk.path)).toBe(refused)
    expect(await holder.go()).toBe(0)
  })

  it('outside of the cgroup is nobody’s business', async () => {
    await guardWith()
    expect(() => closeSync(openSync(disk.path, 'r'))).not.toThrow()
  })
})

describe('a right', () => {
  it('to read lets nobody write', async () => {
    const { guard } = await guardWith()
    guard.set(right(disk.number, 'read-only'))
    expect(area.read(disk.path)).toBe('read')
    expect(area.write(disk.path)).toBe(refused)
    guard.set(right(disk.number, 'read-write'))
    expect(area.write(disk.path)).toBe('written')
    expect(guard.entries()).toEqual([right(disk.number, 'read-write')])
  })

  it('ends by itself, in the kernel', async () => {
    const { guard } = await guardWith()
    guard.set(right(disk.number, 'read-only', { untilBootMs: clock.nowMs() + 700 }))
    expect(area.read(disk.path)).toBe('read')
    await sleep(800)
    expect(area.read(disk.path)).toBe(refused)
    guard.set(right(disk.number, 'read-only', { untilBootMs: clock.nowMs() + 60_000 }))
    expect(area.read(disk.path)).toBe('read')
  })

  it('that ended before the computer started is none', async () => {
    const { guard } = await guardWith()
    guard.set(right(disk.number, 'read-only', { untilBootMs: 0 }))
    expect(area.read(disk.path)).toBe(refused)
    expect(guard.entries()[0]?.untilBootMs).toBeGreaterThan(0)
  })

  it('of one process is that of no other', async () => {
    const { guard } = await guardWith()
    const reading = `exec dd if=${disk.path} of=/dev/null bs=16 count=1 status=none`
    const [owner, other] = [await area.start('true', reading), await area.start('true', reading)]
    guard.set(right(disk.number, 'read-only', { ownerPid: owner.pid }))
    expect(await other.go()).not.toBe(0)
    expect(await owner.go()).toBe(0)
    expect(guard.refusals().total).toBe(1)
  })

  it('of a whole major counts where a device has none of its own', async () => {
    const other = area.addDisk()
    await guardWith([wholeMajor('block', disk.number), right(other.number, 'none')])
    expect(area.read(disk.path)).toBe('read')
    expect(area.read(other.path)).toBe(refused)
  })

  it('must not be more than the table holds', async () => {
    const { guard } = await guardWith()
    for (let minor = 0; minor < guardEntriesMax; minor += 1) guard.set(right(`300:${minor}`, 'none'))
    expect(() => guard.set(right('301:0', 'read-only'))).toThrow(/4096/)
    expect(guard.entries()).toHaveLength(guardEntriesMax)
  })
})

describe('a character device', () => {
  it('is open without a right, shut by one that gives nothing', async () => {
    const zero = guardKeyOf('character', '1:5')
    const { guard } = await guardWith()
    expect(area.read('/dev/zero')).toBe('read')
    guard.set({ key: zero, right: 'none', ownerPid: null, untilBootMs: null })
    expect(area.read('/dev/zero')).toBe(refused)
    expect(guard.refusals().opens).toEqual([{ ...zero, count: 1 }])
  })

  it('is shut with its whole major, but for those that are named', async () => {
    const whole = { ...wholeMajor('character', '1:5'), right: 'none' as const }
    const { guard } = await guardWith([
      whole,
      { ...whole, key: guardKeyOf('character', '1:3'), right: 'read-write' },
    ])
    expect(area.read('/dev/zero')).toBe(refused)
    guard.remove(whole.key)
    expect(area.read('/dev/zero')).toBe('read')
  })
})

describe('a guard', () => {
  it('outlives the process that made it, and the next one takes it over with what it counted', async () => {
    const child = join(import.meta.dirname, 'testing/guard-child.ts')
    expect(execFileSync(process.execPath, [child, area.cgroup, area.pins], { encoding: 'utf8' })).toBe(
      'in-force\n',
    )
    expect(area.read(disk.path)).toBe(refused)
    const { guard, wasThere } = await guardWith()
    expect(wasThere).toBe(true)
    expect(guard.state()).toBe('in-force')
    expect(guard.refusals().total).toBe(1)
  })

  it('that is taken over keeps leases, and of the lasting rights those that are wanted', async () => {
    const [leased, kept, stale] = [area.addDisk(), area.addDisk(), area.addDisk()]
    const lease = right(leased.number, 'read-only', { untilBootMs: clock.nowMs() + 60_000 })
    const first = await guardWith([lease, right(kept.number, 'read-only'), right(stale.number, 'read-write')])
    first.guard.close()
    const outcome = await openDeviceGuard({
      cgroup: area.cgroup,
      pins: area.pins,
      initial: [
        { ...right(leased.number, 'read-write'), isSpared: true },
        { ...right(kept.number, 'read-write'), isSpared: false },
      ],
    })
    if (outcome.kind === 'absent') throw new Error(outcome.reason)
    open.push(outcome.guard)
    expect(outcome.wasThere).toBe(true)
    const rights = Object.fromEntries(
      outcome.guard.entries().map((entry) => [`${entry.key.major}:${entry.key.minor}`, entry.right]),
    )
    expect(rights).toEqual({ [leased.number]: 'read-only', [kept.number]: 'read-write' })
    expect(area.write(leased.path)).toBe(refused)
    expect(area.read(stale.path)).toBe(refused)
  })

  it('tells no refusal twice over two runs', async () => {
    const first = await guardWith()
    area.read(disk.path)
    expect(first.guard.refusals().total).toBe(1)
    area.read(disk.path)
    first.guard.close()
    const second = await guardWith()
    expect(second.guard.refusals().total).toBe(1)
  })

  it('of another version is replaced without an instant in which the disk can be read', async () => {
    const results = join(area.folder, 'results')
    const stop = join(area.folder, 'stop')
    await guardWith()
    const tries = await area.start(
      'true',
      `ok=0; n=0; while [ ! -e ${stop} ]; do n=$((n+1)); if ( : < ${disk.path} ) 2>/dev/null; then ok=$((ok+1)); fi; done; echo $ok > ${results}; [ $n -gt 20 ]`,
    )
    const ended = tries.go()
    for (let round = 0; round < 10; round += 1) {
      for (const guard of open.splice(0)) guard.close()
      await leaveAnotherVersion()
      const { wasThere, features } = await guardWith()
      expect(wasThere).toBe(false)
      expect(features).toEqual(featureSteps[0])
      await sleep(20)
    }
    writeFileSync(stop, '')
    expect(await ended).toBe(0)
    expect(readFileSync(results, 'utf8')).toBe('0\n')
    await expect.poll(attachedPrograms, lastReference).toBe(1)
  })

  it('whose pins are broken is replaced by a whole one', async () => {
    const first = await guardWith()
    unlinkSync(join(area.pins, 'entries'))
    expect(first.guard.state()).toBe('unpinned')
    first.guard.close()
    const second = await guardWith()
    expect(second.wasThere).toBe(false)
    expect(second.guard.state()).toBe('in-force')
    await expect.poll(attachedPrograms, lastReference).toBe(1)
  })

  it('that somebody took off says so', async () => {
    const { guard } = await guardWith()
    const bpf = await openBpf()
    const link = bpf.openPinned(join(area.pins, 'link'))
    expect(link !== null && bpf.detachLink(link)).toBe(true)
    if (link !== null) bpf.close(link)
    expect(guard.state()).toBe('detached')
    expect(area.read(disk.path)).toBe('read')
    const second = await guardWith()
    expect(second.wasThere).toBe(false)
    expect(area.read(disk.path)).toBe(refused)
  })

  it('ends only when it is removed, though somebody holds it open', async () => {
    const { guard } = await guardWith()
    guard.close()
    expect(area.read(disk.path)).toBe(refused)
    await guardWith()
    expect(await removeDeviceGuard({ pins: area.pins })).toBe(true)
    expect(await removeDeviceGuard({ pins: area.pins })).toBe(false)
    expect(area.read(disk.path)).toBe('read')
    expect(existsSync(area.pins)).toBe(false)
  })

  it('is held without links where the kernel has none, and taken over and removed all the same', async () => {
    const first = await guardWith([], 'attachment')
    expect(area.read(disk.path)).toBe(refused)
    expect(first.guard.state()).toBe('in-force')
    first.guard.close()
    expect(area.read(disk.path)).toBe(refused)
    const second = await guardWith([], 'attachment')
    expect(second.wasThere).toBe(true)
    expect(second.guard.refusals().total).toBe(2)
    second.guard.close()
    expect(await removeDeviceGuard({ pins: area.pins, cgroup: area.cgroup })).toBe(true)
    expect(area.read(disk.path)).toBe('read')
  })

  it('counts what finds no room in its table, and finds room again', async () => {
    const { guard } = await guardWith()
    const nodes = join(area.folder, 'nodes')
    mkdirSync(nodes)
    const more = 16
    const tries = `i=0; while [ $i -lt ${refusedDevicesMax + more} ]; do mknod n$i b 300 $i; ( : < n$i ); i=$((i+1)); done`
    area.run('sh', '-c', `cd ${nodes}; ${tries}`)
    const { opens, total } = guard.refusals()
    expect(total).toBe(refusedDevicesMax + more)
    expect(opens).toHaveLength(refusedDevicesMax)
    expect(guard.refusals()).toEqual({ opens: [], total: 0 })
    area.read(disk.path)
    expect(guard.refusals().opens).toEqual([{ ...guardKeyOf('block', disk.number), count: 1 }])
  })

  it('is absent, with a reason and a remedy, where there is no cgroup2 tree', async () => {
    const outcome = await openDeviceGuard({ cgroup: area.folder, pins: area.pins, initial: [] })
    expect(outcome).toMatchObject({ kind: 'absent', reason: expect.stringContaining('cgroup2') })
    expect(outcome.kind === 'absent' && outcome.remedy).not.toBe('')
  })
})

it('a guard that can’t be put in force leaves nothing behind, however often it is tried', async () => {
  const tooMany = Array.from({ length: guardEntriesMax + 1 }, (_, minor) => ({
    ...right(`300:${minor}`, 'none'),
    isSpared: false,
  }))
  const attempt = () => openDeviceGuard({ cgroup: area.cgroup, pins: area.pins, initial: tooMany })
  await attempt()
  const before = readdirSync('/proc/self/fd').length
  for (let tries = 0; tries < 3; tries += 1)
    expect(await attempt()).toMatchObject({ kind: 'absent', reason: expect.stringContaining('4096') })
  expect(readdirSync('/proc/self/fd')).toHaveLength(before)
  expect(area.read(disk.path)).toBe('read')
})

describe('each program for an older kernel', () => {
  it.each(featureSteps.map((features) => [features]))(
    'is one that the verifier takes, and refuses what it can’t judge: %o',
    async (features) => {
      const outcome = await guardWith()
      await leaveAnotherVersion(features)
      outcome.guard.set(right(disk.number, 'read-only', { untilBootMs: clock.nowMs() + 60_000 }))
      expect(area.read(disk.path)).toBe(features.hasLease ? 'read' : refused)
      outcome.guard.set(right(disk.number, 'read-only', { ownerPid: process.pid }))
      expect(area.read(disk.path)).toBe(refused)
      outcome.guard.set(right(disk.number, 'read-only'))
      expect(area.read(disk.path)).toBe('read')
    },
  )
})

/** Puts another program over the guard's own maps in force as well, in the place of its pins. */
async function leaveAnotherVersion(features = featureSteps.at(-1)): Promise<void> {
  if (features === undefined) throw new Error('there are no features')
  const bpf = await openBpf()
  const [entries, refusals] = ['entries', 'refusals'].map((name) => bpf.openPinned(join(area.pins, name)))
  if (typeof entries !== 'number' || typeof refusals !== 'number') throw new Error('there is no guard')
  const program = bpf.loadDeviceProgram('another', guardProgram({ entries, refusals }, features))
  const cgroup = openSync(area.cgroup, 'r')
  const link = bpf.createLink(program, cgroup)
  for (const [name, fd] of [
    ['program', program],
    ['link', link],
  ] as const) {
    bpf.pin(fd, join(area.pins, `${name}-new`))
    renameSync(join(area.pins, `${name}-new`), join(area.pins, name))
  }
  for (const fd of [cgroup, entries, refusals]) closeSync(fd)
  for (const fd of [program, link]) bpf.close(fd)
}

async function attachedPrograms(): Promise<number> {
  const cgroup = openSync(area.cgroup, 'r')
  try {
    return (await openBpf()).attachedTo(cgroup).length
  } finally {
    closeSync(cgroup)
  }
}
