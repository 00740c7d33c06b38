/**
 * Appends JSON lines to a file of this machine, synced with each batch, and begins a new one at its size.
 *
 * The newest is `shoukou.jsonl`, older ones `.1`, `.2` …; the oldest goes: it was a copy, the store keeps what it told.
 */
import { open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { checkedFolder } from './checked-folder.ts'
import { encodeJson } from './encode-json.ts'
import type { JsonFileSettings } from './ports.ts'
import type { Transport } from './transport.ts'
import type { TransportParts } from './transport-parts.ts'

const fileName = 'shoukou.jsonl'
const megabyte = 1_048_576

/** Returns the way into a file. */
export function jsonFileTransport(settings: JsonFileSettings, { ownFolder }: TransportParts): Transport {
  return {
    async send(messages) {
      const folder = await checkedFolder(settings.folder, ownFolder)
      const path = join(folder, fileName)
      const lines = messages.map((message) => `${encodeJson(message)}\n`).join('')
      const size = await sizeOf(path)
      if (size > 0 && size + Buffer.byteLength(lines) > settings.fileMegabytesMax * megabyte)
        await rotate(folder, settings.filesMax)
      await append(path, lines)
      return { answer: path }
    },
  }
}

async function append(path: string, lines: string): Promise<void> {
  const file = await open(path, 'a+', 0o600)
  try {
    // A line that a power cut left half is not continued.
    const { size } = await file.stat()
    const last = Buffer.alloc(1)
    if (size > 0) await file.read(last, 0, 1, size - 1)
    await file.appendFile(size > 0 && last[0] !== 0x0a ? `\n${lines}` : lines)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function rotate(folder: string, filesMax: number): Promise<void> {
  const nameOf = (age: number): string => join(folder, age === 0 ? fileName : `${fileName}.${age}`)
  await rm(nameOf(filesMax - 1), { force: true })
  for (let age = filesMax - 2; age >= 0; age -= 1) {
    if ((await sizeOf(nameOf(age))) > 0) await rename(nameOf(age), nameOf(age + 1))
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
}
