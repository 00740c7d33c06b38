/**
 * Sets a network interface down: RTM_SETLINK without IFF_UP (rtnetlink(7)), by its index, so that a rename meanwhile
 * changes nothing. The second step of a cut.
 */
import { type ActionStep, type RawText, showRawText } from '@shoukou/protocol'
import { ERRNO } from '../base/libc-linux.ts'
import { NETLINK_ROUTE, type NetlinkSocket, openNetlink } from '../base/netlink-linux.ts'
import { errnoOf, NLM_F_REQUEST, NLMSG_ERROR, netlinkMessage, parseNetlink } from '../base/parse-netlink.ts'

const RTM_SETLINK = 19
const NLM_F_ACK = 0x4
const IFF_UP = 1
const step = 'link-down'
const detailCharsMax = 1_000

/** Sets one link down and reads what the kernel answers; `name` is for the report alone. Never throws. */
export async function setLinkDown(index: number, name: RawText): Promise<ActionStep> {
  const shown = showRawText(name)
  try {
    const socket = await openNetlink({ protocol: NETLINK_ROUTE, groups: 0, receiveBufferBytes: 65_536 })
    try {
      const errno = ask(socket, index)
      if (errno === 0) return { step, result: 'done', detail: shown }
      if (errno === ERRNO.ENODEV) return { step, result: 'skipped', detail: `${shown} has gone` }
      return failed(`${shown}: the kernel refused with errno ${errno}`)
    } finally {
      socket.close()
    }
  } catch (error) {
    return failed(`${shown}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** rtnetlink works while `send` runs: its answer stands in the queue when that returns. */
function ask(socket: NetlinkSocket, index: number): number {
  const body = Buffer.alloc(16)
  body.writeInt32LE(index, 4)
  body.writeUInt32LE(0, 8)
  body.writeUInt32LE(IFF_UP, 12)
  socket.send(netlinkMessage(RTM_SETLINK, NLM_F_REQUEST | NLM_F_ACK, 1, body))
  for (const datagram of socket.drain().datagrams) {
    const answer = parseNetlink(datagram).messages.find(({ type }) => type === NLMSG_ERROR)
    if (answer !== undefined) return errnoOf(answer)
  }
  throw new Error('the kernel gave no answer')
}

function failed(detail: string): ActionStep {
  return { step, result: 'failed', detail: detail.slice(0, detailCharsMax) }
}
