/** The path without a guest: recorded kernel events → agent → console → browser, at this host's own speed. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { configOf } from '../../../agent/base/config.ts'
import { createLog } from '../../../agent/base/log.ts'
import { runAgent } from '../../../agent/main.ts'
import { createSensors } from '../../../agent/sensors/create-sensors-linux.ts'
import { startConsole } from '../../../scripts/start/console-process.ts'
import { prepareDataFolder } from '../../../scripts/start/data-folder.ts'
import { enrolTrialComputer } from '../../../scripts/start/enrol.ts'
import { findPortPair } from '../../support/ports.ts'
import { openRecordedStick, type RecordedStick } from './recorded-stick.ts'
import type { Screen } from './screen.ts'
import { openScreen } from './stage.ts'

const shownMsMax = 20_000
/** A plug begins when the one before has settled: one plug is measured, not a storm. */
const settleMs = 150
const warmUps = 3

/** Returns ms from the first event to the headline, for each plug. */
export async function measureNative(n: number): Promise<number[]> {
  await using undo = new AsyncDisposableStack()
  const data = await mkdtemp(join(tmpdir(), 'shoukou-bench-'))
  undo.defer(() => rm(data, { recursive: true, force: true }))
  await prepareDataFolder(data)
  const port = await findPortPair()
  const console = await startConsole({ data, port, listen: '127.0.0.1', names: [] })
  undo.defer(() => console.stop())
  await enrolTrialComputer(data, port)
  const screen = undo.use(
    await openScreen({
      origin: `https://localhost:${port}`,
      authorityPem: await readFile(join(data, 'console', 'pki', 'authority.crt'), 'utf8'),
      firstPassword: console.firstAccounts.find((account) => account.name === 'secadmin')?.password ?? '',
    }),
  )
  const stick = undo.use(await openRecordedStick())
  undo.use(await startAgent(join(data, 'agent'), stick))
  return await plugAgainAndAgain(stick, screen, n)
}

/** The agent with the two sensors that look at media, over the recorded kernel. */
async function startAgent(stateDir: string, stick: RecordedStick): Promise<AsyncDisposable> {
  const set = createSensors({ folders: [], roots: { sys: stick.sys }, uevents: stick.uevents })
  const sensors = set.sensors.filter((sensor) => sensor.name === 'usb' || sensor.name === 'media')
  const stop = new AbortController()
  const { promise: ready, resolve: onReady } = Promise.withResolvers<void>()
  const running = runAgent({
    config: configOf({}, stateDir),
    signal: stop.signal,
    log: createLog('error'),
    sensors: { sensors, close: () => set.close() },
    onReady,
  })
  await Promise.race([ready, running])
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await running
    },
  }
}

async function plugAgainAndAgain(stick: RecordedStick, screen: Screen, n: number): Promise<number[]> {
  const samples: number[] = []
  for (let plug = 1; plug <= n + warmUps; plug += 1) {
    const at = await stick.plug(`NATIVE-${plug}`)
    const shown = await screen.next(shownMsMax)
    if (plug > warmUps) samples.push(shown.at - at)
    await delay(settleMs)
    await stick.unplug()
    await delay(settleMs)
  }
  return samples
}
