/** The identity of an agent that runs: the pair of key and certificate changes, all else stays. Whoever connects reads it then. */
import type { Identity, Pair } from './identity.ts'

export interface LiveIdentity extends Identity {
  /** Whether the certificate is another than enrolment's. */
  readonly isRenewed: boolean
  replace(pair: Pair): void
}

/** Returns it; `isRenewed`: what was read was renewed before. */
export function liveIdentity(identity: Identity, isRenewed: boolean): LiveIdentity {
  let pair: Pair = { key: identity.key, certificate: identity.certificate }
  let hasOther = isRenewed
  const { key: _key, certificate: _certificate, ...names } = identity
  return {
    ...names,
    get key() {
      return pair.key
    },
    get certificate() {
      return pair.certificate
    },
    get isRenewed() {
      return hasOther
    },
    replace(next) {
      pair = next
      hasOther = true
    },
  }
}
