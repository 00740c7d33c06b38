/**
 * The way that a connection took: program, interface, gateway, destination, as far as each is known. Pure.
 *
 * The interface is the one that a packet was seen on, or the one that has the connection's own address; the gateway is
 * that of its default route. Where neither is known there is no path: none is guessed.
 */
import type { NetworkInterface } from '@shoukou/protocol/events/shapes.ts'
import type { Flow, Picture } from '@shoukou/protocol/network/shapes.ts'
import { rawTextKey } from '@shoukou/protocol/raw-text.ts'
import { macOfGateway } from './gateway-mac.ts'

export interface PathOut {
  readonly flow: Flow
  readonly through: NetworkInterface
  readonly gateway: { readonly address: string; readonly mac: string | null } | null
}

/** Returns the path of the flow that was proven furthest; null where no flow shows one. */
export function pathOutOf(flows: readonly Flow[], picture: Picture | null): PathOut | null {
  if (picture === null) return null
  const ordered = flows
    .filter((one) => one.peer !== null)
    .toSorted((a, b) => steps.indexOf(b.confidence) - steps.indexOf(a.confidence))
  for (const flow of ordered) {
    const through = interfaceOf(flow, picture)
    if (through !== null) return { flow, through, gateway: gatewayOf(flow, through, picture) }
  }
  return null
}

const steps: readonly Flow['confidence'][] = ['attempt', 'link-up', 'confirmed-reachability']

function interfaceOf({ interface: name, local }: Flow, { interfaces }: Picture): NetworkInterface | null {
  const found = interfaces.find((one) =>
    name === null
      ? one.nature !== 'loopback' && one.addresses.some(({ address }) => address === local?.address)
      : rawTextKey(one.name) === rawTextKey(name),
  )
  return found ?? null
}

function gatewayOf({ family }: Flow, { index }: NetworkInterface, picture: Picture): PathOut['gateway'] {
  const best = picture.routes
    .filter((one) => one.family === family && one.prefixLength === 0 && one.interfaceIndex === index)
    .toSorted((a, b) => (a.metric ?? 0) - (b.metric ?? 0))[0]
  if (best?.gateway === undefined || best.gateway === null) return null
  return { address: best.gateway, mac: macOfGateway(best, picture.neighbours) }
}
