/** ASVS V10 and V17: whole chapters on what is not here. */

import { HELD_OF_LEVEL_3, LEVELS_BY_SECTION } from './levels.ts'
import { absent, type Requirement } from './requirement.ts'

/** Each requirement of a chapter that is held to, with one reason. */
function whole(chapter: string, what: string, why: string): Requirement[] {
  return Object.entries(LEVELS_BY_SECTION)
    .filter(([section]) => section.startsWith(`${chapter}.`))
    .flatMap(([section, digits]) =>
      Array.from(digits, (digit, at) => ({ id: `${section}.${at + 1}`, level: Number(digit) })),
    )
    .filter(({ id, level }) => level < 3 || HELD_OF_LEVEL_3.includes(id))
    .map(({ id }) => absent(id, what, why))
}

export const V10 = whole(
  '10',
  'OAuth and OpenID Connect',
  'Neither client nor server of OAuth or OIDC: accounts are the console’s own, on a network of its own.',
)

export const V17 = whole('17', 'WebRTC', 'No TURN server, no media, no signalling: nothing speaks WebRTC.')
