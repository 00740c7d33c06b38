/**
 * The frame that every netlink family shares: messages in a datagram, attributes in a message (netlink(7)). Pure, never
 * throws: what is too short or lies about its length ends the walk and is counted.
 */

export const NLMSG_ERROR = 2
export const NLMSG_DONE = 3
export const NLM_F_REQUEST = 0x1
export const NLM_F_DUMP = 0x300
export const NLM_F_DUMP_INTR = 0x10
/** Nested attributes and those in network order carry a flag in their type. */
const NLA_TYPE_MASK = 0x3fff

export interface NetlinkMessage {
  readonly type: number
  readonly flags: number
  readonly sequence: number
  readonly body: Buffer
}

export interface NetlinkDatagram {
  readonly messages: readonly NetlinkMessage[]
  readonly faults: number
}

/** Splits a datagram into its messages. */
export function parseNetlink(bytes: Uint8Array): NetlinkDatagram {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const messages: NetlinkMessage[] = []
  let at = 0
  while (at + 16 <= view.length) {
    const length = view.readUInt32LE(at)
    if (length < 16 || at + length > view.length) return { messages, faults: 1 }
    messages.push({
      type: view.readUInt16LE(at + 4),
      flags: view.readUInt16LE(at + 6),
      sequence: view.readUInt32LE(at + 8),
      body: view.subarray(at + 16, at + length),
    })
    at += align4(length)
  }
  return { messages, faults: at < view.length ? 1 : 0 }
}

/** Returns errno (0: none) of an NLMSG_ERROR, or of the number that an NLMSG_DONE may carry. */
export function errnoOf(message: NetlinkMessage): number {
  return message.body.length >= 4 ? Math.max(0, -message.body.readInt32LE(0)) : 0
}

/** Walks attributes from `offset` on; one whose length is a lie ends the walk. */
export function* attributesIn(body: Buffer, offset = 0): Generator<readonly [type: number, value: Buffer]> {
  let at = offset
  while (at + 4 <= body.length) {
    const length = body.readUInt16LE(at)
    if (length < 4 || at + length > body.length) return
    yield [body.readUInt16LE(at + 2) & NLA_TYPE_MASK, body.subarray(at + 4, at + length)]
    at += align4(length)
  }
}

/** Returns attributes by type; of two of one type the last holds. */
export function attributeMap(body: Buffer, offset = 0): ReadonlyMap<number, Buffer> {
  return new Map(attributesIn(body, offset))
}

/** Writes one message: `struct nlmsghdr` and a body. */
export function netlinkMessage(type: number, flags: number, sequence: number, body: Uint8Array): Buffer {
  const bytes = Buffer.alloc(16 + align4(body.length))
  bytes.writeUInt32LE(16 + body.length, 0)
  bytes.writeUInt16LE(type, 4)
  bytes.writeUInt16LE(flags, 6)
  bytes.writeUInt32LE(sequence, 8)
  bytes.set(body, 16)
  return bytes
}

/** Writes one attribute, padded. */
export function attribute(type: number, value: Uint8Array): Buffer {
  const bytes = Buffer.alloc(align4(4 + value.length))
  bytes.writeUInt16LE(4 + value.length, 0)
  bytes.writeUInt16LE(type, 2)
  bytes.set(value, 4)
  return bytes
}

function align4(value: number): number {
  return (value + 3) & ~3
}
