/**
 * Reads what the programs put into the ring, and joins each event with the path of its process, which came before it.
 * Pure.
 *
 * Records are the kernel's own words, yet a root process could write another program: what is not whole is told as null.
 */
import { formatAddress, fromBytes } from '@shoukou/protocol'
import {
  actNumbers,
  eventAt,
  eventBytes,
  eventFlag,
  nameBytes,
  processAt,
  processFlag,
  processKeyBytes,
  recordKind,
} from './connection-layout.ts'
import type { ConnectionAct, ConnectionEvent, ConnectionProcess } from './connection-net.ts'

/** Processes whose path is remembered: many times what the kernel believes to have told. */
export const pathsMax = 65_536
/** Different owners and addresses that are kept ready: a burst has few. */
const ownersMax = 4_096
const addressesMax = 4_096

const acts = new Map<number, ConnectionAct>(
  (Object.keys(actNumbers) as ConnectionAct[]).map((act) => [actNumbers[act], act]),
)
const noKey = '\0'.repeat(processKeyBytes)

export class RecordReader {
  readonly #paths = new Map<string, Buffer>()
  readonly #owners = new Map<string, ConnectionProcess>()
  readonly #addresses = new Map<string, string>()
  readonly #onUnknownProcess: () => void

  /** `onUnknownProcess`: the kernel believes to have told a path that is not known here. */
  constructor(onUnknownProcess: () => void) {
    this.#onUnknownProcess = onUnknownProcess
  }

  /** Returns the event of a record; null for a record of another kind. */
  read(record: Buffer): ConnectionEvent | null {
    if (record[0] === recordKind.process) this.#learn(record)
    if (record[0] !== recordKind.event || record.length < eventBytes) return null
    const act = acts.get(record[1] ?? 0)
    if (act === undefined) return null
    const flags = record[3] ?? 0
    const isBind = act === 'bind'
    const peer = isBind || act === 'socket' ? null : this.#place(record, eventAt.peer, eventAt.peerPort)
    const local =
      isBind || act === 'established' || act === 'accepted'
        ? this.#place(record, eventAt.local, eventAt.localPort)
        : null
    const addressed = peer ?? local
    return {
      act,
      family:
        addressed === null
          ? record[2] === 6
            ? 'ipv6'
            : 'ipv4'
          : addressed.address.includes(':')
            ? 'ipv6'
            : 'ipv4',
      protocol: record.readUInt32LE(eventAt.protocol),
      socketType: record.readUInt32LE(eventAt.type),
      peer,
      local,
      process: (flags & eventFlag.hasProcess) === 0 ? null : this.#owner(record),
      cookie: record.readBigUInt64LE(eventAt.cookie),
      isRefused: (flags & eventFlag.refused) !== 0,
      bootNs: record.readBigUInt64LE(eventAt.bootNs),
    }
  }

  #place(record: Buffer, at: number, portAt: number): { readonly address: string; readonly port: number } {
    const key = record.toString('latin1', at, at + 16)
    let address = this.#addresses.get(key)
    if (address === undefined) {
      address = formatAddress(fromBytes(record.subarray(at, at + 16)))
      remember(this.#addresses, key, address, addressesMax)
    }
    return { address, port: record.readUInt32LE(portAt) & 0xffff }
  }

  #owner(record: Buffer): ConnectionProcess {
    const processKey = record.toString('latin1', eventAt.process, eventAt.process + processKeyBytes)
    const key = record.toString('latin1', eventAt.pidTgid + 4, eventAt.peer) + processKey
    const known = this.#owners.get(key)
    if (known !== undefined) return known
    const nameEnd = record.indexOf(0, eventAt.name)
    const owner: ConnectionProcess = {
      pid: record.readUInt32LE(eventAt.pidTgid + 4),
      uid: record.readUInt32LE(eventAt.uidGid),
      gid: record.readUInt32LE(eventAt.uidGid + 4),
      name: Buffer.from(
        record.subarray(eventAt.name, Math.min(nameEnd < 0 ? Infinity : nameEnd, eventAt.name + nameBytes)),
      ),
      cgroupId: record.readBigUInt64LE(eventAt.cgroup),
      namespace: record.readBigUInt64LE(eventAt.namespace),
      path: this.#pathOf(processKey),
    }
    // One without its path is asked for again.
    if (owner.path !== null || processKey === noKey) remember(this.#owners, key, owner, ownersMax)
    return owner
  }

  #pathOf(key: string): Buffer | null {
    if (key === noKey) return null
    const path = this.#paths.get(key)
    if (path === undefined) {
      this.#onUnknownProcess()
      return null
    }
    // Used again: the last to be forgotten.
    remember(this.#paths, key, path, pathsMax)
    return path
  }

  #learn(record: Buffer): void {
    if (record.length < processAt.names) return
    const key = record.toString('latin1', processAt.key, processAt.key + processKeyBytes)
    remember(this.#paths, key, pathOf(record), pathsMax)
  }
}

/** A path that does not begin with `/` is the end of one: the rest was deeper than is walked, or cut off from the tree. */
function pathOf(record: Buffer): Buffer {
  const isWhole = ((record[3] ?? 0) & processFlag.whole) !== 0
  const names: Buffer[] = []
  let at: number = processAt.names
  while (at < record.length) {
    const end = record.indexOf(0, at)
    if (end < 0) break
    names.push(record.subarray(at, end))
    at = end + 1
  }
  const slash = Buffer.from('/')
  const parts = names.reverse().flatMap((name) => [slash, name])
  if (isWhole) return Buffer.concat(parts.length === 0 ? [slash] : parts)
  return Buffer.concat(parts.slice(1))
}

/** Puts an entry last; the first gives way when there is no room. */
function remember<K, V>(map: Map<K, V>, key: K, value: V, max: number): void {
  map.delete(key)
  if (map.size >= max) {
    const first = map.keys().next()
    if (first.done !== true) map.delete(first.value)
  }
  map.set(key, value)
}
