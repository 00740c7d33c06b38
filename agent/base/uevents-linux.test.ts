import { writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openBootClock } from './boot-clock-linux.ts'
import { loadLibc } from './libc-linux.ts'
import { NETLINK_KOBJECT_UEVENT, openNetlink } from './netlink-linux.ts'
import type { Uevent } from './parse-uevent.ts'
import { LazyPoller, POLLIN } from './poll-linux.ts'
import { KernelUevents } from './uevents-linux.ts'

let poller: LazyPoller
beforeEach(() => {
  poller = new LazyPoller()
})
afterEach(() => poller.close())

/** The kernel sends an event for a device that is always there when a word is written here; root alone may. */
function trigger(action: 'add' | 'change', times = 1): void {
  if (process.getuid?.() !== 0) throw new Error('This test makes the kernel send events: run it as root.')
  for (let count = 0; count < times; count += 1) writeFileSync('/sys/class/mem/null/uevent', action)
}

async function within(ms: number, holds: () => boolean): Promise<void> {
  for (const end = performance.now() + ms; !holds(); ) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

it('hears an event of the running kernel within milliseconds', async () => {
  const source = new KernelUevents({ poller })
  const heard: Uevent[] = []
  source.subscribe({ onUevents: (events) => heard.push(...events), onOverflow: () => undefined })
  expect(await source.start()).toMatchObject({ isListening: true })
  const sinceMs = performance.now()
  trigger('change')
  await within(5_000, () => heard.some((event) => event.devpath.endsWith('/mem/null')))
  expect(performance.now() - sinceMs).toBeLessThan(5_000)
  await source.close()
})

it('says that the queue overflowed when it did, and goes on listening', async () => {
  const source = new KernelUevents({ poller, receiveBufferBytes: 1 })
  const queues: string[] = []
  let heard = 0
  source.subscribe({
    onUevents: (events) => (heard += events.length),
    onOverflow: (queue) => queues.push(queue),
  })
  await source.start()
  // The main thread is held here, so nothing is read meanwhile.
  trigger('change', 300)
  await within(1_000, () => queues.length > 0)
  expect(queues[0]).toBe('netlink-uevent')
  const before = heard
  trigger('change')
  await within(1_000, () => heard > before)
  await source.close()
})

it('tells of an overflow before it has taken the backlog, and once more when it has', async () => {
  const source = new KernelUevents({ poller })
  const heardAtOverflow: number[] = []
  let heard = 0
  source.subscribe({
    onUevents: (events) => (heard += events.length),
    onOverflow: () => heardAtOverflow.push(heard),
  })
  await source.start()
  // The process is held meanwhile; 8 MB, doubled by the kernel, hold fewer.
  trigger('change', 30_000)
  await within(20_000, () => heardAtOverflow.length > 1)
  expect(heardAtOverflow[0]).toBe(0)
  expect(heardAtOverflow[1]).toBeGreaterThan(1_000)
  await source.close()
}, 30_000)

it('drops what another process sends under the name of the kernel', async () => {
  const libc = await loadLibc()
  const socket = await openNetlink({
    protocol: NETLINK_KOBJECT_UEVENT,
    groups: 1,
    receiveBufferBytes: 65_536,
  })
  const sender = libc.socket(16, 3, NETLINK_KOBJECT_UEVENT)
  const toGroup1 = Buffer.alloc(12)
  toGroup1.writeUInt16LE(16, 0)
  toGroup1.writeUInt32LE(1, 8)
  const { default: koffi } = await import('koffi')
  const connect = koffi.load(null).func('int connect(int fd, void *address, uint32_t length)')
  expect(connect(sender.value, toGroup1, 12)).toBe(0)
  const forged = Buffer.from(
    'add@/devices/x\0ACTION=add\0DEVPATH=/devices/x\0SUBSYSTEM=usb\0DEVTYPE=usb_device\0',
  )
  expect(libc.send(sender.value, forged, 0).value).toBe(forged.length)
  await within(500, () => socket.drain().foreign === 1)
  libc.close(sender.value)
  socket.close()
})

it('wakes for two descriptors in one wait, and not for one that is no longer watched', async () => {
  const libc = await loadLibc()
  const thread = await poller.get()
  const one = Buffer.alloc(8, 0)
  one.writeBigUInt64LE(1n)
  const [first, second] = [libc.eventfd(0, 0o4000).value, libc.eventfd(0, 0o4000).value]
  const woken: string[] = []
  const drain = (fd: number, name: string) => () => {
    libc.read(fd, Buffer.alloc(8))
    woken.push(name)
  }
  const unwatch = thread.watch(first, POLLIN, drain(first, 'first'))
  thread.watch(second, POLLIN, drain(second, 'second'))
  libc.write(first, one)
  libc.write(second, one)
  await within(500, () => woken.length === 2)
  unwatch()
  libc.write(first, one)
  libc.write(second, one)
  await within(500, () => woken.length === 3)
  expect(woken[2]).toBe('second')
})

it('reads a boot clock that runs on and agrees with the kernel', async () => {
  const clock = await openBootClock()
  const before = clock.nowMs()
  await new Promise((resolve) => setTimeout(resolve, 20))
  const passedMs = clock.nowMs() - before
  expect(passedMs).toBeGreaterThan(15)
  expect(clock.bootId).toMatch(/^[0-9a-f-]{36}$/)
  expect(clock.source).toBe('clock_gettime')
})
