/**
 * Who signs what agents obey: policies, commands, seals. The daily key is behind it and nowhere else; whoever stands
 * behind this port reads what it signs and keeps to the ceiling.
 */
import type { Envelope, SignedCeiling } from '@shoukou/protocol'

export interface Signer {
  /** Ed25519, SPKI PEM: what agents pin at enrolment. */
  readonly publicKey: string
  /**
   * Signs a payload as it is.
   *
   * @throws ShoukouError `beyond-ceiling` where the ceiling does not allow it, `signer-unavailable` where the signing
   * process does not answer, `request-refused` where the payload is nothing that is signed.
   */
  sign(kind: Envelope['kind'], payload: Uint8Array): Promise<Envelope>
}

/** A signer that holds a ceiling which it verified for itself. */
export interface CeilingSigner extends Signer {
  /** Takes a ceiling that may follow the one it holds; one that it holds already is no fault. @throws ShoukouError `ceiling-refused`. */
  takeCeiling(signed: SignedCeiling): Promise<void>
}
