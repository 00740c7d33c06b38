/**
 * `npm start`: a console and a local agent that only observes, on this computer, with everything in one data folder.
 *
 * Started by someone who wants to see it work; it must never block anything on that computer. Ctrl-C ends all of it.
 */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startAgent } from './start/agent-process.ts'
import { buildPages } from './start/build-pages.ts'
import { startConsole } from './start/console-process.ts'
import { prepareDataFolder } from './start/data-folder.ts'
import { enrolTrialComputer } from './start/enrol.ts'
import { createProgress } from './start/progress.ts'
import { stopOnSignal } from './start/signals.ts'
import { words } from './start/words.ts'

const options = {
  data: { type: 'string' },
  port: { type: 'string', default: '8443' },
  listen: { type: 'string', default: '127.0.0.1' },
  name: { type: 'string', multiple: true, default: [] as string[] },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const defaultDataFolder = join(process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'shoukou')

async function main(): Promise<void> {
  const { values } = parseArgs({ options, strict: true })
  if (values.help) {
    process.stdout.write(words.usage)
    return
  }
  const port = portOf(values.port)
  const data = resolve(values.data ?? defaultDataFolder)
  const stop = stopOnSignal()
  const progress = createProgress(process.stdout)
  await using started = new AsyncDisposableStack()

  await progress.step(words.preparingFolder, () => prepareDataFolder(data), data)
  await progress.step(words.buildingPages, buildPages)
  const console = await progress.step(words.startingConsole, () =>
    startConsole({ data, port, listen: values.listen, names: values.name }),
  )
  started.defer(() => console.stop())
  const startRest = async () => {
    await progress.step(words.enrolling, () => enrolTrialComputer(data, console.port))
    return progress.step(words.startingAgent, () => startAgent(data))
  }
  const agent = await startRest().catch((error: unknown) => {
    // Known only now: the next start could not show them again.
    process.stdout.write(words.firstSignIn(console.firstAccounts))
    throw error
  })
  started.defer(() => agent.stop())

  process.stdout.write(
    words.ready({
      address: `https://localhost:${console.port}`,
      accounts: console.firstAccounts,
      data,
      authority: join(data, 'console', 'pki', 'authority.crt'),
    }),
  )
  await Promise.race([stop.asked, console.ended])
  if (!stop.isAsked()) throw new Error(words.consoleEnded(join(data, 'logs', 'console.log')))
  process.stdout.write(words.stopping)
  await started.disposeAsync()
  process.stdout.write(words.stopped)
}

function portOf(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_534) return port
  throw new Error(words.badPort(text))
}

main().catch((error: unknown) => {
  process.stderr.write(`${words.failed}${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
})
