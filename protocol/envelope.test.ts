import { generateKeyPairSync } from 'node:crypto'
import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import { type Envelope, EnvelopeSchema, openEnvelope, signEnvelope } from './envelope.ts'
import { LIMITS } from './limits.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string
const payload = Buffer.from('{"v":1,"name":"\\u202e守口"}')
const signed = signEnvelope('policy', payload, privateKey)
const check = Compile(EnvelopeSchema)

describe('an envelope', () => {
  it('gives back the very bytes that were signed', () => {
    expect(openEnvelope('policy', signed, pem)).toEqual(payload)
  })

  it('takes a private key as PEM too', () => {
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
    expect(openEnvelope('policy', signEnvelope('policy', payload, key), pem)).toEqual(payload)
  })

  it('stays shut when any bit of payload or signature differs', () => {
    for (const field of ['payload', 'signature'] as const) {
      const bytes = Buffer.from(signed[field], 'base64')
      for (let bit = 0; bit < bytes.length * 8; bit += 7) {
        const changed = Buffer.from(bytes)
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(openEnvelope('policy', { ...signed, [field]: changed.toString('base64') }, pem)).toBeNull()
      }
    }
  })

  it('stays shut under another key', () => {
    const other = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }) as string
    expect(openEnvelope('policy', signed, other)).toBeNull()
  })

  it('is no command because it is a policy, whatever its label says', () => {
    expect(openEnvelope('command', signed, pem)).toBeNull()
    const relabelled: Envelope = { ...signed, kind: 'command' }
    expect(openEnvelope('command', relabelled, pem)).toBeNull()
    expect(openEnvelope('policy', relabelled, pem)).toBeNull()
  })

  it('stays shut with a signature that is empty or of another length', () => {
    for (const signature of ['', 'AA==', Buffer.alloc(65).toString('base64')]) {
      expect(openEnvelope('policy', { ...signed, signature }, pem)).toBeNull()
    }
  })

  it('is of the schema, and of it alone', () => {
    expect(check.Check(signed)).toBe(true)
    expect(check.Check({ ...signed, more: 1 })).toBe(false)
    expect(check.Check({ ...signed, v: 2 })).toBe(false)
    expect(check.Check({ ...signed, kind: 'patch' })).toBe(false)
    expect(check.Check({ ...signed, payload: 'A' })).toBe(false)
    expect(check.Check({ ...signed, payload: 'AA=' })).toBe(false)
    expect(check.Check({ ...signed, payload: 'AA==\n' })).toBe(false)
  })

  it('holds a payload at the limit and none past it', () => {
    const at = signEnvelope('policy', Buffer.alloc(LIMITS.policyBytesMax, 0x20), privateKey)
    const past = signEnvelope('policy', Buffer.alloc(LIMITS.policyBytesMax + 3, 0x20), privateKey)
    expect(check.Check(at)).toBe(true)
    expect(check.Check(past)).toBe(false)
  })
})
