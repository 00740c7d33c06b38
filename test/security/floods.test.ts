/** Whoever floods, dawdles or sends garbage is refused, and an honest agent's records are stored meanwhile, each of them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { RecordsAnswer } from '../../console/api/contract.ts'
import { startTestConsole, type TestConsole } from '../support/console.ts'
import { connectRaw, enrolRaw, type RawIdentity, RawJournal, type RawLink } from '../support/raw-agent.ts'

const opened = {
  kind: 'journal.opened',
  reason: 'enrolled',
  previousEpoch: null,
  previousSeq: null,
} as const
const stepped = { kind: 'clock.stepped', byMs: 5, found: 'while-running' } as const

let console: TestConsole
let identity: RawIdentity
let authorityFile: string
beforeAll(async () => {
  console = await startTestConsole()
  identity = await enrolRaw(console, await console.token())
  authorityFile = join(console.dataDir, 'ca.pem')
  await writeFile(authorityFile, console.authority)
})
afterAll(() => console[Symbol.asyncDispose]())

interface Attack {
  readonly ends: Readonly<Record<string, number>>
}

async function attack(kind: string, port: number, count: number): Promise<Attack> {
  const script = join(import.meta.dirname, 'attackers/attack.ts')
  const child = spawn(process.execPath, [script, kind, String(port), String(count), authorityFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout.on('data', (part: Buffer) => {
    printed += part.toString('utf8')
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`the attacker ended with ${code}: ${printed}`)
  return JSON.parse(printed) as Attack
}

/** Sends a record after the other, each acknowledged, until told to stop; returns the slowest and how many. */
function speakMeanwhile(link: RawLink, journal: RawJournal) {
  const stop = new AbortController()
  const acks: number[] = []
  const done = (async () => {
    while (!stop.signal.aborted) {
      journal.append(stepped)
      const began = performance.now()
      await link.records(journal.frame(journal.raws.length, journal.raws.length))
      acks.push(performance.now() - began)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })()
  return async (): Promise<readonly number[]> => {
    stop.abort()
    await done
    return acks.toSorted((a, b) => a - b)
  }
}

/**
 * How long the loop is kept from everybody at one time, in processor time of this thread: what other processes take of the machine
 * does not count, and the attackers are some. Returns all spans between two looks, sorted, in ms.
 */
function watchHolds(): () => readonly number[] {
  const spans: number[] = []
  let before = process.threadCpuUsage()
  const timer = setInterval(() => {
    const now = process.threadCpuUsage()
    spans.push((now.user + now.system - before.user - before.system) / 1_000)
    before = now
  }, 5)
  return () => {
    clearInterval(timer)
    return spans.toSorted((a, b) => a - b)
  }
}

/** The target for the loop's lag, in ms. */
const holdMsMax = 50

it('a loop that is kept from everybody for a while is seen to be', async () => {
  const finish = watchHolds()
  await new Promise((resolve) => setTimeout(resolve, 50))
  const until = process.threadCpuUsage().user + 200_000
  while (process.threadCpuUsage().user < until) Math.sqrt(until)
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(finish().at(-1)).toBeGreaterThan(150)
})

const p99 = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN

it.each([
  ['10,000 handshakes without a certificate', 'handshakes', 10_000],
  ['2,000 connections of bytes that are no TLS', 'garbage', 2_000],
  ['400 requests that come a byte at a time', 'slow', 400],
] as const)('%s hold up nobody else', async (what, kind, count) => {
  const admin = await console.signIn('secadmin')
  const journal = new RawJournal(identity.answer.agent)
  journal.append(opened)
  await using link = await connectRaw(console, identity)
  await link.hello(journal)
  await link.records(journal.frame(1, 1))
  const lag = monitorEventLoopDelay({ resolution: 5 })
  lag.enable()
  const finish = speakMeanwhile(link, journal)
  const finishHolds = watchHolds()
  const { running } = console
  const port = kind === 'slow' ? running.port : running.agentPort
  const { ends } = await attack(kind, port, count)
  const acks = await finish()
  const holds = finishHolds()
  lag.disable()
  process.stdout.write(
    `${what}: ${JSON.stringify(ends)}; meanwhile ${acks.length} records, acknowledged in p50 ${p50(acks)} p99 ${Math.round(p99(acks))} ms; loop p99 ${Math.round(lag.percentile(99) / 1e6)} ms, of which its own ${Math.round(p99(holds))} ms\n`,
  )
  // None of them is still there, none got an answer of the link, and every record of the honest one is stored.
  if (kind === 'slow') expect(ends['open']).toBe(0)
  else {
    expect(ends['answered'] ?? 0).toBe(0)
    expect(ends['still-open'] ?? 0).toBe(0)
  }
  expect(acks.length).toBeGreaterThan(5)
  expect(holds.length).toBeGreaterThan(20)
  expect(p99(holds)).toBeLessThanOrEqual(holdMsMax)
  const { records } = await admin.get<RecordsAnswer>(
    `/api/computers/${identity.answer.agent}/records?limit=1`,
  )
  expect(records[0]?.seq).toBe(journal.raws.length)
  // A new one gets in at once.
  await using second = await connectRaw(console, identity)
  await second.hello(journal)
})

function p50(sorted: readonly number[]): number {
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? Number.NaN)
}
