/** The addresses of this computer, to tell its own flows from those that pass through. */
import { formatAddress, fromBytes } from '@shoukou/protocol'
import { NetlinkAsker } from '../../base/netlink-dump-linux.ts'
import { NETLINK_ROUTE } from '../../base/netlink-linux.ts'
import { attributeMap } from '../../base/parse-netlink.ts'

const RTM_GETADDR = 22
const IFA_ADDRESS = 1
const IFA_LOCAL = 2
const headerBytes = 8
const lookMsMin = 250

export class OwnAddresses {
  readonly #asker: NetlinkAsker
  #addresses = new Set<string>()
  #lookedMs = Number.NEGATIVE_INFINITY

  private constructor(asker: NetlinkAsker) {
    this.#asker = asker
  }

  /** @throws ShoukouError where the kernel refuses. */
  static async open(): Promise<OwnAddresses> {
    return new OwnAddresses(await NetlinkAsker.open(NETLINK_ROUTE))
  }

  has(address: string): boolean {
    if (address.startsWith('127.') || address === '::1') return true
    if (!this.#addresses.has(address) && performance.now() - this.#lookedMs > lookMsMin) this.#look()
    return this.#addresses.has(address)
  }

  close(): void {
    this.#asker.close()
  }

  #look(): void {
    this.#lookedMs = performance.now()
    const found = this.#asker.dump(RTM_GETADDR, Buffer.alloc(headerBytes)).bodies.flatMap((body) => {
      const attributes = attributeMap(body, headerBytes)
      const bytes = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS)
      return bytes?.length === 4 || bytes?.length === 16 ? [formatAddress(fromBytes(bytes))] : []
    })
    this.#addresses = new Set(found)
  }
}
