/** Reads the key out of a certificate request (PKCS #10, RFC 2986): of what somebody sends, only that counts. */
import type { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { ShoukouError } from '@shoukou/protocol'

/** A request of a P-256 key has a few hundred bytes; more is not read at all. */
const requestCharactersMax = 8_192

/**
 * Returns the public key of a request that is signed by its own key, which is on P-256.
 *
 * @throws ShoukouError `request-refused` where it is not such a request, whatever the decoder stumbles over in it.
 */
export async function readRequestKey(pem: string): Promise<webcrypto.CryptoKey> {
  if (pem.length > requestCharactersMax) throw refused('it is too long')
  const parsed = await decoded('it is not a PKCS #10 request', () => new x509.Pkcs10CertificateRequest(pem))
  const { algorithm } = await decoded('its key cannot be read', () => parsed.publicKey)
  if (algorithm.name !== 'ECDSA' || (algorithm as webcrypto.EcKeyAlgorithm).namedCurve !== 'P-256') {
    throw refused('its key is not on the curve P-256')
  }
  if (!(await decoded('its signature cannot be read', () => parsed.verify())))
    throw refused('it is not signed by its own key')
  return await decoded('its key cannot be read', () => parsed.publicKey.export())
}

/** The bytes are anybody's: what the decoder throws at them is a refusal, and is kept as its cause. */
async function decoded<T>(why: string, decode: () => T | Promise<T>): Promise<T> {
  try {
    return await decode()
  } catch (cause) {
    throw refused(why, cause)
  }
}

function refused(why: string, cause?: unknown): ShoukouError {
  return new ShoukouError('request-refused', `The certificate request is not acceptable: ${why}.`, { cause })
}
