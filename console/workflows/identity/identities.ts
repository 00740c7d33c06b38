/** What administrators do with agents' identities, and what agents ask about their own. */
import {
  type RenewalRequest,
  ShoukouError,
  type StandingAnswer,
  type StandingRequest,
} from '@shoukou/protocol'
import type { ConsoleKeys } from '../../pki/key-store.ts'
import { revocationList } from '../../pki/revocations.ts'
import type { EndedCertificate, RevocationRow, Store } from '../../store/ports.ts'
import { answerStanding, type Renewed, renew } from './renewal.ts'

export interface IdentitiesOptions {
  readonly store: Store
  readonly keys: Pick<ConsoleKeys, 'authority'>
  readonly now: () => number
  /** Certificates that are over: refused from now on wherever they are shown. */
  readonly ended: (certificates: readonly EndedCertificate[]) => void
  /** Gives TLS the list of revoked ones (PEM). */
  readonly refuse: (revoked: string) => void
  /** Ends an agent's connections, told why; false where it has none. */
  readonly disconnect: (agent: string, reason: ShoukouError) => boolean
  /** A computer is another than before: for the pages. */
  readonly changed: (agent: string) => Promise<void>
}

export interface Identities {
  renew(request: RenewalRequest): Promise<Renewed>
  standing(request: StandingRequest): Promise<StandingAnswer>
  /**
   * Takes an agent's identity away, at once and for good: it comes back by another enrolment alone. Returns whether it was
   * connected.
   *
   * @throws ShoukouError `not-found`, or `edit-conflict` where that was done before, or it was enrolled anew.
   */
  revoke(agent: string, reason: string, account: string): Promise<{ readonly wasConnected: boolean }>
  /** What TLS is given when it begins; null where nothing is revoked. */
  revokedList(): Promise<string | null>
}

export function createIdentities(options: IdentitiesOptions): Identities {
  const { store, keys, now } = options
  const revokedList = async (): Promise<string | null> => {
    const serials = (await store.endedAgentCertificates(now()))
      .filter(({ state }) => state === 'revoked')
      .map(({ serial }) => serial)
    return serials.length === 0 ? null : revocationList(keys.authority, serials, now())
  }
  return {
    renew: (request) => renew({ store, keys, now: now() }, request),
    standing: (request) => answerStanding({ store, now: now() }, request),
    revokedList,
    revoke: async (agent, reason, account) => {
      await assertRevocable(store, agent)
      const revoked: RevocationRow = { agent, at: now(), account, reason }
      if ((await store.revoke(revoked)) === null) throw alreadyRevoked()
      const certificates = await store.agentCertificates(agent)
      // First what needs nobody: from here on no byte of it is read, whatever becomes of the list.
      options.ended(
        certificates
          .filter(({ state }) => state === 'revoked')
          .map(({ serial }) => ({ serial, agent, state: 'revoked' })),
      )
      const wasConnected = options.disconnect(
        agent,
        new ShoukouError('certificate-revoked', 'This computer’s certificate was revoked; enrol it anew.'),
      )
      const list = await revokedList()
      if (list !== null) options.refuse(list)
      await options.changed(agent)
      return { wasConnected }
    },
  }
}

async function assertRevocable(store: Store, agent: string): Promise<void> {
  if ((await store.computer(agent)) === null)
    throw new ShoukouError('not-found', 'No computer is enrolled under this name; see the list of computers.')
  if ((await store.revocation(agent)) !== null) throw alreadyRevoked()
  const [inForce] = await store.enrolments(agent)
  if (inForce?.agent !== agent)
    throw new ShoukouError('edit-conflict', 'This computer was enrolled anew; its earlier identity is over.')
}

function alreadyRevoked(): ShoukouError {
  return new ShoukouError('edit-conflict', 'The certificate of this computer was revoked before.')
}
