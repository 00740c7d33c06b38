/** Reads single attributes of sysfs: bytes, text or number; null where an attribute is not there or can't be read. */
import { readFile, readlink, realpath } from 'node:fs/promises'
import { type RawText, rawTextOf } from '@shoukou/protocol'

/** Reads an attribute's bytes without the line feed that the kernel adds. */
export async function readAttribute(path: string | Buffer): Promise<Buffer | null> {
  try {
    const bytes = await readFile(path)
    return bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes
  } catch {
    // Absent, unreadable or gone meanwhile: to the caller all three are "not known".
    return null
  }
}

/** Reads text that a device chose; null where it is absent or empty. */
export async function readRawText(path: string | Buffer): Promise<RawText | null> {
  const bytes = await readAttribute(path)
  return bytes === null || bytes.length === 0 ? null : rawTextOf(bytes)
}

/** Reads text that the kernel chose. */
export async function readWord(path: string | Buffer): Promise<string | null> {
  const bytes = await readAttribute(path)
  return bytes === null ? null : bytes.toString('latin1').trim()
}

/** Reads a decimal number of at least 0. */
export async function readCount(path: string | Buffer): Promise<number | null> {
  const word = await readWord(path)
  if (word === null || !/^\d{1,15}$/.test(word)) return null
  return Number(word)
}

/** Reads a link's last part: the driver, the subsystem. */
export async function readLinkName(path: string | Buffer): Promise<string | null> {
  try {
    return (await readlink(path)).split('/').at(-1) ?? null
  } catch {
    return null
  }
}

/** Reads where a path leads in the end. */
export async function readRealPath(path: string | Buffer): Promise<string | null> {
  try {
    return await realpath(path)
  } catch {
    return null
  }
}
