/**
 * What nf_tables itself says, without nft(8): the generation of all rules, who changed them last, our counters
 * (linux/netfilter/nf_tables.h). Cheap enough to be asked each second.
 */
import { rawTextOf, showRawText } from '@shoukou/protocol'
import { NetlinkAsker } from '../../base/netlink-dump-linux.ts'
import { type NetlinkSocket, openNetlink } from '../../base/netlink-linux.ts'
import { attribute, attributeMap, parseNetlink } from '../../base/parse-netlink.ts'
import { NETLINK_NETFILTER } from './packet-log-linux.ts'

const NFNL_SUBSYS_NFTABLES = 10
const NFT_MSG_NEWGEN = 15
const NFT_MSG_GETGEN = 16
const NFT_MSG_GETOBJ = 19
const NFNLGRP_NFTABLES = 7
const GEN_ID = 1
const GEN_PROC_PID = 2
const GEN_PROC_NAME = 3
const OBJ_TABLE = 1
const OBJ_NAME = 2
const OBJ_DATA = 4
const COUNTER_PACKETS = 2
const familyOf = { inet: 1, netdev: 5 } as const

/** A commit to the rules of this network namespace. */
export interface Generation {
  readonly id: number
  /** Who did it, where the kernel says: `nft (1234)`. */
  readonly by: string | null
}

export class NfTables {
  readonly #asker: NetlinkAsker
  readonly #events: NetlinkSocket

  private constructor(asker: NetlinkAsker, events: NetlinkSocket) {
    this.#asker = asker
    this.#events = events
  }

  /** @throws ShoukouError where the kernel refuses. */
  static async open(): Promise<NfTables> {
    const events = await openNetlink({
      protocol: NETLINK_NETFILTER,
      groups: 1 << (NFNLGRP_NFTABLES - 1),
      receiveBufferBytes: 1_048_576,
    })
    try {
      return new NfTables(await NetlinkAsker.open(NETLINK_NETFILTER), events)
    } catch (error) {
      events.close()
      throw error
    }
  }

  get fd(): number {
    return this.#events.fd
  }

  /** The generation now; null where nf_tables is not there. */
  generation(): number | null {
    const { bodies, errno } = this.#asker.get((NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_GETGEN, Buffer.alloc(4))
    const id = bodies[0] === undefined ? undefined : attributeMap(bodies[0], 4).get(GEN_ID)
    return errno !== 0 || id === undefined || id.length < 4 ? null : id.readUInt32BE(0)
  }

  /** Commits since the last call, oldest first; some may be missing: `generation` says where it stands. */
  drainEvents(): readonly Generation[] {
    return this.#events.drain().datagrams.flatMap((datagram) =>
      parseNetlink(datagram)
        .messages.filter(({ type }) => type === ((NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_NEWGEN))
        .flatMap(({ body }) => generationOf(body)),
    )
  }

  /** The packets that named counters of ours have counted; none where the table is not there. */
  counters(family: keyof typeof familyOf, table: string): ReadonlyMap<string, number> {
    const header = Buffer.from([familyOf[family], 0, 0, 0])
    const body = Buffer.concat([header, attribute(OBJ_TABLE, Buffer.from(`${table}\0`, 'latin1'))])
    const { bodies } = this.#asker.dump((NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_GETOBJ, body)
    return new Map(bodies.flatMap((one) => counterOf(one)))
  }

  close(): void {
    this.#asker.close()
    this.#events.close()
  }
}

function generationOf(body: Buffer): Generation[] {
  const attributes = attributeMap(body, 4)
  const id = attributes.get(GEN_ID)
  if (id === undefined || id.length < 4) return []
  const pid = attributes.get(GEN_PROC_PID)
  const name = attributes.get(GEN_PROC_NAME)
  const shown = name === undefined ? '' : showRawText(rawTextOf(name.subarray(0, endOf(name))))
  return [{ id: id.readUInt32BE(0), by: pid === undefined ? null : `${shown} (${pid.readUInt32BE(0)})` }]
}

function counterOf(body: Buffer): [string, number][] {
  const attributes = attributeMap(body, 4)
  const name = attributes.get(OBJ_NAME)
  const data = attributes.get(OBJ_DATA)
  const packets = data === undefined ? undefined : attributeMap(data).get(COUNTER_PACKETS)
  if (name === undefined || packets === undefined || packets.length < 8) return []
  return [[name.toString('latin1', 0, endOf(name)), Number(packets.readBigUInt64BE(0))]]
}

function endOf(text: Buffer): number {
  const end = text.indexOf(0)
  return end < 0 ? text.length : end
}
