/**
 * Who a process of a connection event is: what the kernel told with the event, and around it what its cgroup, its
 * accounts and, while it lives, /proc say.
 *
 * Everything is looked up once and kept for a while; a storm of processes that are gone by then costs no look-ups beyond
 * a bound, and loses nothing that the kernel told.
 */
import { type Program, type RawText, rawTextKey, rawTextOf } from '@shoukou/protocol'
import type { ConnectionEvent, ConnectionProcess } from '../../actions/connections/connection-net.ts'
import { cgroupOwnerOf } from './cgroup-owner.ts'
import type { FlowOwner } from './flow-ledger.ts'
import { keepNewest } from './keep-newest.ts'
import type { NetworkKernel, ProcessRead } from './network-kernel.ts'

const ownersMax = 8_192
const cgroupsMax = 4_096
const accountsMax = 4_096
/** A pid may be somebody else's after this; an account may have been renamed, ms. */
const keptMs = 30_000
/** Processes that are looked up in /proc for one batch of events. */
const readsPerBatchMax = 256
/** loginuid of a process without a session: (uid_t) -1. */
const NO_SESSION = 4_294_967_295

type OwnerKernel = Pick<NetworkKernel, 'readProcess' | 'cgroupPath' | 'ownNamespace' | 'accountOf'>

export const NOBODY: FlowOwner = { key: 'nobody', program: null }

export class FlowOwners {
  readonly #kernel: OwnerKernel
  readonly #owners = new Map<string, { readonly owner: FlowOwner; readonly untilMs: number }>()
  readonly #cgroups = new Map<bigint, { readonly path: Promise<string | null>; readonly untilMs: number }>()
  readonly #accounts = new Map<number, { readonly name: Promise<string | null>; readonly untilMs: number }>()

  constructor(kernel: OwnerKernel) {
    this.#kernel = kernel
  }

  /** Looks up who the processes of a batch are, each once; resolves when `of` can answer for all of them. */
  async learn(events: readonly ConnectionEvent[], nowMs: number): Promise<void> {
    const unknown = new Map<string, ConnectionProcess>()
    for (const { process } of events) {
      if (process === null) continue
      const key = keyOf(process)
      const known = this.#owners.get(key)
      if (known === undefined || known.untilMs < nowMs) unknown.set(key, process)
    }
    let reads = 0
    await Promise.all(
      [...unknown].map(async ([key, process]) => {
        reads += 1
        const read = reads <= readsPerBatchMax ? await this.#kernel.readProcess(process.pid) : null
        const owner = await this.#ownerOf(process, read, nowMs)
        keepNewest(this.#owners, key, { owner, untilMs: nowMs + keptMs }, ownersMax)
      }),
    )
  }

  /** Returns the owner of an event's process; nobody where the event names none. */
  of({ process }: ConnectionEvent): FlowOwner {
    if (process === null) return NOBODY
    return this.#owners.get(keyOf(process))?.owner ?? plainOwner(process)
  }

  /** Returns the owner of a packet by the account of its socket, which is all that a packet tells. */
  async ofUid(uid: number | null, nowMs: number): Promise<FlowOwner> {
    if (uid === null) return NOBODY
    const account = await this.#accountOf(uid, nowMs)
    return { key: `uid ${uid}`, program: { ...unknownProgram, uid, account } }
  }

  async #ownerOf(process: ConnectionProcess, read: ProcessRead | null, nowMs: number): Promise<FlowOwner> {
    const cgroup = cgroupOwnerOf((await this.#cgroupPath(process.cgroupId, nowMs)) ?? read?.cgroup ?? null)
    const loginUid = read?.loginUid ?? null
    const sessionUid = loginUid === null || loginUid === NO_SESSION ? cgroup.sessionUid : loginUid
    const path = process.path ?? read?.path ?? null
    const program: Program = {
      name: rawTextOf(process.name),
      path: path === null ? null : rawTextOf(path),
      uid: process.uid,
      account: await this.#accountOf(process.uid, nowMs),
      sessionAccount: sessionUid === null ? null : await this.#accountOf(sessionUid, nowMs),
      unit: cgroup.unit,
      container: cgroup.container,
      isOtherNamespace: this.#isOther(process.namespace),
    }
    return { key: seriesKeyOf(program), program }
  }

  #isOther(namespace: bigint): boolean | null {
    const own = this.#kernel.ownNamespace
    return namespace === 0n || own === null ? null : namespace !== own
  }

  #cgroupPath(id: bigint, nowMs: number): Promise<string | null> {
    const known = this.#cgroups.get(id)
    if (known !== undefined && known.untilMs >= nowMs) return known.path
    const path = this.#kernel.cgroupPath(id)
    keepNewest(this.#cgroups, id, { path, untilMs: nowMs + keptMs }, cgroupsMax)
    return path
  }

  #accountOf(uid: number, nowMs: number): Promise<string | null> {
    const known = this.#accounts.get(uid)
    if (known !== undefined && known.untilMs >= nowMs) return known.name
    const name = this.#kernel.accountOf(uid)
    keepNewest(this.#accounts, uid, { name, untilMs: nowMs + keptMs }, accountsMax)
    return name
  }
}

const unknownProgram: Program = {
  name: '',
  path: null,
  uid: null,
  account: null,
  sessionAccount: null,
  unit: null,
  container: null,
  isOtherNamespace: null,
}

function seriesKeyOf({ path, name, uid, container }: Program): string {
  const text: RawText = path ?? name
  const isByPath = path !== null
  return JSON.stringify([isByPath, rawTextKey(text), uid, container === null ? null : rawTextKey(container)])
}

/** What the kernel told, where nothing was looked up. */
function plainOwner(process: ConnectionProcess): FlowOwner {
  const program: Program = {
    ...unknownProgram,
    name: rawTextOf(process.name),
    path: process.path === null ? null : rawTextOf(process.path),
    uid: process.uid,
  }
  return { key: seriesKeyOf(program), program }
}

function keyOf({ pid, uid, cgroupId, name, path, namespace }: ConnectionProcess): string {
  return `${pid}|${uid}|${cgroupId}|${namespace}|${name.toString('latin1')}|${path?.toString('latin1') ?? ''}`
}
