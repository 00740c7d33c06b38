/**
 * The check digit of what is read out over a telephone: H. Michael Damm's (2004), which finds every single wrong digit
 * and every swap of two neighbours. It guards against slips, not against people. Pure.
 */

/** The quasigroup of order 10 of Damm's thesis: weakly totally anti-symmetric, zeros on the diagonal. */
const QUASIGROUP = [
  '0317598642',
  '7092154863',
  '4206871359',
  '1750983426',
  '6123045978',
  '3674209581',
  '5869720134',
  '8945362017',
  '9438617205',
  '2581436790',
] as const

/** Returns the digit that goes after `digits`. */
export function checkDigitOf(digits: string): string {
  let interim = 0
  for (const digit of digits) interim = Number(QUASIGROUP[interim]?.[Number(digit)])
  return String(interim)
}

/** Reports whether digits end with their own check digit. */
export function hasCheckDigit(digits: string): boolean {
  return /^\d{2,}$/.test(digits) && checkDigitOf(digits) === '0'
}

/** Returns the digits of what was typed: spaces and dashes go, full-width digits of a Chinese keyboard count. */
export function typedDigits(text: string): string | null {
  if (text.length > 80) return null
  const plain = text
    .replace(/[\uff10-\uff19]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0))
    .replace(/[\s\u3000\u2010-\u2015\uff0d-]/g, '')
  return /^\d+$/.test(plain) ? plain : null
}

/** Writes digits in groups of four, as they are read out. */
export function inGroups(digits: string): string {
  return digits.match(/.{1,4}/g)?.join(' ') ?? ''
}
