/**
 * For tests of the device guard: a cgroup of their own in this kernel's cgroup2 tree, a BPF file system, loop devices as
 * disks, and children that live in the cgroup. Nothing outside of it is ever guarded.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { needRoot } from '../../sensors/testing/recording-context.ts'
import { deviceNumberOf } from '../device-number.ts'

export interface TestDisk {
  /** `/dev/loop0` */
  readonly path: string
  /** `7:0` */
  readonly number: string
}

export interface WaitingChild {
  readonly pid: number
  /** Lets it go on; returns its exit code. */
  go(): Promise<number | null>
}

export class GuardedCgroup {
  readonly folder: string
  readonly cgroup: string
  readonly pins: string
  readonly #mounts: string[] = []
  readonly #disks: string[] = []
  readonly #children: ChildProcess[] = []

  constructor() {
    needRoot()
    this.folder = mkdtempSync(join(tmpdir(), 'shoukou-guard-'))
    const tree = this.#mount('cgroup2', 'cgroup')
    const bpf = this.#mount('bpf', 'bpf')
    this.cgroup = join(tree, `shoukou-test-${process.pid}-${this.folder.slice(-6)}`)
    this.pins = join(bpf, 'shoukou')
    mkdirSync(this.cgroup)
  }

  /** Makes a disk of 8 MiB that begins with the given bytes. */
  addDisk(content: Buffer | string = 'bytes that must not be read'): TestDisk {
    const image = join(this.folder, `disk-${this.#disks.length}`)
    writeFileSync(image, content)
    truncateSync(image, 8 * 1024 * 1024)
    const path = execFileSync('losetup', ['--find', '--show', image], { encoding: 'utf8' }).trim()
    this.#disks.push(path)
    return { path, number: deviceNumberOf(statSync(path, { bigint: true }).rdev) }
  }

  /** Runs a command in the cgroup; returns its exit code and all it said. */
  run(...command: readonly string[]): { readonly code: number | null; readonly said: string } {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', enter, this.cgroup, ...command], {
      encoding: 'utf8',
      timeout: 20_000,
    })
    return { code: status, said: `${stdout}${stderr}` }
  }

  /** Reads 16 bytes in the cgroup: `read`, or what the kernel said. */
  read(path: string): string {
    const { code, said } = this.run('dd', `if=${path}`, 'of=/dev/null', 'bs=16', 'count=1', 'status=none')
    return code === 0 ? 'read' : (said.trim().split(': ').at(-1) ?? '')
  }

  /** Opens for writing in the cgroup, writing nothing. */
  write(path: string): string {
    const { code, said } = this.run('dd', 'if=/dev/null', `of=${path}`, 'conv=notrunc', 'status=none')
    return code === 0 ? 'written' : (said.trim().split(': ').at(-1) ?? '')
  }

  /**
   * Starts a shell in the cgroup that says `ready` after the first script, and runs the second, under the same process
   * id, when told to.
   */
  async start(before: string, after: string): Promise<WaitingChild> {
    const script = `echo $$ > "$0/cgroup.procs" && ${before} && echo ready && read go && ${after}`
    const child = spawn('sh', ['-c', script, this.cgroup], { stdio: ['pipe', 'pipe', 'ignore'] })
    this.#children.push(child)
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    await once(child.stdout, 'data')
    if (child.pid === undefined) throw new Error('sh did not start')
    return {
      pid: child.pid,
      go: () => {
        child.stdin.end('go\n')
        return ended
      },
    }
  }

  #mount(kind: string, name: string): string {
    const target = join(this.folder, name)
    mkdirSync(target)
    execFileSync('mount', ['-t', kind, kind, target])
    this.#mounts.push(target)
    return target
  }

  [Symbol.dispose](): void {
    for (const child of this.#children) child.kill('SIGKILL')
    for (const disk of this.#disks) execFileSync('losetup', ['-d', disk])
    rmSync(this.pins, { recursive: true, force: true })
    // The kernel lets go of a cgroup a moment after its last process has ended.
    execFileSync(
      'sh',
      ['-c', 'for i in 1 2 3 4 5 6 7 8 9 10; do rmdir "$0" && exit 0; sleep 0.1; done; exit 1', this.cgroup],
      { stdio: 'pipe' },
    )
    for (const mount of this.#mounts.reverse()) {
      execFileSync('umount', [mount])
      rmdirSync(mount)
    }
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Moves the shell into the cgroup, then becomes the command. */
const enter = 'echo $$ > "$0/cgroup.procs" && exec "$@"'
