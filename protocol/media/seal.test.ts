import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { signEnvelope } from '../envelope.ts'
import { thrownBy } from '../fixtures/thrown-by.ts'
import { SEAL } from './fixtures/passports.ts'
import { openSeal, signSeal } from './seal.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string
const otherPem = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }) as string
const signed = signSeal(SEAL, privateKey)
const signBytes = (bytes: Uint8Array) => {
  const { payload, signature } = signEnvelope('seal', bytes, privateKey)
  return { payload, signature }
}

describe('a seal', () => {
  it('opens under the key that signed it', () => {
    expect(openSeal(signed, pem)).toEqual(SEAL)
  })

  it('is signed alike whatever the order in which its fields were given', () => {
    const shuffled = Object.fromEntries(Object.entries(SEAL).toReversed()) as typeof SEAL
    expect(signSeal(shuffled, privateKey)).toEqual(signed)
  })

  it('stays shut under another key, and under a key that is none', () => {
    expect(openSeal(signed, otherPem)).toBeNull()
    expect(openSeal(signed, 'no key')).toBeNull()
  })

  it('stays shut with any byte of it changed', () => {
    for (const field of ['payload', 'signature'] as const) {
      const bytes = Buffer.from(signed[field], 'base64')
      for (let at = 0; at < bytes.length; at += 3) {
        const changed = Buffer.from(bytes)
        changed[at] = (changed[at] ?? 0) ^ 0x10
        expect(openSeal({ ...signed, [field]: changed.toString('base64') }, pem)).toBeNull()
      }
    }
  })

  it('is no policy: the same bytes signed as one do not open', () => {
    const { payload, signature } = signEnvelope('policy', Buffer.from(signed.payload, 'base64'), privateKey)
    expect(openSeal({ payload, signature }, pem)).toBeNull()
  })

  it('stays shut where it is signed and not a seal', () => {
    expect(openSeal(signBytes(Buffer.from('{}')), pem)).toBeNull()
    expect(openSeal(signBytes(Buffer.from('{')), pem)).toBeNull()
    expect(openSeal(signBytes(Buffer.from([0xff])), pem)).toBeNull()
    expect(openSeal(signBytes(Buffer.from(JSON.stringify({ ...SEAL, more: 1 }))), pem)).toBeNull()
  })

  it('stays shut where it is not even base64', () => {
    expect(openSeal({ payload: '!', signature: '' }, pem)).toBeNull()
    expect(openSeal({ payload: '', signature: '' }, pem)).toBeNull()
  })

  it('is not made of what is none, nor above its limit', () => {
    expect(thrownBy(() => signSeal({ ...SEAL, number: '' }, privateKey))).toMatchObject({
      code: 'seal-refused',
    })
    const computers = Array.from({ length: 64 }, (_, at) => `${at}`.padStart(64, 'C'))
    expect(thrownBy(() => signSeal({ ...SEAL, computers }, privateKey))).toMatchObject({
      code: 'limit-exceeded',
    })
  })
})
