/**
 * A network of a test's own: this thread, and every process that it starts, moves into a new network namespace; the
 * other end of a cable lies in another one, where arriving packets are counted by somebody who is not under test.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { loadLibc } from '../../../base/libc-linux.ts'
import { needRoot } from '../../../sensors/testing/recording-context.ts'

const CLONE_NEWNET = 0x4000_0000
const unshareNumber = { x64: 272, arm64: 97, riscv64: 97, loong64: 97 }[process.arch as string]

/** Leaves the computer's network for good. @throws Error where that is not permitted. */
export async function enterOwnNetwork(): Promise<void> {
  needRoot()
  const libc = await loadLibc()
  if (unshareNumber === undefined) throw new Error(`no number of unshare(2) for ${process.arch}`)
  const left = libc.syscall(unshareNumber, CLONE_NEWNET, Buffer.alloc(8), 0)
  if (left.value < 0) throw new Error(`unshare failed with errno ${left.errno}`)
  run('ip', ['link', 'set', 'lo', 'up'])
}

/** Runs a program in this network. @throws Error with what it said. */
export function run(program: string, args: readonly string[], input = ''): string {
  return execFileSync(program, args, { input, encoding: 'latin1', stdio: ['pipe', 'pipe', 'pipe'] })
}

/** Another network, with one end of a cable in it. */
export class Peer {
  readonly #holder: ChildProcess

  private constructor(holder: ChildProcess) {
    this.#holder = holder
  }

  /** Lays a cable: `near` here, which is still down, `far` there. */
  static async connect(near: string, far: string): Promise<Peer> {
    const holder = spawn('unshare', ['-n', 'sh', '-c', 'echo ready; exec sleep 600'])
    await new Promise((resolve) => holder.stdout.once('data', resolve))
    const peer = new Peer(holder)
    run('ip', ['link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', String(holder.pid)])
    peer.run('ip', ['link', 'set', 'lo', 'up'])
    peer.run('ip', ['link', 'set', far, 'up'])
    return peer
  }

  run(program: string, args: readonly string[], input = ''): string {
    return run('nsenter', ['-t', String(this.#holder.pid), '-n', program, ...args], input)
  }

  /** Starts a program there that goes on until it ends. */
  start(program: string, args: readonly string[]): ChildProcess {
    return spawn('nsenter', ['-t', String(this.#holder.pid), '-n', program, ...args])
  }

  /** Counts arriving frames: `matches` are nft(8) matches by name; a frame counts for each that it meets. */
  countAt(far: string, matches: Readonly<Record<string, string>>): void {
    const rules = Object.entries(matches).map(
      ([name, match]) =>
        `add counter netdev seen n_${name}\nadd rule netdev seen in ${match} counter name n_${name}\n`,
    )
    const chain = `add chain netdev seen in { type filter hook ingress device "${far}" priority 0; }`
    this.run('nft', ['-f', '-'], `add table netdev seen\n${chain}\n${rules.join('')}`)
  }

  /** What has arrived so far, by name. */
  counts(): Record<string, number> {
    const text = this.run('nft', ['list', 'table', 'netdev', 'seen'])
    const found = text.matchAll(/counter n_(\w+) \{\s+packets (\d+)/g)
    return Object.fromEntries([...found].map(([, name, count]) => [name, Number(count)]))
  }

  close(): void {
    this.#holder.kill('SIGKILL')
  }
}
