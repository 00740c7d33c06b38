/** The program behind a pid as a picture names it: all of /proc/PID that tells whose doing it is. Only reads. */
import type { Program, RawText } from '@shoukou/protocol'
import { parseAccount, parseCgroup } from './parse-process.ts'
import type { PictureFiles } from './picture-files-linux.ts'
import { rawOfLatin1 } from './raw-words.ts'

/** The login uid of what nobody signed in for. */
const noLogin = 4_294_967_295

export interface ProcessSeen {
  readonly pid: number
  readonly uid: number | null
  readonly name: RawText
  readonly path: RawText | null
}

/** Reads the rest about a process that was found by one of its sockets; what is not known is null. */
export function readProgram(files: PictureFiles, { pid, uid, name, path }: ProcessSeen): Program {
  const passwd = files.text('/etc/passwd')
  const { unit, container } = parseCgroup(files.text(`/proc/${pid}/cgroup`))
  const login = files.text(`/proc/${pid}/loginuid`).trim()
  const loginUid = /^\d{1,10}$/.test(login) && Number(login) !== noLogin ? Number(login) : null
  return {
    name,
    path,
    uid,
    account: uid === null ? null : textOf(parseAccount(passwd, uid)),
    sessionAccount: loginUid === null ? null : textOf(parseAccount(passwd, loginUid)),
    unit: textOf(unit),
    container: textOf(container),
    isOtherNamespace: isElsewhere(files, pid),
  }
}

/** Reads a command line, words parted by blanks; empty where there is none. */
export function readCommandLine(files: PictureFiles, pid: number): string {
  return files.text(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()
}

/** Null where it may not be looked at, or is gone. */
function isElsewhere(files: PictureFiles, pid: number): boolean | null {
  const [its, own] = [files.link(`/proc/${pid}/ns/net`), files.link('/proc/self/ns/net')]
  return its === null || own === null ? null : its !== own
}

function textOf(latin1: string | null): RawText | null {
  return latin1 === null || latin1 === '' ? null : rawOfLatin1(latin1)
}
