/** Who a computer is, as the pages see it. Pure. */
import type { AgentCertificateRow, EnrolmentRow, KnownHardware, RevocationRow } from '../../store/ports.ts'
import type { CertificateView, IdentityAnswer } from '../contract-identity.ts'

const markLength = 8

/** Returns the view at `now`. */
export function identityView(
  found: {
    readonly certificates: readonly AgentCertificateRow[]
    readonly hardware: KnownHardware | null
    readonly revocation: RevocationRow | null
    readonly enrolments: readonly EnrolmentRow[]
  },
  now: number,
): IdentityAnswer {
  const { certificates, hardware, revocation, enrolments } = found
  return {
    certificates: certificates.map((row) => certificateView(row, now)),
    machine: hardware === null ? null : machineView(hardware),
    revocation:
      revocation === null
        ? null
        : { at: revocation.at, account: revocation.account, reason: revocation.reason },
    enrolments: enrolments.map(({ agent, enrolledAt, retiredAt }) => ({ agent, enrolledAt, retiredAt })),
  }
}

function certificateView(row: AgentCertificateRow, now: number): CertificateView {
  const { serial, state, origin, issuedAt, notAfter, firstUsedAt, endedAt } = row
  const isExpired = (state === 'current' || state === 'issued') && notAfter !== null && notAfter < now
  return { serial, state: isExpired ? 'expired' : state, origin, issuedAt, notAfter, firstUsedAt, endedAt }
}

function machineView({ facts, ...known }: KnownHardware): NonNullable<IdentityAnswer['machine']> {
  return {
    ...known,
    facts: facts.map(({ part, hash, isBaseline, isPresent }) => ({
      part,
      mark: hash.slice(0, markLength),
      standing: !isBaseline ? 'added' : isPresent ? 'matched' : 'missing',
    })),
  }
}
