/**
 * A network namespace of a test's own, entered by this thread, with a sysfs that shows it. For tests and benches: what
 * they do to the network happens there, and ends with it.
 *
 * Sockets opened and processes started by this thread meanwhile belong to it; other threads of the process do not, so
 * that files are read through the sysfs given here.
 */
import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import koffi from 'koffi'

export interface OwnNamespace {
  /** Where its sysfs is mounted. */
  readonly sys: string
  /** Runs `ip` with these words. */
  ip(words: string): void
  /** Runs lines of `ip -batch` in one process. */
  ipBatch(lines: readonly string[]): void
  /** Goes back to the namespace before; the own one ends with its last socket. */
  leave(): void
}

const CLONE_NEWNET = 0x4000_0000

/** Enters a new namespace. @throws where the kernel refuses: it takes root. */
export function enterOwnNamespace(): OwnNamespace {
  const library = koffi.load(null)
  const unshare = library.func('int unshare(int flags)')
  const setns = library.func('int setns(int fd, int type)')
  const outside = openSync('/proc/thread-self/ns/net', 'r')
  if (unshare(CLONE_NEWNET) !== 0) {
    closeSync(outside)
    throw new Error(`unshare(CLONE_NEWNET) failed with errno ${koffi.errno()}: run this as root`)
  }
  const sys = mkdtempSync(join(tmpdir(), 'shoukou-sys-'))
  execFileSync('mount', ['-t', 'sysfs', 'sysfs', sys])
  const run = (words: readonly string[], input = ''): void => {
    execFileSync('ip', words, { stdio: 'pipe', input })
  }
  run(['link', 'set', 'lo', 'up'])
  return {
    sys,
    ip: (words) => run(words.split(' ')),
    ipBatch: (lines) => run(['-batch', '-'], `${lines.join('\n')}\n`),
    leave() {
      if (setns(outside, CLONE_NEWNET) !== 0) throw new Error(`setns failed with errno ${koffi.errno()}`)
      closeSync(outside)
      execFileSync('umount', [sys])
      rmdirSync(sys)
    },
  }
}
