/**
 * A kernel uevent's bytes to values. Pure.
 *
 * Texts hold one character per byte (Latin-1): nothing a device wrote into them is lost. Layout: kernel,
 * lib/kobject_uevent.c: `ACTION@DEVPATH`, then `KEY=value`, each ended by a zero byte.
 */
export interface Uevent {
  readonly action: string
  /** Below the sysfs root, with a leading slash. */
  readonly devpath: string
  readonly subsystem: string
  readonly devtype: string | null
  /** The kernel's running number of uevents; 0 where it named none. */
  readonly seqnum: number
  readonly fields: ReadonlyMap<string, string>
}

const fieldsMax = 256

/** Returns null where the bytes are not a kernel uevent (udev's own, or nonsense). */
export function parseUevent(bytes: Uint8Array): Uevent | null {
  const parts = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1').split('\0')
  const header = parts[0] ?? ''
  const at = header.indexOf('@')
  if (at <= 0) return null
  const fields = new Map<string, string>()
  for (const part of parts.slice(1, fieldsMax + 1)) {
    const equals = part.indexOf('=')
    if (equals > 0) fields.set(part.slice(0, equals), part.slice(equals + 1))
  }
  const action = fields.get('ACTION')
  const devpath = fields.get('DEVPATH')
  const subsystem = fields.get('SUBSYSTEM')
  if (action === undefined || devpath === undefined || subsystem === undefined) return null
  if (header !== `${action}@${devpath}`) return null
  return {
    action,
    devpath,
    subsystem,
    devtype: fields.get('DEVTYPE') ?? null,
    seqnum: Number(fields.get('SEQNUM') ?? 0) || 0,
    fields,
  }
}
