/**
 * Whether a new picture says anything new. Pure.
 *
 * Neighbours other than gateways, times of leases, and sockets come and go all day; a picture for each would bury the one
 * that counts. Who signs in and out is told elsewhere.
 */
import type { Picture } from '@shoukou/protocol'
import { diffPictures } from './diff-pictures.ts'
import { gatewayKey, gatewaysOf } from './gateways.ts'

/**
 * Reports whether `after` differs from `before`, the last picture that was told, in what matters: interfaces and their state,
 * addresses, routes, gateways and who answers for them, rules, leases, name servers, wireless, sharing; or in which of
 * these could not be read.
 */
export function isPictureNews(before: Picture, after: Picture): boolean {
  if (readableOf(before) !== readableOf(after) || hasGatewayAnswered(before, after)) return true
  return diffPictures(before, after).differences.length > 0
}

/** The kernel forgets a hardware address that is not needed, and that is no news; that it learnt one is. */
function hasGatewayAnswered(before: Picture, after: Picture): boolean {
  const known = new Map(gatewaysOf(before).map((one) => [gatewayKey(one), one.mac]))
  return gatewaysOf(after).some((one) => one.mac !== null && (known.get(gatewayKey(one)) ?? null) === null)
}

const transient = new Set(['sockets', 'socket-owners', 'neighbours'])

function readableOf({ unread }: Picture): string {
  return unread
    .filter((name) => !transient.has(name))
    .sort()
    .join(' ')
}
