/**
 * The two halves of the passphrase of backups: each known to one person, none of whom opens a backup alone. Put together here
 * and stretched by `seal-keys.ts`; never stored, never in a log. Pure.
 */
import { ShoukouError } from '@shoukou/protocol'
import type { PassphraseHalves } from './ports.ts'

/** Each holds alone against whoever knows the other one and finds a backup. */
export const HALF_CHARACTERS_MIN = 12
export const HALF_CHARACTERS_MAX = 400

/**
 * Returns what both halves are together, for a key to be derived from: no two pairs give the same. NFC: a half typed on another
 * keyboard is the same half.
 *
 * @throws ShoukouError `password-too-weak` where a half is too short or too long, or both are one.
 */
export function joinHalves(halves: PassphraseHalves): string {
  const first = halves.first.normalize('NFC')
  const second = halves.second.normalize('NFC')
  for (const { length } of [first, second]) {
    if (length < HALF_CHARACTERS_MIN || length > HALF_CHARACTERS_MAX) {
      throw new ShoukouError(
        'password-too-weak',
        `Each half of the passphrase has ${HALF_CHARACTERS_MIN} to ${HALF_CHARACTERS_MAX} characters; several words are best.`,
      )
    }
  }
  if (first === second)
    throw new ShoukouError(
      'password-too-weak',
      'The two halves are the same: each person chooses an own one.',
    )
  return `shoukou.halves.v1\0${first.length}\0${first}\0${second}`
}
