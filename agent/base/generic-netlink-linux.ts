/** Generic netlink: finds a family by its name and asks it (Documentation/userspace-api/netlink/intro.rst). Only asks. */
import { ERRNO } from './libc-linux.ts'
import { type NetlinkAnswer, NetlinkAsker } from './netlink-dump-linux.ts'
import { attribute, attributeMap } from './parse-netlink.ts'

const NETLINK_GENERIC = 16
const GENL_ID_CTRL = 16
const CTRL_CMD_GETFAMILY = 3
const CTRL_ATTR_FAMILY_ID = 1
const CTRL_ATTR_FAMILY_NAME = 2
/** `struct genlmsghdr`: command, version, two bytes of nothing. */
const headerBytes = 4

export interface GenericFamily {
  /** Asks for a table; bodies come without `struct genlmsghdr`, attributes first. */
  dump(command: number, attributes?: readonly Buffer[]): NetlinkAnswer
  close(): void
}

/**
 * Opens a family, `nl80211` for one; null where this kernel has none of that name.
 *
 * @throws ShoukouError where koffi or the kernel refuses.
 */
export async function openGenericFamily(name: string): Promise<GenericFamily | null> {
  const asker = await NetlinkAsker.open(NETLINK_GENERIC)
  try {
    const id = familyId(asker, name)
    if (id === null) {
      asker.close()
      return null
    }
    return {
      dump: (command, attributes = []) => {
        const answer = asker.dump(id, request(command, attributes))
        return { ...answer, bodies: answer.bodies.map((body) => body.subarray(headerBytes)) }
      },
      close: () => asker.close(),
    }
  } catch (error) {
    asker.close()
    throw error
  }
}

function familyId(asker: NetlinkAsker, name: string): number | null {
  const wanted = attribute(CTRL_ATTR_FAMILY_NAME, Buffer.from(`${name}\0`, 'latin1'))
  const answer = asker.get(GENL_ID_CTRL, request(CTRL_CMD_GETFAMILY, [wanted]))
  const body = answer.bodies[0]
  if (answer.errno === ERRNO.ENOENT || body === undefined) return null
  const id = attributeMap(body, headerBytes).get(CTRL_ATTR_FAMILY_ID)
  return id !== undefined && id.length >= 2 ? id.readUInt16LE(0) : null
}

function request(command: number, attributes: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from([command, 1, 0, 0]), ...attributes])
}
