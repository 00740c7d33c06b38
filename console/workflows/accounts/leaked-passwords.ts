/**
 * Passwords that leaked anywhere, as a file that the unit brings in by medium: `leaked-passwords.txt` in the data folder,
 * a line `SHA-1[:count]` in capitals for each, sorted, as such lists are published. Looked through by halves, so that
 * tens of gigabytes cost some forty short reads. Without the file there is only what a password itself tells.
 *
 * SHA-1 because the lists are of it: it finds a known password here, and protects nothing.
 */
import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { ShoukouError } from '@shoukou/protocol'

export const LEAKED_FILE = 'leaked-passwords.txt'

export interface LeakedPasswords {
  /** Reports whether a password stands in the list; false where there is no list. */
  has(password: string): Promise<boolean>
}

/** A hash, a colon, a count and the end of the line, with room to spare. */
const lineBytesMax = 80
const hashCharacters = 40

/** Opens the list at each question: it may be brought, and exchanged, while the console runs. */
export function leakedPasswordsAt(path: string): LeakedPasswords {
  return {
    has: async (password) => {
      const file = await openIfThere(path)
      if (file === null) return false
      try {
        const { size } = await file.stat()
        return await isInList(file, size, hashOf(password))
      } finally {
        await file.close()
      }
    },
  }
}

/** @throws ShoukouError `config-invalid` where a line is none of such a list. */
async function isInList(file: FileHandle, size: number, sought: string): Promise<boolean> {
  // Lines that begin at or after `low` and before `high` are left.
  let low = 0
  let high = size
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const line = await lineFrom(file, middle, size)
    if (line === null || line.start >= high) {
      high = middle
      continue
    }
    if (line.hash === sought) return true
    if (line.hash < sought) low = line.start + 1
    else high = middle
  }
  return false
}

/** Reads the first line that begins at a place or after it; null where there is none. */
async function lineFrom(
  file: FileHandle,
  place: number,
  size: number,
): Promise<{ readonly start: number; readonly hash: string } | null> {
  // From the byte before: it tells whether a line begins right here.
  const from = Math.max(0, place - 1)
  const bytes = Buffer.alloc(Math.min(2 * lineBytesMax, size - from))
  await file.read(bytes, 0, bytes.length, from)
  const end = place === 0 ? -1 : bytes.indexOf(0x0a)
  const start = from + end + 1
  if (place > 0 && end < 0 && bytes.length === 2 * lineBytesMax) throw notAList()
  if ((place > 0 && end < 0) || start >= size) return null
  const hash = bytes.toString('latin1', end + 1, end + 1 + hashCharacters)
  if (!/^[0-9A-F]{40}$/.test(hash)) throw notAList()
  return { start, hash }
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function hashOf(password: string): string {
  return createHash('sha1').update(password.normalize('NFC'), 'utf8').digest('hex').toUpperCase()
}

function notAList(): ShoukouError {
  return new ShoukouError(
    'config-invalid',
    `${LEAKED_FILE} is no sorted list of SHA-1 values in capitals, a line each; bring such a list or take the file away.`,
  )
}
