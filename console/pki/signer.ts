/**
 * Who signs what agents obey: policies, commands, seals. The daily key is behind it and nowhere else; whoever stands
 * behind this port reads what it signs and keeps to the ceiling.
 */
import type { Envelope } from '@shoukou/protocol'

export interface Signer {
  /** Ed25519, SPKI PEM: what agents pin at enrolment. */
  readonly publicKey: string
  /**
   * Signs a payload as it is.
   *
   * @throws ShoukouError `beyond-ceiling` where the ceiling does not allow it, `signer-unavailable` where the signing
   * process does not answer.
   */
  sign(kind: Envelope['kind'], payload: Uint8Array): Promise<Envelope>
}
