/**
 * A process that the kernel gives no netlink socket (a seccomp filter, as a service manager sets one): it runs the
 * network sensor in a namespace of its own and writes on standard output what the sensor covered and found. For tests.
 */
import koffi from 'koffi'
import { LazyPoller } from '../../../base/poll-linux.ts'
import { RecordingContext, withSensor } from '../../testing/recording-context.ts'
import { createNetworkSensor } from '../network-sensor.ts'
import { enterOwnNamespace } from './own-namespace-linux.ts'

const own = enterOwnNamespace()
own.ip('link add skp0 type bridge')
own.ip('link set skp0 up')
own.ip('addr add 192.0.2.1/25 dev skp0')
own.ip('addr add 2001:db8::1/64 dev skp0 nodad')
own.ip('route add default via 192.0.2.126')
forbidNetlink()
const poller = new LazyPoller()
const context = new RecordingContext()
const sensor = createNetworkSensor({ poller, sys: own.sys, sweepMs: 100 })
let unread: readonly string[] | undefined
await withSensor(sensor, context, async () => {
  await sensor.rescan()
  unread = sensor.currentTables()?.unread
})
console.log(
  JSON.stringify({
    covers: context.covers,
    unread,
    interfaces: context.named('network.interface-added').map((fact) => fact.interface),
    routes: context.named('network.routes-changed').flatMap((fact) => fact.added),
  }),
)
await poller.close()
own.leave()

/** Answers EPERM to socket(AF_NETLINK, …) for this thread and its children (seccomp(2)). */
function forbidNetlink(): void {
  const prctl = koffi.load(null).func('int prctl(int, unsigned long, void *, unsigned long, unsigned long)')
  const callNumber = process.arch === 'x64' ? 41 : 198
  const filter = Buffer.alloc(6 * 8)
  const ops: readonly (readonly [code: number, jt: number, jf: number, k: number])[] = [
    [0x20, 0, 0, 0], // the call's number
    [0x15, 0, 3, callNumber],
    [0x20, 0, 0, 16], // its first argument: the family
    [0x15, 0, 1, 16],
    [0x06, 0, 0, 0x0005_0001], // SECCOMP_RET_ERRNO | EPERM
    [0x06, 0, 0, 0x7fff_0000], // SECCOMP_RET_ALLOW
  ]
  for (const [at, [code, jt, jf, k]] of ops.entries()) {
    filter.writeUInt16LE(code, at * 8)
    filter.writeUInt8(jt, at * 8 + 2)
    filter.writeUInt8(jf, at * 8 + 3)
    filter.writeUInt32LE(k, at * 8 + 4)
  }
  const program = Buffer.alloc(16)
  program.writeUInt16LE(ops.length, 0)
  program.writeBigUInt64LE(BigInt(koffi.address(filter)), 8)
  const [PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER] = [22, 38, 2]
  prctl(PR_SET_NO_NEW_PRIVS, 1, null, 0, 0)
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0) !== 0) {
    throw new Error(`seccomp refused with errno ${koffi.errno()}`)
  }
}
