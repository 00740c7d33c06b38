/**
 * Boots the lab's guest: a Linux kernel of its own, with a USB bus that the test plugs things into, one network peer
 * (the console on the host's loopback) and a channel for commands. Everything of it ends with its `await using`.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  connectGuestCommands,
  type GuestCommands,
  type GuestResult,
  type RunOptions,
} from '../support/guest-commands.ts'
import { connectQmp, type Qmp } from '../support/qmp.ts'
import { waitFor } from '../support/wait-for.ts'
import { ensureGuestImage } from './guest-image.ts'
import { qemuArguments } from './qemu-arguments.ts'
import { createUsbPorts, type UsbPorts } from './usb-ports.ts'

const run = promisify(execFile)

export interface GuestOptions {
  /** Ports of the host's loopback that the guest may reach as 10.0.2.100, each under the same number. */
  readonly consolePorts?: readonly number[]
  /** A host folder whose copy stands read-only at /agent in the guest. */
  readonly agentFolder?: string
  /** A host folder that stands at /host in the guest, written by both. Left out, an own one: `guest.share`. */
  readonly share?: string
  readonly memoryMb?: number
  readonly cpus?: number
  /**
   * QEMU's store of translated code, MB. A small one is thrown away over and over while a program as large as Node
   * runs; the leftovers of a large one slow the boot after a reset down, up to 30 s. Left out, large.
   */
  readonly translationMb?: number
  /** More arguments for QEMU: hardware that can't be plugged while it runs. */
  readonly qemu?: readonly string[]
  readonly say?: (line: string) => void
}

export interface Guest extends UsbPorts, AsyncDisposable {
  readonly share: string
  /** The host's end of the port that `startWatcher` uses. */
  readonly watcherSocket: string
  /** From the start of QEMU to the first command that could run. */
  readonly bootMs: number
  readonly qmp: Qmp
  /** Runs a `sh` script in the guest; throws when it does not end with 0. */
  run(script: string, options?: RunOptions): Promise<GuestResult>
  /**
   * Pulls the plug and boots again: the guest's memory is gone, its disks are as they were at that moment (also
   * /var/lib/shoukou, the disk for the agent's state). Returns the milliseconds until commands can be run again.
   */
  reset(): Promise<number>
  /** Returns the last lines of the guest's console. */
  readSerialTail(): Promise<string>
}

/**
 * Node in the guest, from the agent's folder. Compiled code is kept on the state's disk: half of a start on emulated
 * processors would be compiling.
 */
export const GUEST_NODE = 'env NODE_COMPILE_CACHE=/var/lib/shoukou/compile-cache /agent/node'

const BOOT_TIMEOUT_MS = 180_000
const STATE_DISK_BYTES = 512 * 1024 * 1024
const SERIAL_TAIL_LINES = 40
const QUIT_TIMEOUT_MS = 3_000
const NONE = 'no failure'

/** Boots a guest. Its folder under the temporary folder is kept when SHOUKOU_LAB_KEEP is set. */
export async function bootGuest(options: GuestOptions = {}): Promise<Guest> {
  const say = options.say ?? ((line: string) => console.log(line))
  const image = await ensureGuestImage(say)
  await using undo = new AsyncDisposableStack()

  const folder = await mkdtemp(join(tmpdir(), 'shoukou-lab-'))
  undo.defer(async () => {
    if (process.env['SHOUKOU_LAB_KEEP'] === undefined) await rm(folder, { recursive: true, force: true })
    else say(`lab: kept ${folder}`)
  })
  const at = (name: string) => join(folder, name)
  const share = options.share ?? at('share')
  await mkdir(share, { recursive: true })
  await makeFileSystem(at('state.img'), STATE_DISK_BYTES)
  if (options.agentFolder !== undefined) await makeFileSystemOf(options.agentFolder, at('agent.img'))

  const startedAt = performance.now()
  const qemu = startQemu(
    qemuArguments({
      kernel: image.kernel,
      initialRamDisk: image.initialRamDisk,
      rootDisk: image.rootDisk,
      stateDisk: at('state.img'),
      agentDisk: options.agentFolder === undefined ? undefined : at('agent.img'),
      share,
      qmpSocket: at('qmp.sock'),
      commandSocket: at('commands.sock'),
      watcherSocket: at('watcher.sock'),
      serialLog: at('serial.log'),
      consolePorts: options.consolePorts ?? [],
      memoryMb: options.memoryMb ?? 1024,
      cpus: options.cpus ?? 2,
      translationMb: options.translationMb ?? 512,
      extra: options.qemu ?? [],
    }),
  )
  undo.use(qemu)

  const readSerialTail = async () => {
    const text = await readFile(at('serial.log'), 'utf8').catch(() => '(the guest wrote nothing)')
    return `${qemu.readErrors()}${text.trimEnd().split('\n').slice(-SERIAL_TAIL_LINES).join('\n')}`
  }

  const connected = Promise.race([connectQmp(at('qmp.sock'), 30_000), qemu.failure])
  const qmp = undo.use(await connected.catch(addTail(readSerialTail)))
  const commands = undo.use(await connectGuestCommands(at('commands.sock'), 30_000))
  await waitUntilUp(commands, qemu, at('serial.log')).catch(addTail(readSerialTail))
  const bootMs = Math.round(performance.now() - startedAt)
  say(`lab: the guest is up after ${bootMs} ms`)

  const usb = createUsbPorts({ qmp, emptyStick: image.emptyStick, folder })
  const whole = undo.move()
  return {
    ...usb,
    share,
    watcherSocket: at('watcher.sock'),
    bootMs,
    qmp,
    run: (script, runOptions) => commands.run(script, runOptions),
    async reset() {
      const resetAt = performance.now()
      const wasReset = qmp.nextEvent('RESET', (event) => event.name === 'RESET', 30_000)
      await Promise.all([wasReset, qmp.execute('system_reset')])
      commands.abandon('the guest was reset')
      await waitUntilUp(commands, qemu, at('serial.log')).catch(addTail(readSerialTail))
      return Math.round(performance.now() - resetAt)
    },
    readSerialTail,
    [Symbol.asyncDispose]: () => whole.disposeAsync(),
  }
}

interface Qemu extends AsyncDisposable {
  /** Rejects when QEMU ends, whatever the reason. */
  readonly failure: Promise<never>
  readonly hasEnded: () => boolean
  readonly readErrors: () => string
}

function startQemu(args: string[]): Qemu {
  // setpriv, then QEMU under the same process id: it dies with this process, however this one ends.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors = (errors + chunk).slice(-4000)
  })
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      errors += String(error)
      resolve()
    })
    child.once('close', () => resolve())
  })
  const failure = ended.then(() => Promise.reject(new Error('QEMU has ended')))
  failure.catch(() => undefined) // of interest only while something waits for QEMU
  return {
    failure,
    hasEnded: () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null,
    readErrors: () => errors,
    [Symbol.asyncDispose]: () => end(child, ended),
  }
}

async function end(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), QUIT_TIMEOUT_MS)
  await ended
  clearTimeout(timer)
}

async function waitUntilUp(commands: GuestCommands, qemu: Qemu, serialLog: string): Promise<void> {
  const failure = await waitFor(
    async () => {
      if (qemu.hasEnded()) return 'QEMU has ended'
      const said = findFailure(await readFile(serialLog, 'latin1').catch(() => ''))
      if (said !== undefined) return said
      await commands.waitUntilReady(2_000)
      return NONE
    },
    { what: 'the guest to boot', timeoutMs: BOOT_TIMEOUT_MS, everyMs: 10 },
  )
  if (failure !== NONE) throw new Error(`the guest did not boot: ${failure}`)
}

function findFailure(serial: string): string | undefined {
  return /Kernel panic.*|early-init: .*|.*IS MISSING/.exec(serial)?.[0]
}

function addTail(readTail: () => Promise<string>): (cause: unknown) => Promise<never> {
  return async (cause) => {
    throw new Error(`${cause instanceof Error ? cause.message : String(cause)}\n${await readTail()}`, {
      cause,
    })
  }
}

async function makeFileSystem(path: string, bytes: number): Promise<void> {
  await writeFile(path, '')
  await truncate(path, bytes)
  await run('mkfs.ext4', ['-q', '-F', '-E', 'lazy_itable_init=1', path])
}

/** Writes the folder as a file system without journal: the guest reads it faster than through the shared folder. */
async function makeFileSystemOf(folder: string, path: string): Promise<void> {
  const { stdout } = await run('du', ['-sk', folder])
  await writeFile(path, '')
  await truncate(path, (Math.ceil(Number.parseInt(stdout, 10) * 1.1) + 8192) * 1024)
  await run('mkfs.ext4', ['-q', '-F', '-O', '^has_journal', '-d', folder, path])
}
