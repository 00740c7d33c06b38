import type { FactNamed } from '@shoukou/protocol/events/facts.ts'
import { expect, it } from 'vitest'
import { summarizeNetworkFact } from './summarize-network.ts'

const program = { name: 'value.yes', path: '/tmp/\u202ecurl' }
const flow = { peer: { address: '2001:db8::1', port: 443 }, count: 3, refused: 2, rule: 'public-address' }

it('keeps what a program or a network called itself apart from words of ours', () => {
  const parts = summarizeNetworkFact({
    kind: 'network.condition',
    condition: 'wireless-associated',
    state: 'began',
    interface: { name: 'value.no' },
    peer: null,
    text: 'Guest\u202e',
    program,
    confidence: 'link-up',
  } as unknown as FactNamed<'network.condition'>)
  expect(parts).toEqual([
    { kind: 'words', key: 'value.condition.wireless-associated', otherwise: 'wireless-associated' },
    { kind: 'words', key: 'value.state.began' },
    { kind: 'raw', text: 'value.no' },
    { kind: 'raw', text: 'Guest\u202e' },
    { kind: 'raw', text: '/tmp/\u202ecurl' },
    { kind: 'words', key: 'value.confidence.link-up' },
  ])
})

it('counts all connections of a record, says that there are more peers, and how many were refused', () => {
  const parts = summarizeNetworkFact({
    kind: 'network.connections',
    program,
    flows: [flow, { ...flow, refused: 0 }],
  } as unknown as FactNamed<'network.connections'>)
  expect(parts).toEqual([
    { kind: 'raw', text: '/tmp/\u202ecurl' },
    { kind: 'code', text: '→' },
    { kind: 'code', text: '[2001:db8::1]:443' },
    { kind: 'code', text: '…' },
    { kind: 'counted', key: 'fact.count.connections', count: 6 },
    { kind: 'counted', key: 'fact.count.refused', count: 2 },
    { kind: 'words', key: 'rule.public-address', otherwise: 'public-address' },
  ])
})

it('says how many steps of a cut failed, and nothing where none did', () => {
  const acted = (result: string) =>
    summarizeNetworkFact({
      kind: 'network.acted',
      act: 'cut',
      cause: 'tether-up',
      interface: null,
      steps: [{ step: 'link-down', result, detail: null }],
    } as unknown as FactNamed<'network.acted'>)
  expect(acted('failed').at(-1)).toEqual({ kind: 'counted', key: 'fact.count.steps-failed', count: 1 })
  expect(acted('done')).toHaveLength(2)
})
