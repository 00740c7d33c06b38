/** What network control asks of the kernel. The real one is `network-kernel-linux.ts`. */
import type { ActionStep, NetworkInterface, Picture } from '@shoukou/protocol'
import type { CoarseNet } from '../../actions/coarse/coarse-net.ts'
import type { ConnectionNet, Opened } from '../../actions/connections/connection-net.ts'
import type { PacketNet } from '../../actions/packets/packet-net.ts'

export interface NetworkKernel {
  openConnections(): Promise<Opened<ConnectionNet>>
  openPackets(): Promise<Opened<PacketNet>>
  openCoarse(): Promise<Opened<CoarseNet>>
  /** The whole network now, with the sockets and their owners: the proof. */
  readPicture(): Promise<Picture>
  /** Everything else about a process, while it lives; null where it has gone. */
  readProcess(pid: number): Promise<ProcessRead | null>
  /** The path of a cgroup by the kernel's number of it; null where it has gone. */
  cgroupPath(id: bigint): Promise<string | null>
  /** The number of the computer's own network namespace, as connection events tell it; null where not told. */
  readonly ownNamespace: bigint | null
  accountOf(uid: number): Promise<string | null>
  /** Sets a link down (rtnetlink). */
  setLinkDown(adapter: NetworkInterface): Promise<ActionStep>
  /** Takes the authorisation of the USB device behind an adapter away. */
  unauthorise(usbPath: string): Promise<ActionStep>
  /** Opens one TCP connection to the unit's own address, and closes it. */
  probe(to: { readonly address: string; readonly port: number }): Promise<'answered' | 'refused' | 'silent'>
}

export interface ProcessRead {
  readonly path: Buffer | null
  /** loginuid; null where there is no session. */
  readonly loginUid: number | null
  readonly cgroup: string | null
}
