import type { Fact, Trace } from '@shoukou/protocol'
import { expect, it } from 'vitest'
import { tellHistory } from './tell-history.ts'

const traceOf = (text: string, peer: string | null = null): Trace => ({
  kind: 'wifi-seen',
  source: 'networkmanager',
  path: '/var/lib/x',
  text,
  interfaceName: null,
  peer,
  firstWallMs: null,
  lastWallMs: 5,
  certainty: 'hint',
})

async function told(traces: readonly Trace[], unread: readonly string[] = []): Promise<Fact[]> {
  const facts: Fact[] = []
  await tellHistory({
    ...{ cause: 'absence', fromWallMs: 100_000, toWallMs: 500_000, rules: null },
    read: async ({ fromWallMs, isOwn }) => {
      expect(fromWallMs).toBe(40_000)
      return { traces: traces.filter((trace) => !isOwn(trace)), unread }
    },
    tell: (fact) => facts.push(fact),
    signal: new AbortController().signal,
  })
  return facts
}

it('tells traces in pieces, what could not be read with the first', async () => {
  const facts = await told(
    Array.from({ length: 450 }, (_, n) => traceOf(`ssid ${n}`)),
    ['wtmp: permission denied'],
  )
  expect(facts).toMatchObject([
    { kind: 'network.traces', continues: true, unread: ['wtmp: permission denied'] },
    { continues: true, unread: [] },
    { continues: false, unread: [] },
  ])
})

it('says that it looked where nothing was found', async () => {
  expect(await told([])).toMatchObject([
    { kind: 'network.traces', cause: 'absence', traces: [], continues: false },
  ])
})
