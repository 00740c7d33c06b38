/**
 * `npm run demo`: a console over a unit that does not exist, filled by simulated agents, in a folder of its own, so that it can be
 * judged without any real computer. Ctrl-C ends all of it; the next start goes on with what there is.
 */
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { writeFileAtomically } from '../console/base/atomic-file.ts'
import { checkConfig } from '../console/base/config.ts'
import { createLog } from '../console/base/log.ts'
import { openSqliteStoreHere } from '../console/store/open-store.ts'
import { resetAccount } from '../console/workflows/accounts/first-accounts.ts'
import {
  type DemoFolder,
  type DemoState,
  demoFolder,
  emptyDemoFolder,
  NotADemonstration,
  readDemoFolder,
  writeDemoState,
} from './demo/demo-folder.ts'
import { fillDemonstration } from './demo/fill.ts'
import { fillProgress } from './demo/fill-progress.ts'
import { readLiveAgents, startLive } from './demo/live.ts'
import { carryOver, makeQuickFolder, removeQuickFolder } from './demo/quick-folder.ts'
import { UNIT_NAME } from './demo/unit.ts'
import { words } from './demo/words.ts'
import { buildPages } from './start/build-pages.ts'
import { startConsole } from './start/console-process.ts'
import { createProgress } from './start/progress.ts'
import { stopOnSignal } from './start/signals.ts'

const options = {
  folder: { type: 'string' },
  port: { type: 'string', default: '8445' },
  computers: { type: 'string', default: '600' },
  media: { type: 'string', default: '2000' },
  days: { type: 'string', default: '365' },
  seed: { type: 'string', default: '守口' },
  fresh: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const defaultFolder = join(process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'shoukou-demo')
const limits = { port: 65_534, computers: 5_000, media: 20_000, days: 1_000 } as const

async function main(): Promise<void> {
  const { values } = parseArgs({ options, strict: true })
  if (values.help) {
    process.stdout.write(words.usage)
    return
  }
  process.umask(0o077)
  const number = (name: keyof typeof limits): number => numberOf(name, values[name])
  const size = { seed: values.seed, computers: number('computers'), media: number('media') }
  const [port, days] = [number('port'), number('days')]
  const folder = demoFolder(resolve(values.folder ?? defaultFolder))
  const stop = stopOnSignal()
  const progress = createProgress(process.stdout)
  await using started = new AsyncDisposableStack()

  const before = await progress.step(words.folder, () => readDemoFolder(folder), folder.path)
  await progress.step(words.buildingPages, buildPages)
  const made = before?.state === 'ready' && !values.fresh ? before : null
  const state = await progress.step(
    words.filling,
    async () => made ?? fill(folder, { v: 1, state: 'filling', ...size, days, agents: [] }, stop.asked),
    made === null ? undefined : words.asBefore,
  )
  const accounts = await progress.step(words.passwords, () => newPasswords(folder.database))
  const agents = await readLiveAgents(folder.console, state, state.agents)
  await writeFileAtomically(folder.config, JSON.stringify(configOf(folder.console, port)))
  const console = await progress.step(words.startingConsole, () =>
    startConsole({ data: folder.path, port, listen: '127.0.0.1', names: [], config: folder.config }),
  )
  started.defer(() => console.stop())
  const live = startLive({
    ...{ size: state, agents },
    agentPort: console.port + 1,
    authority: await readFile(join(folder.console, 'pki', 'authority.crt'), 'utf8'),
    now: Date.now,
    trouble: (error) => process.stderr.write(words.trouble(error.message)),
  })
  started.defer(() => live.stop())
  process.stdout.write(
    words.ready({ address: `https://localhost:${console.port}`, accounts, folder: folder.path }),
  )
  await progress.step(words.connecting, () => Promise.race([live.connected, stop.asked]))
  await Promise.race([stop.asked, console.ended])
  if (!stop.isAsked()) throw new Error(words.consoleEnded(join(folder.logs, 'console.log')))
  process.stdout.write(words.stopping)
  await started.disposeAsync()
  process.stdout.write(words.stopped)
}

/** Makes it anew: an earlier one, and one that was not filled to its end, is thrown away. */
async function fill(folder: DemoFolder, begun: DemoState, asked: Promise<void>): Promise<DemoState> {
  await emptyDemoFolder(folder)
  const quick = await makeQuickFolder()
  const state: DemoState = quick === null ? begun : { ...begun, filledIn: quick }
  const end = new AbortController()
  void asked.then(() => end.abort(new StoppedWhileFilling()))
  try {
    await writeDemoState(folder, state)
    const filled = await fillDemonstration({
      ...state,
      config: configOf(quick === null ? folder.console : join(quick, 'console'), 0),
      log: createLog('error'),
      endMs: Date.now(),
      progress: fillProgress(process.stdout, words.steps),
      signal: end.signal,
    })
    if (quick !== null) await carryOver(join(quick, 'console'), folder.console)
    process.stdout.write(`    ${words.filled(filled)}\n`)
    const ready: DemoState = {
      ...begun,
      state: 'ready',
      agents: filled.agents.map(({ identity }) => identity),
    }
    await writeDemoState(folder, ready)
    return ready
  } finally {
    if (quick !== null) await removeQuickFolder(quick)
  }
}

class StoppedWhileFilling extends Error {}

function configOf(dataDir: string, port: number) {
  return checkConfig({ dataDir, port, unit: UNIT_NAME, level: 'secret', logLevel: 'warn' })
}

/** There is no default password: each start gives new ones, which work once. */
async function newPasswords(database: string): Promise<{ name: string; password: string }[]> {
  const store = await openSqliteStoreHere(database)
  try {
    const made: { name: string; password: string }[] = []
    for (const { name } of await store.accounts())
      made.push({ name, password: await resetAccount(store, name) })
    return made
  } finally {
    await store.close()
  }
}

function numberOf(name: keyof typeof limits, text: string): number {
  const number = Number(text)
  if (/^\d{1,6}$/.test(text) && number > 0 && number <= limits[name]) return number
  throw new Error(words.badNumber(name, text))
}

main().catch((error: unknown) => {
  if (error instanceof StoppedWhileFilling) {
    process.stdout.write(words.stoppedFilling)
    process.exitCode = 130
    return
  }
  const message =
    error instanceof NotADemonstration
      ? words.notDemonstration(error.path)
      : error instanceof Error
        ? error.message
        : String(error)
  process.stderr.write(`${words.failed}${message}\n`)
  process.exitCode = 1
})
