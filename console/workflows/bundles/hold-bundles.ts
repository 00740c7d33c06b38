/**
 * Bundles that are good and came before the records in front of them: kept until those are here. A file's name is its own
 * hash, so that nothing of its content names a place.
 */
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ReceivedFile } from './receive-file.ts'

const HELD_FILES_MAX = 32
const HELD_BYTES_MAX = 4_294_967_296
const heldPattern = /^[0-9a-f]{64}\.skb$/

/** Keeps a file; false where there is no room for it, then it stays where it is. */
export async function holdFile(folder: string, file: ReceivedFile): Promise<boolean> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const names = (await readdir(folder)).filter((name) => heldPattern.test(name))
  if (names.includes(nameOf(file.hash))) return true
  let bytes = file.bytes
  for (const name of names) bytes += (await stat(join(folder, name))).size
  if (names.length >= HELD_FILES_MAX || bytes > HELD_BYTES_MAX) return false
  await rename(file.path, heldPath(folder, file.hash))
  return true
}

/** The place of a held file, by the hash that this console computed. */
export function heldPath(folder: string, hash: string): string {
  return join(folder, nameOf(hash))
}

export async function letGo(folder: string, hash: string): Promise<void> {
  await rm(heldPath(folder, hash), { force: true })
}

function nameOf(hash: string): string {
  if (!/^[0-9a-f]{64}$/.test(hash)) throw new Error('not a hash')
  return `${hash}.skb`
}
