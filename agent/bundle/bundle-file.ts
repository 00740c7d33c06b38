/**
 * Puts a bundle onto a medium: written beside under a name of its own, synced, renamed. A full medium, a pulled one, an
 * interrupted run leave nothing that looks like a bundle, and nothing that was there is ever overwritten.
 */
import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isErrno, syncFolder } from '../base/atomic-file.ts'

/**
 * Returns the name of a bundle's file. Of the computer's number only letters, digits and hyphens are used, so that no
 * number names another folder.
 */
export function bundleFileName(computer: string, number: number, bundle: string): string {
  const plain = computer.replaceAll(/[^A-Za-z0-9-]/g, '').slice(0, 32)
  const id = bundle.replaceAll(/[^0-9a-f]/g, '').slice(0, 8)
  return `shoukou-${plain === '' ? 'computer' : plain}-${String(number).padStart(6, '0')}-${id}.skb`
}

/**
 * Writes a file whole or not at all; returns its path.
 *
 * @throws the system's error: `EEXIST` where the name is taken, `ENOSPC` where the medium is full, and so on.
 */
export async function writeWhole(
  folder: string,
  name: string,
  parts: AsyncIterable<Buffer>,
  onBytes: (written: number) => void = () => {},
): Promise<string> {
  const path = join(folder, name)
  const beside = join(folder, `.${name}.${randomBytes(4).toString('hex')}.tmp`)
  // Claims the name: a rename would go over a file of the same name without a word, and FAT has no hard links.
  const claim = await open(path, 'wx', 0o600)
  await claim.close()
  try {
    await writeSynced(beside, parts, onBytes)
    await rename(beside, path)
  } catch (fault) {
    await rm(beside, { force: true })
    await rm(path, { force: true })
    throw fault
  }
  await syncFolderWhereItCan(folder)
  return path
}

async function writeSynced(
  path: string,
  parts: AsyncIterable<Buffer>,
  onBytes: (written: number) => void,
): Promise<void> {
  const handle = await open(path, 'wx', 0o600)
  let written = 0
  try {
    for await (const part of parts) {
      await handle.writeFile(part)
      written += part.length
      onBytes(written)
    }
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Some file systems of media (exFAT by FUSE) can't sync a folder: the file itself is on the medium by then. */
async function syncFolderWhereItCan(folder: string): Promise<void> {
  try {
    await syncFolder(folder)
  } catch (fault) {
    if (!isErrno(fault, 'EINVAL', 'ENOTSUP', 'EBADF')) throw fault
  }
}
