/**
 * From the wire to the synced commit: records through the real link (mutual TLS, chain checked, judged, stored,
 * acknowledged) in frames of several sizes, beside what the database alone takes.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openKeys } from '../../../console/pki/key-store.ts'
import { openSqliteStoreHere } from '../../../console/store/open-store.ts'
import { createToken } from '../../../console/workflows/enrolment.ts'
import { startConsole } from '../../../scripts/start/console-process.ts'
import { prepareDataFolder } from '../../../scripts/start/data-folder.ts'
import { findPortPair } from '../../support/ports.ts'
import { enrolAt } from '../../support/raw-agent.ts'
import type { Bench } from '../bench.ts'
import { quantile } from '../figures.ts'
import { LoadAgent } from './load-agent.ts'
import { RawDatabase } from './raw-database.ts'

const agentsCount = 8
/** Frames in flight of one agent: what the console's window of 4,000 records and 8 MiB leaves room for, and no more. */
const inFlight = { 1: 64, 20: 32, 100: 16, 1_000: 3 } as const
type Size = keyof typeof inFlight

export const ingest: Bench = async ({ isQuick, n, say }) => {
  await using undo = new AsyncDisposableStack()
  const data = await mkdtemp(join(tmpdir(), 'shoukou-bench-'))
  undo.defer(() => rm(data, { recursive: true, force: true }))
  const { agents, bytesPerRecord } = await startAll(data, undo)
  const raw = await RawDatabase.open(join(data, 'raw.db'))
  undo.defer(() => raw.close())

  const total = n ?? (isQuick ? 40_000 : 120_000)
  const arms: Readonly<Record<string, number>> = {}
  const figures: Record<string, number> = { ...arms }
  for (const size of [1, 20, 1_000] as const) {
    const { perSecond, latencies } = await run(agents, size, size === 1 ? total / 2 : total)
    figures[`records_per_s_${size}`] = perSecond
    if (size === 1) figures['p99_ms_1'] = quantile(latencies, 0.99)
    say(
      `frames of ${size}: ${Math.round(perSecond)} records/s, p99 ${quantile(latencies, 0.99).toFixed(1)} ms`,
    )
  }
  // In pairs, one after the other: a shared machine is not the same from minute to minute.
  const pairs = isQuick ? 7 : 15
  const hundred: number[] = []
  const ratios: number[] = []
  const hundredLatencies: number[] = []
  for (let pair = 0; pair < pairs; pair += 1) {
    const alone = raw.insert(Math.ceil(total / 4 / 100) * 100, bytesPerRecord)
    const { perSecond, latencies } = await run(agents, 100, total / 2)
    hundred.push(perSecond)
    hundredLatencies.push(...latencies)
    ratios.push(perSecond / alone)
  }
  const spread = `${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}`
  say(`frames of 100: p99 ${quantile(hundredLatencies, 0.99).toFixed(1)} ms; ratios ${spread}`)
  return {
    ...figures,
    records_per_s_100: quantile(hundred, 0.5),
    p99_ms_100: quantile(hundredLatencies, 0.99),
    raw_ratio: quantile(ratios, 0.5),
    n: total,
  }
}

async function startAll(
  data: string,
  undo: AsyncDisposableStack,
): Promise<{ agents: LoadAgent[]; bytesPerRecord: number }> {
  await prepareDataFolder(data)
  const port = await findPortPair()
  const console = await startConsole({ data, port, listen: '127.0.0.1', names: [] })
  undo.defer(() => console.stop())
  const folder = join(data, 'console')
  const authority = await readFile(join(folder, 'pki', 'authority.crt'), 'utf8')
  const keys = await openKeys(join(folder, 'pki'), 'bench', ['localhost'], Date.now())
  const store = await openSqliteStoreHere(join(folder, 'console.db'))
  const agents: LoadAgent[] = []
  for (let at = 0; at < agentsCount; at += 1) {
    const { token } = await createToken(store, keys, {}, { account: 'bench', now: Date.now() })
    const identity = await enrolAt(`https://localhost:${port}`, authority, token)
    agents.push(await LoadAgent.connect(`wss://localhost:${port + 1}/agent`, authority, identity))
  }
  await store.close()
  undo.defer(() => {
    for (const agent of agents) agent.close()
  })
  const warm = await Promise.all(
    agents.map(async (agent) => {
      const load = agent.make(20, 100)
      await agent.send(load, 4)
      return load.bytesPerRecord
    }),
  )
  return { agents, bytesPerRecord: warm[0] ?? 600 }
}

/** Sends `total` records in frames of `size`, by all agents at once. */
async function run(
  agents: readonly LoadAgent[],
  size: Size,
  total: number,
): Promise<{ perSecond: number; latencies: number[] }> {
  const frames = Math.max(1, Math.round(total / size / agents.length))
  const loads = agents.map((agent) => ({ agent, load: agent.make(frames, size) }))
  const began = performance.now()
  const latencies = await Promise.all(loads.map(({ agent, load }) => agent.send(load, inFlight[size])))
  const seconds = (performance.now() - began) / 1_000
  return { perSecond: (frames * size * agents.length) / seconds, latencies: latencies.flat() }
}
