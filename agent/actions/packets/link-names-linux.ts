/** Names and numbers of the interfaces of this network namespace, asked of rtnetlink: /sys may show another's. */
import { type RawText, rawTextKey, rawTextOf } from '@shoukou/protocol'
import { NetlinkAsker } from '../../base/netlink-dump-linux.ts'
import { NETLINK_ROUTE } from '../../base/netlink-linux.ts'
import { attributeMap } from '../../base/parse-netlink.ts'
import type { ResolvedInterface } from './packet-ruleset.ts'

const RTM_GETLINK = 18
const IFLA_IFNAME = 3
const headerBytes = 16
/** A flood over an interface that has just gone does not ask for each packet. */
const lookMsMin = 1_000

export class LinkNames {
  readonly #asker: NetlinkAsker
  #byIndex = new Map<number, RawText>()
  #lookedMs = Number.NEGATIVE_INFINITY

  private constructor(asker: NetlinkAsker) {
    this.#asker = asker
  }

  /** @throws ShoukouError where the kernel refuses. */
  static async open(): Promise<LinkNames> {
    return new LinkNames(await NetlinkAsker.open(NETLINK_ROUTE))
  }

  /** The name that an interface has, or had when it was last seen. */
  nameOf(index: number): RawText | null {
    if (!this.#byIndex.has(index) && performance.now() - this.#lookedMs > lookMsMin) this.refresh()
    return this.#byIndex.get(index) ?? null
  }

  /** Returns the interfaces of these names that are there now. */
  resolve(names: readonly RawText[]): ResolvedInterface[] {
    const wanted = new Set(names.map(rawTextKey))
    return this.all().filter(({ name }) => wanted.has(rawTextKey(name)))
  }

  /** All that are there now. */
  all(): ResolvedInterface[] {
    this.refresh()
    return [...this.#byIndex].map(([index, name]) => ({ index, name }))
  }

  close(): void {
    this.#asker.close()
  }

  /** Looks anew. */
  refresh(): void {
    this.#lookedMs = performance.now()
    const { bodies } = this.#asker.dump(RTM_GETLINK, Buffer.alloc(headerBytes))
    const found = new Map<number, RawText>()
    for (const body of bodies) {
      const name = body.length < headerBytes ? undefined : attributeMap(body, headerBytes).get(IFLA_IFNAME)
      if (name !== undefined) found.set(body.readInt32LE(4), rawTextOf(name.subarray(0, -1)))
    }
    this.#byIndex = found
  }
}
