/** Which daily keys a ceiling vouches for, and when. Pure. */
import type { Ceiling } from './shapes.ts'
import { pemOfPublicKey, publicKeyText } from './signatures.ts'

/** A day: how far a computer's clock may be ahead before a key counts as over. */
export const DAILY_KEY_LATE_MS_MAX = 86_400_000

/** Every daily key of a ceiling as SPKI PEM, whatever its span: what was signed in time stays signed. */
export function dailyKeyPems({ dailyKeys }: Ceiling): string[] {
  return dailyKeys.flatMap(({ publicKey }) => pemOfPublicKey(publicKey) ?? [])
}

/**
 * Reports whether a ceiling vouches for what a daily key (SPKI PEM) signed: it says that it was issued in the key's span, and
 * by this computer's own clock the span is not long over. The clock's lower side is left alone on purpose: one that a
 * dead battery set back must not shut out the unit's own policies; that it went back is told by itself.
 */
export function vouchesFor(
  ceiling: Ceiling,
  keyPem: string,
  { issuedAtMs, nowMs }: { readonly issuedAtMs: number; readonly nowMs: number },
): boolean {
  const text = publicKeyText(keyPem)
  return ceiling.dailyKeys.some(
    ({ publicKey, fromMs, untilMs }) =>
      publicKey === text &&
      fromMs <= issuedAtMs &&
      issuedAtMs <= untilMs &&
      nowMs <= untilMs + DAILY_KEY_LATE_MS_MAX,
  )
}
