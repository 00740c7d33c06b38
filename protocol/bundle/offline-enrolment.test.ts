import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { signEnvelope } from '../envelope.ts'
import { fingerprint, makeTestPair, type TestPair } from '../fixtures/bundles.ts'
import { bundleFaultOf } from './fault.ts'
import {
  authorityMark,
  encodeOfflineAnswer,
  type OfflineContent,
  openOfflineAnswer,
  parseOfflineRequest,
} from './offline-enrolment.ts'
import { makeSealingKey } from './sealing.ts'

let authority: TestPair
let other: TestPair
let content: OfflineContent
const seal = makeSealingKey()
const request = { request: randomUUID(), sealTo: seal.publicKey }
const pending = { request: request.request, sealKey: seal.privateKey }

beforeAll(async () => {
  authority = await makeTestPair('authority')
  other = await makeTestPair('other')
  const policyKeys = signEnvelope('policy', Buffer.from('p'), await ed25519())
  content = {
    consoleUrl: 'https://console.unit:8443',
    answer: {
      v: 1,
      agent: 'agent-1',
      computer: 'JM-0001',
      certificate: authority.certificate,
      authority: authority.certificate,
      policyKey: 'a key',
      policy: policyKeys,
      agentPort: 8444,
    },
  }
})

async function ed25519(): Promise<string> {
  const { generateKeyPairSync } = await import('node:crypto')
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

const faultOf = (act: () => unknown) => {
  try {
    act()
  } catch (fault) {
    return bundleFaultOf(fault)
  }
  return null
}

describe('enrolment by files', () => {
  it('opens with the mark that was typed, however it was typed, and with the whole fingerprint', () => {
    const answer = encodeOfflineAnswer(request, content, authority.key)
    const mark = authorityMark(authority.certificate)
    expect(mark).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$/)
    for (const typed of [
      mark,
      mark.toLowerCase(),
      mark.replaceAll('-', ' '),
      fingerprint(authority.certificate),
    ])
      expect(openOfflineAnswer(answer, pending, typed)).toEqual(content)
  })

  it('of another console is refused, whatever it says', () => {
    const answer = encodeOfflineAnswer(request, content, authority.key)
    expect(faultOf(() => openOfflineAnswer(answer, pending, authorityMark(other.certificate)))).toBe(
      'foreign-console',
    )
    expect(faultOf(() => openOfflineAnswer(answer, pending, ''))).toBe('foreign-console')
    const forged = encodeOfflineAnswer(request, content, other.key)
    expect(faultOf(() => openOfflineAnswer(forged, pending, authorityMark(authority.certificate)))).toBe(
      'signature',
    )
  })

  it('answers one request alone', () => {
    const answer = encodeOfflineAnswer({ ...request, request: randomUUID() }, content, authority.key)
    expect(faultOf(() => openOfflineAnswer(answer, pending, authorityMark(authority.certificate)))).toBe(
      'foreign-agent',
    )
  })

  it('shows its secrets to nobody on the way, and a changed byte is seen', () => {
    const answer = encodeOfflineAnswer(request, content, authority.key)
    expect(answer.toString()).not.toContain('JM-0001')
    const changed = Buffer.from(
      answer
        .toString()
        .replace(/"sealed":"./, (found) => `${found.slice(0, -1)}${found.endsWith('A') ? 'B' : 'A'}`),
    )
    expect(faultOf(() => openOfflineAnswer(changed, pending, authorityMark(authority.certificate)))).toBe(
      'altered',
    )
  })

  it('reads a request, and refuses what is none', () => {
    const text = JSON.stringify({
      v: 1,
      type: 'enrolment-request',
      request: request.request,
      certificateRequest: 'x',
      agentVersion: '0.1.0',
      hostname: 'host',
      baseline: { takenAtMs: 1, usb: [], disks: [], interfaces: [] },
      sealTo: request.sealTo,
    })
    expect(parseOfflineRequest(Buffer.from(text)).sealTo).toBe(request.sealTo)
    expect(faultOf(() => parseOfflineRequest(Buffer.from(text.replace('"v":1', '"v":2'))))).toBe(
      'not-a-bundle',
    )
    expect(faultOf(() => parseOfflineRequest(Buffer.from([0xff])))).toBe('not-a-bundle')
  })
})
