/**
 * The daily key and what it may sign: reads each payload, holds it to a ceiling that it verified itself, signs. The process
 * around it is `signer-process.ts`; tests run this very core in their own process.
 */
import { createPrivateKey, createPublicKey } from 'node:crypto'
import {
  type Ceiling,
  type Envelope,
  judgeCeiling,
  ShoukouError,
  type SignedCeiling,
  signEnvelope,
} from '@shoukou/protocol'
import type { CeilingSigner } from '../pki/signer.ts'
import { assertMaySign } from './check-payload.ts'

export interface SigningCoreOptions {
  /** Ed25519, PKCS #8 PEM. */
  readonly privateKey: string
  /** What it held when it ended; verified again. */
  readonly ceiling?: SignedCeiling | null
  readonly now?: () => number
  /** Keeps a ceiling before it counts. */
  readonly keep?: (signed: SignedCeiling) => Promise<void>
}

/** A signer that needs no process: the key lives where it is made. */
export interface SigningCore extends CeilingSigner {
  readonly ceiling: Ceiling | null
}

/** @throws ShoukouError `config-invalid` where the key is no Ed25519 key, `ceiling-refused` where the ceiling does not hold. */
export function createSigningCore(options: SigningCoreOptions): SigningCore {
  const { now = Date.now, keep = async () => undefined } = options
  const key = createPrivateKey(options.privateKey)
  if (key.asymmetricKeyType !== 'ed25519')
    throw new ShoukouError('config-invalid', 'The daily key is no Ed25519 key; restore it from the backup.')
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
  let held = options.ceiling ? heldOf(options.ceiling, null) : null
  return {
    publicKey,
    get ceiling() {
      return held?.ceiling ?? null
    },
    sign: async (kind, payload): Promise<Envelope> => {
      const ceiling = held === null ? null : { ceiling: held.ceiling, payload: held.signed.payload }
      assertMaySign(kind, payload, { ceiling, publicKey, nowMs: now() })
      return signEnvelope(kind, payload, key)
    },
    takeCeiling: async (signed) => {
      const next = heldOf(signed, held?.signed ?? null)
      await keep(signed)
      held = next
    },
  }
}

interface Held {
  readonly signed: SignedCeiling
  readonly ceiling: Ceiling
}

function heldOf(signed: SignedCeiling, current: SignedCeiling | null): Held {
  const verdict = judgeCeiling(signed, current)
  if (verdict.kind !== 'refused') return { signed, ceiling: verdict.ceiling }
  throw new ShoukouError(
    'ceiling-refused',
    `The signing process does not take the ceiling: ${verdict.reason}.`,
    {
      context: { reason: verdict.reason },
    },
  )
}
