/**
 * rtnetlink's bytes to messages (rtnetlink(7), linux/rtnetlink.h). Pure, never throws.
 *
 * A message that is too short or lies about its length is counted and left out; one of no concern is left out silently.
 * What the single kinds hold is read in `parse-link-message.ts`, `parse-route-message.ts`, `parse-neighbour-message.ts`
 * and `parse-rule-message.ts`.
 */
import type { NetMessage } from './net-messages.ts'
import { align4 } from './netlink-attributes.ts'
import { parseAddress, parseLink } from './parse-link-message.ts'
import { parseNeighbour } from './parse-neighbour-message.ts'
import { parseRoute } from './parse-route-message.ts'
import { parseRule } from './parse-rule-message.ts'

export interface ParsedDatagram {
  readonly messages: readonly NetMessage[]
  /** End of a dump (NLMSG_DONE). */
  readonly isDone: boolean
  /** What was dumped changed meanwhile (NLM_F_DUMP_INTR): ask again. */
  readonly wasInterrupted: boolean
  /** errno of an NLMSG_ERROR, 0 where none. */
  readonly errno: number
  readonly faults: number
}

const NLMSG_ERROR = 2
const NLMSG_DONE = 3
const NLM_F_DUMP_INTR = 0x10

/** Reads one datagram: any number of messages. */
export function parseRtnetlink(bytes: Uint8Array): ParsedDatagram {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const messages: NetMessage[] = []
  let [isDone, wasInterrupted, errno, faults] = [false, false, 0, 0]
  let at = 0
  while (at + 16 <= view.length) {
    const length = view.readUInt32LE(at)
    if (length < 16 || at + length > view.length) {
      faults += 1
      break
    }
    const type = view.readUInt16LE(at + 4)
    if ((view.readUInt16LE(at + 6) & NLM_F_DUMP_INTR) !== 0) wasInterrupted = true
    const body = view.subarray(at + 16, at + length)
    if (type === NLMSG_DONE) {
      isDone = true
      if (body.length >= 4) errno = -body.readInt32LE(0)
    } else if (type === NLMSG_ERROR) {
      if (body.length >= 4) errno = -body.readInt32LE(0)
      else faults += 1
    } else {
      const parsed = parseBody(type, body)
      if (parsed === null) faults += 1
      else messages.push(...parsed)
    }
    at += align4(length)
  }
  return { messages, isDone, wasInterrupted, errno, faults }
}

/** Returns null for a message that can't be read; an empty list for one that is of no concern. */
function parseBody(type: number, body: Buffer): readonly NetMessage[] | null {
  // RTM_NEW… and RTM_DEL… of one subject stand side by side, in groups of four (linux/rtnetlink.h).
  const [subject, isRemoval] = [type & ~3, (type & 3) === 1]
  if ((type & 3) > 1) return []
  switch (subject) {
    case 16:
      return parseLink(body, isRemoval)
    case 20:
      return parseAddress(body, isRemoval)
    case 24:
      return parseRoute(body, isRemoval)
    case 28:
      return parseNeighbour(body, isRemoval)
    case 32:
      return parseRule(body, isRemoval)
    // RTM_NEWNETCONF and RTM_DELNETCONF.
    case 80:
      return [{ kind: 'setting', isRemoval }]
    default:
      return []
  }
}
