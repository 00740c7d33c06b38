/** Runs nft(8): scripts in, listings out. A limit on time and size, no shell, no locale. */
import { spawn } from 'node:child_process'
import { ShoukouError } from '@shoukou/protocol'

export interface NftResult {
  readonly isDone: boolean
  /** latin1: an interface's name is bytes. */
  readonly output: string
  readonly fault: string
}

const timeoutMs = 15_000
const outputBytesMax = 16_777_216
const faultCharsMax = 500
const searchPath = '/usr/sbin:/sbin:/usr/bin:/bin'

export class Nft {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** Runs a script as one transaction; `input` is latin1. @throws ShoukouError where nft can't be run at all. */
  run(input: string): Promise<NftResult> {
    return this.#spawn(['-f', '-'], input)
  }

  /** Lists one table of ours without its counts; null where it is not there. */
  async list(table: string): Promise<string | null> {
    const { isDone, output, fault } = await this.#spawn(['-s', 'list', 'table', ...table.split(' ')], '')
    if (isDone) return output
    if (/No such file or directory/.test(fault)) return null
    throw new ShoukouError('internal-error', 'nft could not list a table.', { context: { table, fault } })
  }

  /** Returns nft's version, [1, 0, 6]; null where it says none. @throws ShoukouError where it can't be run. */
  async version(): Promise<readonly number[] | null> {
    const { output } = await this.#spawn(['--version'], '')
    const found = /nftables v(\d+)\.(\d+)(?:\.(\d+))?/.exec(output)
    return found === null ? null : found.slice(1, 4).map((part) => Number(part ?? 0))
  }

  #spawn(args: readonly string[], input: string): Promise<NftResult> {
    return new Promise((resolve, reject) => {
      const child = spawn(this.#path, args, {
        env: { PATH: searchPath, LC_ALL: 'C' },
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        stdio: ['pipe', 'pipe', 'pipe'],
      })
      const output: Buffer[] = []
      let size = 0
      let fault = ''
      child.once('error', (cause) =>
        reject(new ShoukouError('internal-error', 'nft could not be run.', { cause })),
      )
      child.stdout.on('data', (bytes: Buffer) => {
        size += bytes.length
        if (size > outputBytesMax) child.kill('SIGKILL')
        else output.push(bytes)
      })
      child.stderr.on('data', (bytes: Buffer) => {
        fault = (fault + bytes.toString('latin1')).slice(0, faultCharsMax)
      })
      // nft may end before it has read all: what it said of it stands in its exit code.
      child.stdin.on('error', () => child.stdin.destroy())
      child.once('close', (code) =>
        resolve({ isDone: code === 0, output: Buffer.concat(output).toString('latin1'), fault }),
      )
      child.stdin.end(Buffer.from(input, 'latin1'))
    })
  }
}
