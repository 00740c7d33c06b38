/**
 * Where the network bench happens: this process's own network namespace, a peer in another one behind a veth pair, and a
 * counter at the peer that shares nothing with the agent. Run it under `unshare --net`.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface Stage extends AsyncDisposable {
  /** SYN packets that the peer has had of one port's storm so far, and everything else but those of `APPROVED`. */
  countAtPeer(): Promise<number>
  /** Starts a program on the peer's side. */
  atPeer(command: string, args: readonly string[]): ChildProcess
  /** Runs a program in the cgroup that the net looks at; returns what it printed. */
  inCgroup(command: string, args: readonly string[]): Promise<string>
  /** The cgroup's folder. */
  readonly cgroup: string
}

/** First of 100 addresses that nobody approved; the peer answers for all of them, and refuses. */
export const FIRST_DESTINATION = '198.18.0.1'
export const DESTINATIONS = 100
export const PORT = 9
/** An address of the peer that policy approves. */
export const APPROVED = '198.19.0.1'

const OUTPUT_BYTES_MAX = 16 * 1_048_576
const cgroupRoots = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'] as const

const COUNTER = `table ip judge {
  counter out { }
  chain pre { type filter hook prerouting priority -300; ip daddr 198.18.0.0/16 tcp flags & (syn | ack) == syn counter name out; }
}`

/** Sets the stage; everything of it goes with the disposal. */
export async function setStage(): Promise<Stage> {
  await using undo = new AsyncDisposableStack()
  await run('ip', ['link', 'set', 'lo', 'up'])
  const peer = spawn('unshare', ['--net', 'sleep', 'infinity'], { stdio: 'ignore' })
  undo.defer(() => {
    peer.kill('SIGKILL')
  })
  await once(peer, 'spawn')
  const inPeer = (command: string, args: readonly string[]) =>
    ['--target', String(peer.pid), '--net', '--', command, ...args] as const
  const peerRun = async (command: string, ...args: readonly string[]) =>
    (await run('nsenter', inPeer(command, args))).stdout
  await waitForNamespace(peer.pid ?? 0)
  await run('ip', ['link', 'add', 'way', 'type', 'veth', 'peer', 'name', 'peer', 'netns', String(peer.pid)])
  for (const address of ['198.18.1.1/16', '198.19.1.1/16'])
    await run('ip', ['address', 'add', address, 'dev', 'way'])
  await run('ip', ['link', 'set', 'way', 'up'])
  await peerRun('ip', 'link', 'set', 'lo', 'up')
  for (const address of ['198.18.1.2/16', '198.19.0.1/16'])
    await peerRun('ip', 'address', 'add', address, 'dev', 'peer')
  await peerRun('ip', 'link', 'set', 'peer', 'up')
  await peerRun('ip', 'route', 'add', 'local', '198.18.0.0/24', 'dev', 'lo')
  await peerRun('nft', COUNTER)
  const cgroup = await makeCgroup()
  undo.defer(() => rmdir(cgroup))

  const whole = undo.move()
  return {
    cgroup,
    async countAtPeer() {
      const listed = JSON.parse(await peerRun('nft', '-j', 'list', 'counter', 'ip', 'judge', 'out')) as {
        readonly nftables: readonly { readonly counter?: { readonly packets: number } }[]
      }
      return listed.nftables.find(({ counter }) => counter !== undefined)?.counter?.packets ?? Number.NaN
    },
    atPeer: (command, args) =>
      spawn('nsenter', inPeer(command, args), { stdio: ['ignore', 'pipe', 'inherit'] }),
    async inCgroup(command, args) {
      const script = `echo $$ >'${join(cgroup, 'cgroup.procs')}'; exec "$0" "$@"`
      const { stdout } = await run('sh', ['-c', script, command, ...args], { maxBuffer: OUTPUT_BYTES_MAX })
      return stdout
    },
    [Symbol.asyncDispose]: () => whole.disposeAsync(),
  }
}

/** The child is there before it has a namespace of its own. */
async function waitForNamespace(pid: number): Promise<void> {
  const { stdout: own } = await run('readlink', ['/proc/self/ns/net'])
  for (let tries = 0; tries < 200; tries += 1) {
    const { stdout } = await run('readlink', [`/proc/${pid}/ns/net`])
    if (stdout !== own) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('the peer has no network namespace of its own')
}

async function makeCgroup(): Promise<string> {
  const faults: string[] = []
  for (const root of cgroupRoots) {
    const folder = join(root, `shoukou-bench-${process.pid}`)
    try {
      await mkdir(folder)
      return folder
    } catch (fault) {
      faults.push(String(fault))
    }
  }
  throw new Error(`no cgroup of one's own: ${faults.join('; ')}`)
}
