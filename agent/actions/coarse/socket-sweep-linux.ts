/**
 * The sockets that stand, four times a second: each that was not there before is an event. What opened and closed
 * between two looks leaves a trace only where TCP keeps one (TIME_WAIT), and then without its program.
 */
import { PROTOCOL_NUMBERS } from '@shoukou/protocol'
import { type OwnedSocket, readSockets } from '../../base/sock-diag-linux.ts'
import { readSocketOwners, type SocketOwner } from '../../base/socket-owners-linux.ts'
import type { ConnectionEvent } from '../connections/connection-net.ts'
import type { FeedSink } from './conntrack-feed-linux.ts'
import { describeProcess } from './describe-process-linux.ts'

export const sweepMs = 250
const { tcp, udp, sctp } = PROTOCOL_NUMBERS
const UDPLITE = 136
const withPorts = new Set<number>([tcp, udp, sctp, UDPLITE])

export class SocketSweep {
  readonly #sink: FeedSink
  readonly #timer: NodeJS.Timeout
  #known = new Set<string>()
  #running: Promise<void> | null = null

  constructor(sink: FeedSink) {
    this.#sink = sink
    this.#timer = setInterval(() => {
      // A slow look is not overtaken by the next one.
      this.#running ??= this.#look().finally(() => {
        this.#running = null
      })
    }, sweepMs)
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }

  async #look(): Promise<void> {
    const { sockets, omitted, unread } = await readSockets({ withOwners: false, limit: socketsMax })
    if (omitted > 0 || unread.length > 0) this.#sink.onLoss(0)
    const bootNs = this.#sink.bootNs()
    const listening = new Set(
      sockets.filter(({ state }) => state === 'listen').map(({ local }) => local?.port),
    )
    const told = sockets.filter((socket) => isTold(socket)).map((socket) => ({ socket, key: keyOf(socket) }))
    const fresh = told.filter(({ key }) => !this.#known.has(key)).map(({ socket }) => socket)
    this.#known = new Set(told.map(({ key }) => key))
    if (fresh.length === 0) return
    const inodes = new Set(fresh.map(({ inode }) => inode).filter((inode) => inode > 0))
    const { byInode } = await readSocketOwners(inodes, '/proc')
    this.#sink.push(
      fresh.map((socket) =>
        describe(socket, {
          owner: byInode.get(socket.inode),
          isServed: listening.has(socket.local?.port),
          bootNs,
        }),
      ),
    )
  }
}

/** Beyond that, the rest is declared as not seen. */
const socketsMax = 65_536

/** Connected sockets, and raw ones; what only listens connects to nobody. */
function isTold({ family, protocol, peer, state }: OwnedSocket): boolean {
  if (family === 'packet' || state === 'listen') return false
  if (peer !== null) return !peer.address.startsWith('127.') && peer.address !== '::1'
  return !withPorts.has(protocol)
}

/** TIME_WAIT has no inode any more: its connection was told when it stood, by its ends. */
function keyOf({ protocol, local, peer, inode }: OwnedSocket): string {
  const ends = `${protocol} ${local?.address} ${local?.port} ${peer?.address} ${peer?.port}`
  return peer === null ? `${ends} ${inode}` : ends
}

interface Around {
  readonly owner: SocketOwner | undefined
  readonly isServed: boolean
  readonly bootNs: bigint
}

function describe(socket: OwnedSocket, { owner, isServed, bootNs }: Around): ConnectionEvent {
  const { protocol, local, peer, inode } = socket
  const family = [local?.address, peer?.address].some((address) => address?.includes(':')) ? 'ipv6' : 'ipv4'
  const connected = protocol === tcp && isServed ? 'accepted' : 'connect'
  return {
    act: peer === null ? 'socket' : connected,
    family,
    protocol,
    socketType:
      protocol === tcp ? 1 : protocol === udp || protocol === UDPLITE ? 2 : protocol === sctp ? 5 : 3,
    peer: peer === null ? null : { address: peer.address, port: peer.port ?? 0 },
    local: local === null ? null : { address: local.address, port: local.port ?? 0 },
    process: owner === undefined ? null : describeProcess(owner),
    cookie: BigInt(inode),
    isRefused: false,
    bootNs,
  }
}
