/** Reads a small file of the kernel's as text; null where it is not there. */
import { readFile } from 'node:fs/promises'

export async function readWholeFile(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'ENOENT') return null
    throw fault
  }
}
