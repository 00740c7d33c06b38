import { describe, expect, it } from 'vitest'
import { evidenceSections } from './evidence-sections.ts'
import { networkViewOf } from './network-views.ts'
import { peerText } from './summarize-network.ts'

const flow = { act: 'connect', rule: 'public-address', count: 1 }
const found = { condition: null, confidence: 'attempt', flows: [flow], traces: [], picture: null }

describe('what the network has a form for', () => {
  it('is told by its shape, never by its name alone', () => {
    expect(networkViewOf('found', found)?.kind).toBe('found')
    expect(networkViewOf('found', 'while-running')).toBeNull()
    expect(networkViewOf('flows', [flow])?.kind).toBe('flows')
    expect(networkViewOf('flows', [])).toBeNull()
    expect(networkViewOf('interfaces', [{ class: '08', subclass: '06', protocol: '50' }])).toBeNull()
    expect(networkViewOf('others', [{ operState: 'up', hasCarrier: true, addresses: [] }])?.kind).toBe(
      'interfaces',
    )
    expect(networkViewOf('differences', [{ field: 'mac', registered: 'a', observed: 'b' }])).toBeNull()
  })

  it('stands behind the plain facts of the evidence', () => {
    const sections = evidenceSections({
      found,
      confidence: 'attempt',
      peer: { address: '1.2.3.4', port: 80 },
    })
    expect(sections.map((one) => one.network?.kind ?? one.path.join('/'))).toEqual(['', 'found'])
  })
})

it('writes an IPv6 end with its port in brackets', () => {
  expect(peerText({ address: '2001:db8::1', port: 443 })).toBe('[2001:db8::1]:443')
  expect(peerText({ address: '2001:db8::1', port: null })).toBe('2001:db8::1')
  expect(peerText({ address: '10.1.0.1', port: 53 })).toBe('10.1.0.1:53')
})
