/**
 * Runs in the lab's guest: writes the kernel's uevents, as the bytes that came, until `quietMs` pass without one.
 * Prints one JSON line each: `{ atMs, b64 }`, ms since the first. Makes /tmp/recorder-listens once it listens.
 */
import { writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { NETLINK_KOBJECT_UEVENT, openNetlink } from '../../agent/base/netlink-linux.ts'

const quietMs = 3_000
const socket = await openNetlink({
  protocol: NETLINK_KOBJECT_UEVENT,
  groups: 1,
  receiveBufferBytes: 8_388_608,
})
writeFileSync('/tmp/recorder-listens', '')
let firstAt: number | undefined
let lastAt = performance.now() + 20_000
while (performance.now() - lastAt < quietMs) {
  for (const datagram of socket.drain().datagrams) {
    lastAt = performance.now()
    firstAt ??= lastAt
    const atMs = Math.round((lastAt - firstAt) * 10) / 10
    process.stdout.write(`${JSON.stringify({ atMs, b64: Buffer.from(datagram).toString('base64') })}\n`)
  }
  await delay(1)
}
socket.close()
