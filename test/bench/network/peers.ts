/** How others see short connections, in the same namespace and the same run: by polling, by socket events, by conntrack. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { DESTINATIONS, FIRST_DESTINATION, PORT } from './stage.ts'

export interface Seen {
  /** Connections of the storm that were seen at all. */
  readonly polling: number
  readonly ss: number
  readonly conntrack: number
}

export interface Peers {
  /** Ends them, and returns what each has seen. */
  stop(): Promise<Seen>
}

const run = promisify(execFile)
const pollMs = 1_000
const settleMs = 1_500
const prefix = FIRST_DESTINATION.slice(0, FIRST_DESTINATION.lastIndexOf('.') + 1)

/** Starts all three. conntrack(8) sees something only where a rule asks for tracking: it gets one. */
export async function startPeers(): Promise<Peers> {
  await run('nft', [
    'table ip tracked { chain out { type filter hook output priority 0; ct state new counter; }; }',
  ])
  const ss = countLines('ss', ['-t', '-E', '-H', '-n', '-O'], (line) => line.includes(prefix))
  const conntrack = countLines(
    'conntrack',
    ['-E', '-e', 'NEW', '-p', 'tcp', '--dport', String(PORT), '-o', 'id', '--buffer-size', '8388608'],
    (line) => line.includes(`dst=${prefix}`),
  )
  const polled = new Set<string>()
  const poll = async (): Promise<void> => {
    for (const line of (await readFile('/proc/net/tcp', 'latin1')).split('\n').slice(1)) {
      const [, local = '', remote = ''] = line.trim().split(/\s+/)
      if (isDestination(remote)) polled.add(`${local} ${remote}`)
    }
  }
  let failure: Error | null = null
  const timer = setInterval(
    () =>
      void poll().catch((fault: unknown) => {
        failure ??= new Error('the table of connections could not be polled', { cause: fault })
      }),
    pollMs,
  )
  await new Promise((resolve) => setTimeout(resolve, 500))
  return {
    async stop() {
      await new Promise((resolve) => setTimeout(resolve, settleMs))
      clearInterval(timer)
      const seen = { polling: polled.size, ss: await ss.stop(), conntrack: await conntrack.stop() }
      await run('nft', ['delete', 'table', 'ip', 'tracked'])
      if (failure !== null) throw failure
      return seen
    },
  }
}

/** As /proc/net/tcp writes it: the address as one little-endian number in hex, the port in hex. */
function isDestination(text: string): boolean {
  const [address = '', port = ''] = text.split(':')
  const bytes =
    address
      .match(/../g)
      ?.map((pair) => Number.parseInt(pair, 16))
      .toReversed() ?? []
  const [a, b, c, d] = prefix.split('.').map(Number)
  const last = (bytes[3] ?? 0) - (d ?? 0)
  return (
    bytes[0] === a &&
    bytes[1] === b &&
    bytes[2] === c &&
    last <= DESTINATIONS &&
    Number.parseInt(port, 16) === PORT
  )
}

function countLines(command: string, args: readonly string[], is: (line: string) => boolean) {
  const child: ChildProcess = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = once(child, 'close')
  let count = 0
  let rest = ''
  child.stdout?.setEncoding('latin1').on('data', (chunk: string) => {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (is(line)) count += 1
  })
  return {
    async stop(): Promise<number> {
      child.kill('SIGTERM')
      await ended
      return count
    },
  }
}
