/** For tests: the signing process's own core with a key made here, in this process. Not part of the product. */
import { generateKeyPairSync } from 'node:crypto'
import { createSigningCore, type SigningCore, type SigningCoreOptions } from './signing-core.ts'

/** A signer with a key of its own. */
export function createTestSigner(options: Omit<SigningCoreOptions, 'privateKey'> = {}): SigningCore {
  const { privateKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  return createSigningCore({ ...options, privateKey })
}

/** One for all tests of a file that need any: it holds no ceiling, and none is to be given to it. */
export const testSigner: SigningCore = createTestSigner()
