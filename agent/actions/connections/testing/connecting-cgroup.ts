/**
 * For tests of the first net: a cgroup of their own, and a program in it that connects in every way there is, in a network
 * namespace of its own where nothing answers but the loopback.
 */
import { execFileSync, spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GuardedCgroup } from '../../testing/guarded-cgroup.ts'

export interface Storm {
  /** The processes that connected, by the generator's own word. */
  readonly pids: readonly number[]
  /** How many connections were answered with EPERM. */
  readonly refused: number
}

export interface StormShape {
  readonly way: string
  /** With `%d` for the number of the host. */
  readonly hosts: string
  readonly processes: number
  readonly each: number
}

/** `$0`: the cgroup. The rest of the arguments is the command. */
const enter = `echo $$ > "$0/cgroup.procs" && exec unshare -n sh -c '
  ip link set lo up && ip address add 10.9.9.9/32 dev lo && ip address add fd00::9/128 dev lo nodad &&
  echo 0 0 > /proc/sys/net/ipv4/ping_group_range && exec "$@"' sh "$@"`

let built: string | null = null

/** Compiles the program once for all tests of a file. */
function builtProgram(): string {
  if (built !== null) return built
  const folder = mkdtempSync(join(tmpdir(), 'shoukou-storm-'))
  process.on('exit', () => rmSync(folder, { recursive: true }))
  built = join(folder, 'connect-storm')
  const source = join(import.meta.dirname, 'connect-storm.c')
  execFileSync('gcc', ['-O2', '-o', built, source], { stdio: 'pipe', timeout: 60_000 })
  return built
}

export class ConnectingCgroup {
  readonly pins: string
  readonly cgroup: string
  readonly program: string
  readonly folder: string
  readonly #area = new GuardedCgroup()

  constructor() {
    this.cgroup = this.#area.cgroup
    this.folder = this.#area.folder
    this.pins = join(this.#area.pins, 'connections')
    this.program = join(this.folder, 'connect-storm')
    copyFileSync(builtProgram(), this.program)
  }

  /** Asks for connections one by one, each as `way address port`; returns 0 or the kernel's error for each. */
  ask(...lines: readonly string[]): Promise<number[]> {
    return this.askFrom(this.program, ...lines)
  }

  async askFrom(program: string, ...lines: readonly string[]): Promise<number[]> {
    const said = await this.run([program], { input: `${lines.join('\n')}\n` })
    return said.trim().split('\n').map(Number)
  }

  async storm({ way, hosts, processes, each }: StormShape): Promise<Storm> {
    const said = await this.run([this.program, 'storm', way, hosts, '100', String(processes), String(each)])
    const numbers = (word: string) =>
      said.split('\n').flatMap((line) => (line.startsWith(`${word} `) ? Number(line.slice(word.length)) : []))
    return { pids: numbers('pid'), refused: numbers('refused')[0] ?? -1 }
  }

  /** Runs a command in the cgroup, or in one below it; returns what it said. */
  run(
    command: readonly string[],
    more: { readonly input?: string; readonly cgroup?: string } = {},
  ): Promise<string> {
    const child = spawn('sh', ['-c', enter, more.cgroup ?? this.cgroup, ...command], { timeout: 60_000 })
    let [said, complained] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complained += text))
    // A program that reads nothing closes its end first.
    child.stdin.on('error', () => undefined).end(more.input ?? '')
    return new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code) => {
        if (code === 0) resolve(said)
        else reject(new Error(`${command.join(' ')} ended with ${String(code)}: ${complained}`))
      })
    })
  }

  /** Makes a cgroup below; it is gone with the test. */
  addChild(name: string): { readonly folder: string; readonly id: bigint } {
    const folder = join(this.cgroup, name)
    mkdirSync(folder)
    this.#children.push(folder)
    return { folder, id: statSync(folder, { bigint: true }).ino }
  }

  /** Puts a copy of the program elsewhere. */
  copyProgram(...parts: readonly string[]): string {
    const path = join(this.folder, ...parts)
    mkdirSync(join(path, '..'), { recursive: true })
    copyFileSync(this.program, path)
    return path
  }

  [Symbol.dispose](): void {
    for (const folder of this.#children) rmdirSync(folder)
    this.#area[Symbol.dispose]()
  }

  readonly #children: string[] = []
}
