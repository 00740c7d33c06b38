/** Lists and filters at the API, asked as the pages ask: over TLS, one after the other, rows and counts in one answer. */

import { LEVELS, type ViolationId } from '@shoukou/protocol'
import type { ComputerNames, ViolationsAnswer } from '../../../console/api/contract.ts'
import { HANDLING_STATES } from '../../../console/store/handling-ports.ts'
import type { ApiClient } from '../../support/console.ts'

const pageSize = 100
const severities = ['critical', 'high', 'medium', 'low'] as const
const spansMs = [3_600_000, 86_400_000, 7 * 86_400_000, 30 * 86_400_000] as const
/** Of the prepared unit. */
const types = [
  'unregistered-media-inserted',
  'unregistered-peripheral',
  'wireless-input-device',
  'phone-or-camera-connected',
  'media-not-assigned',
  'media-status-invalid',
  'unregistered-network-adapter',
  'agent-silent',
  'usage-log-missing',
  'high-media-on-low-host',
  'standalone-network-connection',
  'log-gap-or-clock-tamper',
] as const satisfies readonly ViolationId[]

export interface ApiTimes {
  /** ms of each answer. */
  readonly list: readonly number[]
  readonly filter: readonly number[]
  /** Whole lists that pages ask for beside: of computers, to choose from and to look at, and the overview. */
  readonly names: readonly number[]
  readonly computers: readonly number[]
  readonly overview: readonly number[]
  /** What took longest, for whoever looks for what to mend. */
  readonly slowest: readonly { readonly path: string; readonly ms: number }[]
}

/** `total`: violations in all; a list without a filter must count exactly them. */
export async function measureApi(client: ApiClient, total: number, rounds: number): Promise<ApiTimes> {
  const taken: { path: string; ms: number }[] = []
  const timed = async <T>(path: string): Promise<{ ms: number; answer: T }> => {
    const began = performance.now()
    const bytes = await client.raw(path)
    const ms = performance.now() - began
    taken.push({ path, ms })
    return { ms, answer: JSON.parse(bytes.toString('utf8')) as T }
  }
  const ask = async (query: Readonly<Record<string, string>>, into: number[]): Promise<ViolationsAnswer> => {
    const text = new URLSearchParams({ ...query, limit: String(pageSize) })
    const { ms, answer } = await timed<ViolationsAnswer>(`/api/violations?${text.toString()}`)
    into.push(ms)
    return answer
  }

  const each = await ask({}, [])
  const counted = each.counts.reduce((sum, { count }) => sum + count, 0)
  if (counted !== total) throw new Error(`the list counts ${counted} of ${total} violations`)
  const newest = each.violations[0]
  if (newest === undefined) throw new Error('the list is empty')

  const list: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    for (const order of [{ repeats: 'one' }, {}]) {
      let page = await ask(order, list)
      for (let n = 0; n < 4 && page.nextBefore !== null; n += 1)
        page = await ask({ ...order, before: String(page.nextBefore) }, list)
      for (const share of [0.9, 0.5, 0.1, 0.001]) {
        const deep = await ask({ ...order, before: String(Math.floor(newest.id * share)) }, list)
        if (deep.violations.length === 0) throw new Error('a deep page is empty')
      }
    }
  }
  const names = await many(rounds * 2, () => timed<ComputerNames>('/api/computer-names'))
  const filter: number[] = []
  const asked = filtersOf(names.last.computers, newest.receivedAt, rounds)
  for (const query of asked) {
    const { nextBefore } = await ask({ ...query, repeats: 'one' }, filter)
    if (nextBefore !== null) await ask({ ...query, repeats: 'one', before: String(nextBefore) }, filter)
    if (filter.length % 3 === 0) await ask(query, filter)
  }
  const computers = await many(rounds * 8, (n) => timed(computersPath(n)))
  const overview = await many(rounds * 3, () => timed('/api/overview'))
  const slowest = taken.toSorted((a, b) => b.ms - a.ms).slice(0, 12)
  return { list, filter, names: names.ms, computers: computers.ms, overview: overview.ms, slowest }
}

/** Each choice by itself, then choices together: rare and frequent ones alike. */
function filtersOf(
  computers: ComputerNames['computers'],
  newestAt: number,
  rounds: number,
): Readonly<Record<string, string>>[] {
  const departments = [...new Set(computers.flatMap(({ department }) => department ?? []))]
  const at = <T>(all: readonly T[], n: number): T => all[n % all.length] as T
  const single = [
    ...severities.map((severity) => ({ severity })),
    ...types.map((type) => ({ type })),
    ...LEVELS.map((level) => ({ level })),
    ...HANDLING_STATES.map((state) => ({ state })),
    ...spansMs.map((ms) => ({ from: String(newestAt - ms) })),
    ...['yes', 'no'].map((excepted) => ({ excepted })),
    { assignee: 'me' },
    ...departments.slice(0, 6 * rounds).map((department) => ({ department })),
  ]
  const ofComputers = Array.from({ length: 8 * rounds }, (_, n) => ({ agent: at(computers, n * 397).agent }))
  const together = Array.from({ length: 40 * rounds }, (_, n) => ({
    ...(n % 2 === 0
      ? { severity: at(severities, n / 2) }
      : { type: `${at(types, n)},${at(types, n * 5 + 1)}` }),
    ...(n % 3 === 0 ? { state: `${at(HANDLING_STATES, n)},${at(HANDLING_STATES, n + 3)}` } : {}),
    ...(n % 4 === 1 ? { level: at(LEVELS, n) } : {}),
    ...(n % 5 === 2 ? { from: String(newestAt - at(spansMs, n)) } : {}),
    ...(n % 7 === 3 ? { department: at(departments, n) } : {}),
    ...(n % 11 === 5 ? { agent: at(computers, n * 211).agent } : {}),
  }))
  return [...single, ...ofComputers, ...together]
}

async function many<T>(
  times: number,
  ask: (n: number) => Promise<{ ms: number; answer: T }>,
): Promise<{ ms: number[]; last: T }> {
  const first = await ask(0)
  const ms = [first.ms]
  let last = first.answer
  while (ms.length < times) {
    const next = await ask(ms.length)
    ms.push(next.ms)
    last = next.answer
  }
  return { ms, last }
}

/** The table of computers: pages near and far, part of a number, a state of watching. */
function computersPath(n: number): string {
  const asked = [
    {},
    { offset: '50' },
    { offset: '2500' },
    { text: String(n * 7) },
    { text: `host-${n * 13}` },
    { watch: 'unproven' },
    { watch: 'proven' },
    { offset: '4950' },
  ] as const
  return `/api/computers?${new URLSearchParams({ ...asked[n % asked.length], limit: '50' }).toString()}`
}
