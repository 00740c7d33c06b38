/** Whether what is plugged in is the medium whose number it bears: pure. */
import type { SeenMedium } from '../../api/contract-media.ts'

/** Reports whether the number is only what it says of itself: a suspected clone, not the registered medium. */
export function isOnlyClaim({ number, rule }: Pick<SeenMedium, 'number' | 'rule'>): boolean {
  return number !== null && rule === 'media-identity-mismatch'
}

/** Reports whether it is taken for the registered medium of this number. */
export function isMedium(seen: Pick<SeenMedium, 'number' | 'rule'>, number: string): boolean {
  return seen.number === number && !isOnlyClaim(seen)
}
