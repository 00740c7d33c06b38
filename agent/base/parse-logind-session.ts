/**
 * A session as systemd-logind keeps it in /run/systemd/sessions: one file each, `KEY=value` by line. Pure, never throws.
 *
 * Hosts and displays stand there escaped by logind itself, and are left so.
 */
export interface LogindSession {
  /** logind's own name of it, which is the file's: `3`, `c2`. */
  readonly name: string
  readonly user: Buffer
  readonly uid: number | null
  /** `user` is a person's; `greeter`, `background`, `manager` are not. */
  readonly class: string
  /** `closing`: over, while programs of it still run. */
  readonly state: string
  readonly isActive: boolean
  readonly isRemote: boolean
  /** `x11`, `wayland`, `tty` … */
  readonly type: string
  readonly line: Buffer | null
  readonly seat: Buffer | null
  readonly remoteHost: Buffer | null
  /** When it began, Unix ms; null where it is not said. */
  readonly beganWallMs: number | null
}

/** Returns the session; null where it names nobody. */
export function parseLogindSession(name: string, bytes: Buffer): LogindSession | null {
  const fields = new Map<string, Buffer>()
  for (const text of bytes.toString('latin1').split('\n')) {
    const at = text.indexOf('=')
    if (at > 0) fields.set(text.slice(0, at), Buffer.from(text.slice(at + 1), 'latin1'))
  }
  const user = fields.get('USER')
  if (user === undefined || user.length === 0) return null
  const word = (key: string): string => fields.get(key)?.toString('latin1') ?? ''
  const said = (key: string): Buffer | null => {
    const value = fields.get(key)
    return value === undefined || value.length === 0 ? null : value
  }
  return {
    ...{ name, user },
    uid: numberOf(word('UID'), 0xffff_fffe),
    class: word('CLASS'),
    state: word('STATE'),
    isActive: word('ACTIVE') === '1',
    isRemote: word('REMOTE') === '1',
    type: word('TYPE'),
    line: said('TTY') ?? said('DISPLAY'),
    seat: said('SEAT'),
    remoteHost: said('REMOTE_HOST'),
    beganWallMs: toMs(numberOf(word('REALTIME'), Number.MAX_SAFE_INTEGER)),
  }
}

function numberOf(text: string, max: number): number | null {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  return value <= max ? value : null
}

function toMs(micros: number | null): number | null {
  return micros === null ? null : Math.floor(micros / 1_000)
}
