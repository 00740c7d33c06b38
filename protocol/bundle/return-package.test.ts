import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { signEnvelope } from '../envelope.ts'
import { seededRandom } from '../fixtures/seeded-random.ts'
import { bundleFaultOf } from './fault.ts'
import { BUNDLE_LIMITS } from './limits.ts'
import {
  encodeReturnPackage,
  parseReturnPackage,
  type ReturnOrder,
  type ReturnParts,
  returnPartsDigest,
} from './return-package.ts'
import { makeSealingKey } from './sealing.ts'

const keys = generateKeyPairSync('ed25519')
const policyKey = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const console = createHash('sha256').update('authority').digest('base64url')
const owner = { agent: 'agent-1', console, policyKeys: [policyKey], ceiling: null }
const parts: ReturnParts = {
  policy: signEnvelope('policy', Buffer.from('a policy'), keys.privateKey),
  ceilings: [],
  commands: [signEnvelope('command', Buffer.from('an order'), keys.privateKey)],
  renewal: null,
}

function made(change: Partial<ReturnOrder> = {}, of: ReturnParts = parts): Buffer {
  const order: ReturnOrder = {
    v: 1,
    type: 'return',
    package: randomUUID(),
    agent: 'agent-1',
    computer: 'JM-0001',
    console,
    number: 3,
    issuedAtMs: 1_780_000_000_000,
    bundle: { id: randomUUID(), number: 2 },
    stored: { epoch: '0001-0123456789abcdef', seq: 10, head: 'a'.repeat(64) },
    receipt: 'b'.repeat(64),
    bundleKey: makeSealingKey().publicKey,
    partsDigest: returnPartsDigest(parts),
    ...change,
  }
  return encodeReturnPackage(signEnvelope('return', Buffer.from(JSON.stringify(order)), keys.privateKey), of)
}

const faultOf = (bytes: Uint8Array, by = owner) => {
  try {
    parseReturnPackage(bytes, by)
  } catch (fault) {
    return bundleFaultOf(fault) ?? `not a bundle's error: ${String(fault)}`
  }
  return null
}

describe('a return package', () => {
  it('comes back as it was signed', () => {
    expect(parseReturnPackage(made(), owner)).toMatchObject({
      order: { number: 3, computer: 'JM-0001' },
      parts,
    })
  })

  it('for another computer, or of another console, is told apart', () => {
    expect(faultOf(made({ agent: 'agent-2' }))).toBe('foreign-agent')
    expect(faultOf(made({ console: createHash('sha256').update('x').digest('base64url') }))).toBe(
      'foreign-console',
    )
    const other = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString()
    expect(faultOf(made(), { ...owner, policyKeys: [other] })).toBe('signature')
  })

  it('with a part taken out or exchanged for another signed one is altered', () => {
    expect(faultOf(made({}, { ...parts, policy: null }))).toBe('altered')
    expect(faultOf(made({}, { ...parts, commands: [] }))).toBe('altered')
    const older = signEnvelope('policy', Buffer.from('an older policy'), keys.privateKey)
    expect(faultOf(made({}, { ...parts, policy: older }))).toBe('altered')
  })

  it('is no other signed thing: a policy’s signature does not make one', () => {
    const order = JSON.parse(made().toString()) as { order: { payload: string } }
    const payload = Buffer.from(order.order.payload, 'base64')
    const bytes = encodeReturnPackage(
      { ...signEnvelope('policy', payload, keys.privateKey), kind: 'return' },
      parts,
    )
    expect(faultOf(bytes)).toBe('signature')
  })

  it('changed in any of 2,000 ways is refused, unless nothing that counts was changed', () => {
    const random = seededRandom(7)
    const good = made()
    const meaning = JSON.stringify(parseReturnPackage(good, owner))
    for (let round = 0; round < 2_000; round += 1) {
      const changed = Buffer.from(good)
      const at = random.int(good.length)
      changed[at] = (changed[at] ?? 0) ^ (1 << random.int(8))
      const fault = faultOf(changed)
      // The base64 of 64 bytes has four spare bits: another letter there says the same.
      if (fault === null)
        expect(JSON.stringify(parseReturnPackage(changed, owner)), `byte ${at}`).toBe(meaning)
      else expect(fault).toMatch(/^[a-z-]+$/)
    }
  })

  it('above its limit is refused unread', () => {
    expect(faultOf(Buffer.alloc(BUNDLE_LIMITS.packageBytesMax + 1))).toBe('too-large')
    expect(faultOf(Buffer.from('{}'))).toBe('not-a-bundle')
  })
})
