/** The product's own agent as a process of its own, enrolled at a test's console. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { TestConsole } from './console.ts'

const program = fileURLToPath(new URL('../../agent/cli/shoukou-agent.ts', import.meta.url))
const run = promisify(execFile)
const stopMsMax = 10_000

export interface AgentProcess extends AsyncDisposable {
  readonly stateDir: string
  start(): Promise<void>
  /** Ends it as the kernel does: no goodbye. */
  kill(): Promise<void>
  /** Asks it to stop, and waits. */
  stop(): Promise<void>
  /** Runs one of its commands; resolves to what it printed. */
  command(...parameters: string[]): Promise<string>
  /** What it wrote to standard error so far. */
  log(): string
}

/** Enrols; the agent is not started yet. */
export async function enrolAgent(
  console: TestConsole,
  options: { readonly watch?: readonly string[] } = {},
): Promise<AgentProcess> {
  const agent = await agentIn(await mkdtemp(join(tmpdir(), 'shoukou-agent-')))
  const watched = (options.watch ?? []).flatMap((folder) => ['--watch', folder])
  const token = await console.token()
  await agent.command('enroll', '--console', console.address, '--token', token, ...watched)
  // Several of them run on one computer, whose connections are none of theirs.
  await configure(agent.stateDir, { watchConnections: false })
  return agent
}

export interface OfflineAgent extends AgentProcess {
  /** After its enrolment: it never finds the console by a network. */
  stayAlone(): Promise<void>
  /** The one file of that ending in a folder. */
  fileOn(folder: string, ending: string): Promise<string>
}

/** Makes an agent that is not enrolled: the test does that, by files. */
export async function offlineAgent(): Promise<OfflineAgent> {
  const agent = await agentIn(await mkdtemp(join(tmpdir(), 'shoukou-agent-')))
  return {
    ...agent,
    // Nothing listens there: port 1 is nobody's.
    stayAlone: () => configure(agent.stateDir, { watchConnections: false, agentPort: 1 }),
    fileOn: async (folder, ending) => {
      const name = (await readdir(folder)).find((one) => one.endsWith(ending))
      if (name === undefined) throw new Error(`no file ${ending} in ${folder}`)
      return join(folder, name)
    },
  }
}

async function configure(stateDir: string, settings: object): Promise<void> {
  const configFile = join(stateDir, 'agent.json')
  const config: object = JSON.parse(await readFile(configFile, 'utf8'))
  await writeFile(configFile, JSON.stringify({ ...config, ...settings }))
}

async function agentIn(stateDir: string): Promise<AgentProcess> {
  let child: ChildProcess | undefined
  let log = ''
  const command = async (...parameters: string[]): Promise<string> =>
    (await run(process.execPath, [program, ...parameters, '--state', stateDir])).stdout
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    const timer = setTimeout(() => child?.kill('SIGKILL'), stopMsMax)
    await ended
    clearTimeout(timer)
  }
  return {
    stateDir,
    start: async () => {
      child = spawn(process.execPath, [program, 'run', '--state', stateDir], {
        stdio: ['ignore', 'inherit', 'pipe'],
      })
      child.stderr?.on('data', (data: Buffer) => {
        log += data.toString('utf8')
      })
      await once(child, 'spawn')
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    command,
    log: () => log,
    [Symbol.asyncDispose]: async () => {
      await end('SIGTERM')
      await rm(stateDir, { recursive: true, force: true })
    },
  }
}
