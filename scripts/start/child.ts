/** A child process whose output goes to a log file, and which is ended by signal and waited for. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, renameSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url))

/** A log above this is set aside at the next start. */
const logBytesMax = 16_777_216
const stopMsMax = 10_000

/** Starts a program of the project under this very Node, standard output and error going to `log`. */
export async function startChild(
  program: string,
  parameters: readonly string[],
  log: string,
): Promise<ChildProcess> {
  if (existsSync(log) && statSync(log).size > logBytesMax) renameSync(log, `${log}.1`)
  const file = await open(log, 'a', 0o600)
  try {
    // A process group of its own: a terminal's Ctrl-C reaches this process alone, which then stops them in order.
    return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...parameters], {
      cwd: projectRoot,
      stdio: ['ignore', file.fd, file.fd, 'ipc'],
      // The agent's one wait for the kernel takes a thread of libuv's four for good.
      env: { ...process.env, UV_THREADPOOL_SIZE: '8' },
      detached: true,
    })
  } finally {
    await file.close()
  }
}

/** Asks a child to end, and ends it for good where it does not. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), stopMsMax)
  await ended
  clearTimeout(timer)
}
