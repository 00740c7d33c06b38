import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { isErrno } from '../base/atomic-file.ts'

const program = fileURLToPath(new URL('../testing/pause-child.ts', import.meta.url))

interface Told {
  readonly kind: string
  readonly cause?: string
  readonly pausedMs?: number
}

async function startChild(): Promise<{
  child: ChildProcess
  told: Told[]
  until: (kind: string) => Promise<Told>
}> {
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(async () => {
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
  })
  const told: Told[] = []
  if (child.stdout === null) throw new Error('the child has an output')
  createInterface(child.stdout).on('line', (line) => told.push(JSON.parse(line) as Told))
  const until = async (kind: string): Promise<Told> => {
    for (let tries = 0; tries < 600; tries += 1) {
      const found = told.find((one) => one.kind === kind)
      if (found !== undefined) return found
      await sleep(50)
    }
    throw new Error(`the child did not tell ${kind}`)
  }
  await until('ready')
  return { child, told, until }
}

it('a process that was stopped and continued by signals tells it, and for how long', async () => {
  const { child, until } = await startChild()
  child.kill('SIGSTOP')
  await sleep(1_500)
  child.kill('SIGCONT')
  const told = await until('agent.paused')
  expect(told).toMatchObject({ cause: 'stop-signal' })
  expect(told.pausedMs).toBeGreaterThan(1_300)
}, 40_000)

it('a process that is busy, and gets a signal to go on, tells nothing', async () => {
  const { child, told, until } = await startChild()
  child.stdin?.write('2500')
  child.kill('SIGCONT')
  await until('was-busy')
  await sleep(1_500)
  expect(told.filter(({ kind }) => kind === 'agent.paused')).toEqual([])
}, 40_000)

it('a frozen cgroup is a pause that nothing explains, on a kernel that freezes; elsewhere it can’t be tried', async () => {
  const { child, until } = await startChild()
  const frozen = await freeze(child.pid ?? 0, 3_500)
  if (!frozen) return expect(await freezers()).toBe(false)
  expect(await until('agent.paused')).toMatchObject({ cause: 'unexplained' })
}, 40_000)

const group = `/sys/fs/cgroup/shoukou-test-${process.pid}`

async function freezers(): Promise<boolean> {
  return await freeze(0, 0)
}

/** Freezes a process for a while by a group of its own; false where this computer lets nobody. */
async function freeze(pid: number, ms: number): Promise<boolean> {
  try {
    await readFile('/sys/fs/cgroup/cgroup.controllers')
    await mkdir(group)
  } catch (fault) {
    if (isErrno(fault, 'ENOENT', 'EACCES', 'EROFS', 'EPERM')) return false
    throw fault
  }
  try {
    if (pid === 0) return true
    const own = /^0::(.*)$/m.exec(await readFile(`/proc/${pid}/cgroup`, 'latin1'))?.[1] ?? '/'
    await writeFile(`${group}/cgroup.procs`, String(pid))
    await writeFile(`${group}/cgroup.freeze`, '1')
    await sleep(ms)
    await writeFile(`${group}/cgroup.freeze`, '0')
    await writeFile(`/sys/fs/cgroup${own}/cgroup.procs`, String(pid))
    return true
  } finally {
    await rmdir(group)
  }
}
