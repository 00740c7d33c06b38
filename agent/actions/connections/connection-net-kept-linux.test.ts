/**
 * What outlives the agent, what another one finds, what somebody took away.
 *
 * On this computer's own kernel: needs root, a cgroup2 tree, BTF and gcc, and fails where one is missing. Only a cgroup
 * that the test makes is looked at; everything connects in a network namespace of its own.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, rmSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openBpf } from '../bpf-linux.ts'
import { compileDestinations, encodeApprovedKey, encodeSpans } from './approved-table.ts'
import { removeConnectionNet } from './connection-net-linux.ts'
import { makeTree, pinOver } from './net-maps-linux.ts'
import type { StormShape } from './testing/connecting-cgroup.ts'
import { all, drainAll, EPERM, NetLab, nothing, refusing, totalsOf } from './testing/net-lab.ts'
import { randomDestinations } from './testing/random-destinations.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let lab: NetLab

beforeEach(async () => {
  lab = await NetLab.begin()
})
afterEach(() => lab.end())

describe('a net', () => {
  async function startChild(what: 'refuse' | 'take') {
    const program = join(import.meta.dirname, 'testing/net-child.ts')
    const child = spawn(process.execPath, [program, lab.area.cgroup, lab.area.pins, what], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [said] = await once(child.stdout, 'data')
    return {
      taken: Number(String(said).split(' ')[1]),
      kill: async () => {
        child.kill('SIGKILL')
        await once(child, 'exit')
      },
    }
  }

  it('goes on refusing when the process that set it is killed, and the next one reads on', async () => {
    const child = await startChild('refuse')
    await lab.area.ask('tcp 10.0.0.1 80')
    await child.kill()
    expect(await lab.area.ask('tcp 10.0.0.2 80', 'send 10.0.0.3 80')).toEqual([EPERM, EPERM])
    const net = await lab.open()
    expect(await net.inspect()).toEqual([])
    expect(net.totals()).toEqual({ ...totalsOf(3, 3), reported: 0 })
    expect(drainAll(net).map((event) => event.peer?.address)).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3'])
    expect(net.totals()).toEqual(totalsOf(3, 3))
  })

  it('tells again what a killed process had taken and could not write down, and counts it once', async () => {
    const first = await lab.netWith(nothing)
    await lab.area.ask('tcp 10.0.0.1 80')
    expect(drainAll(first)).toHaveLength(1)
    await lab.area.ask('tcp 10.0.0.2 80')
    lab.leave(first)
    const child = await startChild('take')
    expect(child.taken).toBe(1)
    await child.kill()
    const net = await lab.open()
    expect(net.id).toBe(first.id)
    expect(net.sinceWallMs).toBe(first.sinceWallMs)
    expect(net.totals()).toEqual({ ...totalsOf(2), reported: 1 })
    expect(drainAll(net).map((event) => event.peer?.address)).toEqual(['10.0.0.2'])
    expect(net.totals()).toEqual(totalsOf(2))
  })

  it('counts a batch as told once it is closed in order', async () => {
    const first = await lab.netWith(nothing)
    await lab.area.ask('tcp 10.0.0.1 80', 'tcp 10.0.0.2 80', 'tcp 10.0.0.3 80')
    expect(first.drain(2)).toHaveLength(2)
    expect(first.totals()).toEqual({ ...totalsOf(3), reported: 2 })
    lab.leave(first)
    const second = await lab.open()
    expect(second.totals()).toEqual({ ...totalsOf(3), reported: 2 })
    expect(drainAll(second).map((event) => event.peer?.address)).toEqual(['10.0.0.3'])
  })

  it('of another version is replaced without an instant in which a connection passes', async () => {
    const old = await lab.netWith(refusing, { btf: join(lab.area.folder, 'none') })
    lab.leave(old)
    const over = new AbortController()
    const storm = async () => {
      let passed = 0
      while (!over.signal.aborted) {
        const shape: StormShape = { way: 'tcp', hosts: '10.0.0.%d', processes: 2, each: 2_000 }
        passed += 4_000 - (await lab.area.storm(shape)).refused
      }
      return passed
    }
    const ended = storm()
    for (let round = 0; round < 4; round += 1) {
      const net = await lab.open(round % 2 === 0 ? {} : { btf: join(lab.area.folder, 'none') })
      expect(net.id).toBe(old.id)
      await sleep(20)
      expect(await net.inspect()).toEqual([])
      lab.leave(net)
    }
    over.abort()
    expect(await ended).toBe(0)
  })

  it('whose maps are of another shape is replaced only when there are rules', async () => {
    const old = await lab.netWith(refusing)
    lab.leave(old)
    const bpf = await openBpf()
    const shape = { type: 2, keyBytes: 4, valueBytes: 8, entriesMax: 1 }
    const foreign = bpf.createMap({ name: 'foreign', ...shape })
    pinOver(bpf, foreign, lab.area.pins, 'state')
    bpf.close(foreign)
    const net = await lab.open()
    expect(net.id).not.toBe(old.id)
    expect(await lab.area.ask('tcp 10.0.0.1 80')).toEqual([EPERM])
    await net.setRules({ ...refusing, approved: [all('10.0.0.1/32')] })
    expect(await lab.area.ask('tcp 10.0.0.1 80', 'tcp 10.0.0.2 80')).toEqual([0, EPERM])
    expect(net.totals()).toMatchObject({ counted: 2, approved: 1 })
    expect(await net.inspect()).toEqual([])
  })

  it('is taken off with everything when it is not kept', async () => {
    const net = await lab.netWith(refusing)
    net.close({ keep: false })
    expect(await lab.area.ask('tcp 10.0.0.1 80')).toEqual([0])
    expect(() => readdirSync(lab.area.pins)).toThrow(/ENOENT/)
    expect(await removeConnectionNet({ pins: lab.area.pins })).toBe(false)
  })

  it('calls once for each batch, though nobody takes it', async () => {
    const net = await lab.netWith(nothing)
    let calls = 0
    net.onReady(() => {
      calls += 1
    })
    await lab.area.ask('tcp 10.0.0.1 80')
    await expect.poll(() => calls).toBe(1)
    await sleep(50)
    expect(calls).toBe(1)
    expect(net.drain(10)).toHaveLength(1)
    await lab.area.ask('tcp 10.0.0.1 80')
    await expect.poll(() => calls).toBe(2)
  })

  it('is none, with a reason and a remedy, where there is no cgroup2 tree', async () => {
    const opened = await lab.attempt({ cgroup: lab.area.folder })
    expect(opened).toMatchObject({ net: null, reason: expect.stringContaining('cgroup2') })
    expect(opened.net === null && opened.remedy).not.toBe('')
  })

  it('that can’t be opened leaves no descriptor behind', async () => {
    const attempt = () => lab.attempt({ ringBytes: 65_537 })
    await attempt()
    const before = readdirSync('/proc/self/fd').length
    for (let tries = 0; tries < 3; tries += 1)
      expect(await attempt()).toMatchObject({ net: null, remedy: expect.stringContaining('5.8') })
    expect(readdirSync('/proc/self/fd')).toHaveLength(before)
  })
})

describe('an inspection', () => {
  it('finds nothing where nothing was done', async () => {
    const net = await lab.netWith({ ...refusing, approved: randomDestinations(7) })
    expect(await net.inspect()).toEqual([])
  })

  it('puts pins back that somebody removed, one or all with their folder', async () => {
    const net = await lab.netWith(refusing)
    unlinkSync(join(lab.area.pins, 'link-connect4'))
    expect(await lab.area.ask('tcp 10.0.0.1 80')).toEqual([EPERM])
    const damage = { what: 'pin-removed', detail: 'link-connect4', isRestored: true, openMs: 0 }
    expect(await net.inspect()).toEqual([damage])
    rmSync(lab.area.pins, { recursive: true })
    expect((await net.inspect()).length).toBeGreaterThan(20)
    expect(await net.inspect()).toEqual([])
    lab.leave(net)
    expect(await lab.area.ask('tcp 10.0.0.1 80')).toEqual([EPERM])
  })

  it('puts a program back that somebody took off or exchanged', async () => {
    const net = await lab.netWith(refusing)
    const bpf = await openBpf()
    const link = bpf.openPinned(join(lab.area.pins, 'link-connect4')) ?? -1
    expect(bpf.detachLink(link)).toBe(true)
    expect(await lab.area.ask('tcp 10.0.0.1 80', 'tcp fd00::1 80')).toEqual([0, EPERM])
    const found = await net.inspect()
    expect(found).toContainEqual(
      expect.objectContaining({ what: 'program-detached', detail: 'connect4', isRestored: true }),
    )
    expect(found[0]?.openMs).toBeGreaterThan(0)
    expect(await lab.area.ask('tcp 10.0.0.1 80')).toEqual([EPERM])
    bpf.close(link)

    const harmless = bpf.loadProgram({
      name: 'harmless',
      type: 18,
      attachType: 10,
      code: Buffer.from('b7000000010000009500000000000000', 'hex'),
    })
    const fresh = bpf.openPinned(join(lab.area.pins, 'link-connect4')) ?? -1
    expect(bpf.updateLink(fresh, harmless)).toBe(true)
    expect(await lab.area.ask('tcp 10.0.0.1 80')).toEqual([0])
    expect(await net.inspect()).toMatchObject([{ what: 'program-detached', detail: 'connect4' }])
    expect(await lab.area.ask('tcp 10.0.0.1 80')).toEqual([EPERM])
    for (const fd of [fresh, harmless]) bpf.close(fd)
  })

  it('writes back what somebody wrote into the maps', async () => {
    const net = await lab.netWith({ ...refusing, approved: [all('10.1.0.0/16')] })
    const bpf = await openBpf()
    const control = bpf.openPinned(join(lab.area.pins, 'control')) ?? -1
    bpf.update(control, Buffer.alloc(4), Buffer.from('0100000000000000', 'hex'), 'any')
    expect(await lab.area.ask('tcp 10.2.0.1 80')).toEqual([0])
    expect(await net.inspect()).toMatchObject([{ what: 'map-altered', detail: 'control', isRestored: true }])
    expect(await lab.area.ask('tcp 10.2.0.1 80', 'tcp 10.1.0.1 80')).toEqual([EPERM, 0])

    const approved = bpf.openPinned(join(lab.area.pins, 'approved')) ?? -1
    const tree = makeTree(bpf)
    for (const { prefix, spans } of compileDestinations([all('0.0.0.0/0')]).ipv4)
      bpf.update(tree, encodeApprovedKey(prefix), encodeSpans(spans), 'any')
    const value = Buffer.alloc(4)
    value.writeUInt32LE(tree)
    for (const slot of [0, 1]) bpf.update(approved, Buffer.from([slot, 0, 0, 0]), value, 'any')
    expect(await lab.area.ask('tcp 10.2.0.1 80')).toEqual([0])
    expect(await net.inspect()).toMatchObject([{ what: 'map-altered', detail: 'approved' }])
    expect(await lab.area.ask('tcp 10.2.0.1 80', 'tcp 10.1.0.1 80')).toEqual([EPERM, 0])
    expect(await net.inspect()).toEqual([])
    for (const fd of [control, approved, tree]) bpf.close(fd)
  })

  it('says what was gone when it was opened, and since when is not known', async () => {
    const first = await lab.netWith(refusing)
    lab.leave(first)
    for (const name of ['link-connect4', 'program-connect4']) unlinkSync(join(lab.area.pins, name))
    await expect.poll(() => lab.area.ask('tcp 10.0.0.1 80')).toEqual([0])
    const net = await lab.open()
    expect(await lab.area.ask('tcp 10.0.0.1 80')).toEqual([EPERM])
    expect(await net.inspect()).toContainEqual({
      what: 'program-detached',
      detail: 'connect4',
      isRestored: true,
      openMs: null,
    })
    expect(await net.inspect()).toEqual([])
  })

  it('finds the tables shut to whoever would write into them', async () => {
    await lab.netWith({ ...refusing, approved: [all('10.1.0.0/16')] })
    const bpf = await openBpf()
    const counters = bpf.openPinned(join(lab.area.pins, 'counters')) ?? -1
    expect(() => bpf.update(counters, Buffer.alloc(4), Buffer.alloc(1_024), 'any')).toThrow(/errno 1/)
    bpf.close(counters)
  })
})
