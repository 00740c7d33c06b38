/** The real kernel for network control: the two nets, links, USB authorisation, and what /proc says of processes. */
import { randomUUID } from 'node:crypto'
import { createConnection } from 'node:net'
import type { ActionStep, NetworkInterface, Picture } from '@shoukou/protocol'
import { openCoarseNet } from '../../actions/coarse/coarse-net-linux.ts'
import { openConnectionNet } from '../../actions/connections/connection-net-linux.ts'
import { setLinkDown } from '../../actions/link-down-linux.ts'
import { openPacketNet } from '../../actions/packets/packet-net-linux.ts'
import { openUsbControl } from '../../actions/usb-control-linux.ts'
import type { Clock } from '../../base/clock.ts'
import { callError, loadLibc } from '../../base/libc-linux.ts'
import type { LazyPoller } from '../../base/poll-linux.ts'
import { CgroupPaths } from './cgroup-paths-linux.ts'
import type { NetworkKernel } from './network-kernel.ts'
import { Accounts, readProcess } from './processes-linux.ts'

export interface NetworkKernelParts {
  readonly poller: LazyPoller
  readonly clock: Clock
  readonly readPicture: () => Promise<Picture>
  /** Where the packet net keeps what it has reported. */
  readonly packetStatePath: string
  /** Where the first net looks, and keeps its pins: another place than the whole computer, for a test. */
  readonly connections?: { readonly cgroup: string; readonly pins: string }
}

const probeMsMax = 3_000
const SOL_SOCKET = 1
const SO_NETNS_COOKIE = 71
const AF_INET = 2
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000

/** Opens it; nothing is set in the kernel before a net is opened. */
export async function openNetworkKernel(parts: NetworkKernelParts): Promise<NetworkKernel> {
  const { poller, clock, readPicture, packetStatePath } = parts
  const cgroups = new CgroupPaths(parts.connections?.cgroup)
  const accounts = new Accounts()
  const wallMs = (): number => clock.wallMs()
  return {
    openConnections: async () =>
      await openConnectionNet({ poller: await poller.get(), ...parts.connections }),
    openPackets: () =>
      openPacketNet({
        ...{ poller, wallMs, bootId: clock.bootId, statePath: packetStatePath },
        newId: () => randomUUID(),
      }),
    openCoarse: () =>
      openCoarseNet({
        ...{ poller, wallMs, id: randomUUID() },
        bootNs: () => BigInt(Math.round(clock.bootMs() * 1e6)),
      }),
    readPicture,
    readProcess: (pid) => readProcess(pid),
    cgroupPath: (id) => cgroups.of(id),
    ownNamespace: await readOwnNamespace(),
    accountOf: (uid) => accounts.nameOf(uid),
    setLinkDown: (adapter: NetworkInterface) => setLinkDown(adapter.index, adapter.name),
    unauthorise,
    probe,
  }
}

/** The cookie of this network namespace (Linux 5.14); null where the kernel does not tell. */
async function readOwnNamespace(): Promise<bigint | null> {
  const libc = await loadLibc()
  const socket = libc.socket(AF_INET, SOCK_DGRAM_CLOEXEC, 0)
  if (socket.value < 0) throw callError('socket', socket)
  try {
    const value = Buffer.alloc(8)
    const got = libc.getsockopt(socket.value, SOL_SOCKET, SO_NETNS_COOKIE, value)
    return got.value < 0 ? null : value.readBigUInt64LE(0)
  } finally {
    libc.close(socket.value)
  }
}

async function unauthorise(usbPath: string): Promise<ActionStep> {
  const { isDone, steps } = await openUsbControl().remove(usbPath)
  const failed = steps.find(({ result }) => result === 'failed')
  const detail = failed === undefined ? usbPath : `${usbPath}: ${failed.step}: ${failed.detail ?? 'failed'}`
  return { step: 'unauthorise', result: isDone ? 'done' : 'failed', detail: detail.slice(0, 1_000) }
}

/** One connection, opened and closed; nothing is sent. */
function probe(to: {
  readonly address: string
  readonly port: number
}): Promise<'answered' | 'refused' | 'silent'> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: to.address, port: to.port, timeout: probeMsMax })
    const end = (result: 'answered' | 'refused' | 'silent'): void => {
      socket.destroy()
      resolve(result)
    }
    socket.once('connect', () => end('answered'))
    socket.once('timeout', () => end('silent'))
    socket.once('error', (fault: NodeJS.ErrnoException) =>
      end(fault.code === 'ECONNREFUSED' ? 'refused' : 'silent'),
    )
  })
}
