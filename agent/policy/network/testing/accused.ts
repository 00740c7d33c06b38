/** What tests ask of conditions: who is accused of what, in a network that differs from the good one in one thing. */
import type { NetworkInterface, Picture, Policy } from '@shoukou/protocol'
import type { ConditionSurroundings } from '../condition.ts'
import { conditionsOf } from '../conditions.ts'
import { eth0, GOOD_PICTURE, policyOf } from './pictures.ts'

export const nowhere: ConditionSurroundings = { baseline: new Set(), console: [] }
export const toConsole: ConditionSurroundings = {
  baseline: new Set(),
  console: [{ address: '10.1.0.9', port: 8444 }],
}

/** What is so, as `code response`; what is allowed is left out. */
export function accused(
  picture: Picture,
  policy: Policy = policyOf(),
  around: ConditionSurroundings = nowhere,
): string[] {
  return conditionsOf(picture, policy, around)
    .filter(({ decision }) => decision.outcome !== 'allowed')
    .map(({ code, response }) => `${code} ${response}`)
}

export function codes(picture: Picture, policy?: Policy): string[] {
  return accused(picture, policy).map((each) => each.split(' ')[0] ?? '')
}

/** The good network with one more interface, and whatever else comes with it. */
export function withAdapter(adapter: NetworkInterface, more: Partial<Picture> = {}): Picture {
  return {
    ...GOOD_PICTURE,
    ...more,
    interfaces: [...GOOD_PICTURE.interfaces, adapter],
    routes: [...GOOD_PICTURE.routes, ...(more.routes ?? [])],
    neighbours: [...GOOD_PICTURE.neighbours, ...(more.neighbours ?? [])],
  }
}

/** The good network with its own adapter changed. */
export function withOwn(more: Partial<NetworkInterface>, rest: Partial<Picture> = {}): Picture {
  const [lo] = GOOD_PICTURE.interfaces
  return { ...GOOD_PICTURE, ...rest, interfaces: lo === undefined ? [] : [lo, { ...eth0, ...more }] }
}
