/** What /proc says of a process while it lives, and which account a uid is. Only reads. */
import { readFile, readlink, stat } from 'node:fs/promises'
import type { ProcessRead } from './network-kernel.ts'

const NO_SESSION = 4_294_967_295
const passwdBytesMax = 4_194_304

/** Reads a process; null where it has gone, or nothing of it may be read. */
export async function readProcess(pid: number, proc = '/proc'): Promise<ProcessRead | null> {
  const folder = `${proc}/${pid}`
  const [path, login, cgroup] = await Promise.all([
    orNull(readlink(`${folder}/exe`, { encoding: 'buffer' })),
    orNull(readFile(`${folder}/loginuid`, 'latin1')),
    orNull(readFile(`${folder}/cgroup`, 'utf8')),
  ])
  if (path === null && login === null && cgroup === null) return null
  const loginUid = login !== null && /^\d{1,10}\s*$/.test(login) ? Number(login) : null
  return {
    path,
    loginUid: loginUid === NO_SESSION ? null : loginUid,
    cgroup: cgroup === null ? null : unifiedPath(cgroup),
  }
}

/** The path in the unified hierarchy; systemd's own where there is only that. */
function unifiedPath(text: string): string | null {
  const lines = text.split('\n')
  const line =
    lines.find((each) => each.startsWith('0::')) ?? lines.find((each) => each.includes(':name=systemd:'))
  return line?.split(':').slice(2).join(':') ?? null
}

/** Account names by uid, from the password file; read again when it has changed. */
export class Accounts {
  readonly #path: string
  #names = new Map<number, string>()
  #mark = ''

  constructor(path = '/etc/passwd') {
    this.#path = path
  }

  async nameOf(uid: number): Promise<string | null> {
    try {
      const { mtimeMs, size, ino } = await stat(this.#path)
      const mark = `${mtimeMs} ${size} ${ino}`
      if (mark !== this.#mark && size <= passwdBytesMax) {
        this.#names = parsePasswd(await readFile(this.#path, 'utf8'))
        this.#mark = mark
      }
    } catch (fault) {
      // No password file: accounts are numbers, as the kernel has them.
      if (!(fault instanceof Error && 'code' in fault)) throw fault
    }
    return this.#names.get(uid) ?? null
  }
}

function parsePasswd(text: string): Map<number, string> {
  const names = new Map<number, string>()
  for (const line of text.split('\n')) {
    const [name, , uid] = line.split(':')
    if (name === undefined || name === '' || uid === undefined || !/^\d{1,10}$/.test(uid)) continue
    if (!names.has(Number(uid))) names.set(Number(uid), name)
  }
  return names
}

async function orNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading
  } catch (fault) {
    // Gone by now, or not ours to read.
    if (fault instanceof Error && 'code' in fault) return null
    throw fault
  }
}
