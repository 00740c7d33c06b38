/** A span as a clock shows it: days, and hours, minutes, seconds. Pure. */

/** `{ days: 2, clock: '03:04:05' }`; below two days all of it in hours, as the law counts its 24. Of what is over: how long. */
export function timeSpan(ms: number): { readonly days: number; readonly clock: string } {
  const seconds = Math.floor(Math.abs(ms) / 1_000)
  const days = seconds >= 2 * 86_400 ? Math.floor(seconds / 86_400) : 0
  const rest = seconds - days * 86_400
  const two = (value: number) => String(value).padStart(2, '0')
  return {
    days,
    clock: [Math.floor(rest / 3_600), Math.floor(rest / 60) % 60, rest % 60].map(two).join(':'),
  }
}
