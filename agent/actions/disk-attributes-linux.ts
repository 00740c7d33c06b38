/** Reads what the kernel says of disks in sysfs, one word at a time; null or empty where a thing is not there. */
import { readdir, readFile } from 'node:fs/promises'

/** Reads text that the kernel chose. */
export async function readWord(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'latin1')).trim()
  } catch {
    // Absent, unreadable or gone meanwhile: to the caller all three are "not known".
    return null
  }
}

/** Reads a device number, `8:16`, from the `dev` of a folder. */
export async function readNumber(folder: string): Promise<string | null> {
  const word = await readWord(`${folder}/dev`)
  return word !== null && /^\d{1,10}:\d{1,10}$/.test(word) ? word : null
}

/** Reads the names in a folder, sorted. */
export async function readNames(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort()
  } catch {
    // Most disks have no such folder, and one may be gone.
    return []
  }
}
