/**
 * The rules in the kernel: a tree of prefixes for each of two slots, and the one number that says which slot holds.
 *
 * Other rules are written into the slot that does not hold, and put in force by that number: each connection is judged
 * by all of the old rules or by all of the new ones. Programs and links stay what they are; the other way, new programs
 * for new rules, costs a verification of each and eight switches that are not one.
 */
import type { Bpf } from '../bpf-linux.ts'
import {
  approvedKeyBytes,
  approvedValueBytes,
  compileDestinations,
  encodeApprovedKey,
  encodeSpans,
  treeEntriesMax,
} from './approved-table.ts'
import { control, controlBytes, decodeControl, encodeControl, flagsOf } from './connection-layout.ts'
import type { ConnectionRules } from './connection-net.ts'
import { type AllMaps, firstKey, makeTree } from './net-maps-linux.ts'

type Slot = 0 | 1

export class NetRules {
  readonly #bpf: Bpf
  readonly #maps: AllMaps
  #flags: number
  #generation: number
  /** The tree that holds: descriptor, and what was written into it. */
  #tree: number | null = null
  #content: ReadonlyMap<string, string>

  /** Takes over what holds. */
  constructor(bpf: Bpf, maps: AllMaps) {
    this.#bpf = bpf
    this.#maps = maps
    const { flags, generation } = decodeControl(this.#readControl())
    this.#flags = flags
    this.#generation = generation
    this.#tree = this.areInForce ? this.#openTree(this.#slot) : null
    this.#content = this.#tree === null ? new Map() : this.#contentOf(this.#tree)
  }

  /** False until the first rules: everything passes, uncounted. */
  get areInForce(): boolean {
    return (this.#flags & control.looks) !== 0
  }

  /** @throws ShoukouError `limit-exceeded` where the table is too small: the old rules then hold on. */
  set(rules: ConnectionRules): void {
    const { ipv4, ipv6 } = compileDestinations(rules.approved)
    const content = new Map(
      [...ipv4, ...ipv6].map(({ prefix, spans }) => [
        encodeApprovedKey(prefix).toString('hex'),
        encodeSpans(spans).toString('hex'),
      ]),
    )
    const slot: Slot = this.areInForce && this.#slot === 0 ? 1 : 0
    this.#replaceTree(content, slot)
    this.#flags = flagsOf(rules, slot)
    this.#writeControl()
  }

  /** Has every process told anew: paths that the kernel believes to be known are not. */
  forgetPaths(): void {
    this.#generation = (this.#generation + 1) >>> 0
    this.#writeControl()
  }

  /** Says what is not as it was written; null where all is. */
  findAlteration(): string | null {
    if (!encodeControl({ flags: this.#flags, generation: this.#generation }).equals(this.#readControl()))
      return 'control'
    if (!this.areInForce) return null
    const tree = this.#openTree(this.#slot)
    if (tree === null) return 'approved'
    try {
      const found = this.#contentOf(tree)
      const isSame =
        found.size === this.#content.size &&
        [...this.#content].every(([key, value]) => found.get(key) === value)
      return isSame ? null : 'approved'
    } finally {
      this.#bpf.close(tree)
    }
  }

  /** Writes all anew, in the slot that does not hold. */
  restore(): void {
    if (this.areInForce) {
      const slot: Slot = this.#slot === 0 ? 1 : 0
      this.#replaceTree(this.#content, slot)
      this.#flags ^= control.secondSlot
    }
    this.#writeControl()
  }

  close(): void {
    if (this.#tree !== null) this.#bpf.close(this.#tree)
    this.#tree = null
  }

  get #slot(): Slot {
    return (this.#flags & control.secondSlot) === 0 ? 0 : 1
  }

  #replaceTree(content: ReadonlyMap<string, string>, slot: Slot): void {
    const tree = makeTree(this.#bpf)
    try {
      for (const [key, value] of content)
        this.#bpf.update(tree, Buffer.from(key, 'hex'), Buffer.from(value, 'hex'), 'any')
      this.#bpf.freeze(tree)
      const descriptor = Buffer.alloc(4)
      descriptor.writeUInt32LE(tree)
      this.#bpf.update(this.#maps.approved, slotKey(slot), descriptor, 'any')
    } catch (error) {
      this.#bpf.close(tree)
      throw error
    }
    this.close()
    this.#tree = tree
    this.#content = content
  }

  #openTree(slot: Slot): number | null {
    const id = this.#bpf.lookUp(this.#maps.approved, slotKey(slot), 4)
    return id === null ? null : this.#bpf.openMap(id.readUInt32LE(0))
  }

  #contentOf(tree: number): Map<string, string> {
    const keys = this.#bpf.keys(tree, approvedKeyBytes, treeEntriesMax)
    return new Map(
      keys.map((key) => [
        key.toString('hex'),
        this.#bpf.lookUp(tree, key, approvedValueBytes)?.toString('hex') ?? '',
      ]),
    )
  }

  #readControl(): Buffer {
    return this.#bpf.lookUp(this.#maps.control, firstKey, controlBytes) ?? Buffer.alloc(controlBytes)
  }

  #writeControl(): void {
    const bytes = encodeControl({ flags: this.#flags, generation: this.#generation })
    this.#bpf.update(this.#maps.control, firstKey, bytes, 'any')
  }
}

function slotKey(slot: Slot): Buffer {
  const key = Buffer.alloc(4)
  key.writeUInt32LE(slot)
  return key
}
