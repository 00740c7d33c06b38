/** Times at the head of log lines, as rsyslog, syslog-ng and journald write them. Pure but for the process's time zone. */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const dayMs = 86_400_000
const isoTime = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?/
const oldTime = /^([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.\d+)?/

export interface TimedText {
  readonly wallMs: number | null
  /** What follows the time. */
  readonly rest: string
}

/**
 * Reads the time that a line begins with. The old form has no year: it is the latest that does not lie after
 * `notAfterMs`, when the file was last written.
 */
export function takeLogTime(line: string, notAfterMs: number): TimedText {
  const iso = isoTime.exec(line)?.[0]
  if (iso !== undefined) {
    const parsed = Date.parse(
      iso
        .replace(' ', 'T')
        .replace(',', '.')
        .replace(/([+-]\d\d)(\d\d)$/, '$1:$2'),
    )
    return { wallMs: Number.isNaN(parsed) ? null : parsed, rest: line.slice(iso.length).trimStart() }
  }
  const old = oldTime.exec(line)
  const month = MONTHS.indexOf(old?.[1] ?? '')
  if (old === null || month < 0) return { wallMs: null, rest: line }
  const [day, hour, minute, second] = old.slice(2, 6).map(Number)
  const rest = line.slice(old[0].length).trimStart()
  const latest = new Date(notAfterMs).getFullYear()
  for (const year of [latest + 1, latest, latest - 1]) {
    const atMs = new Date(year, month, day, hour, minute, second).getTime()
    if (atMs <= notAfterMs + dayMs) return { wallMs: atMs, rest }
  }
  return { wallMs: null, rest }
}
