/**
 * What the store keeps of who is who: each agent's certificates, the machine that it was enrolled on, revocations,
 * enrolments of one computer that follow each other, and the console's own clock. Part of the store's interface: see
 * `ports.ts`.
 */
import type { HardwareFact } from '@shoukou/protocol'

/**
 * `issued`: made, not used yet. `current`: used last. `superseded`: a later one was used, or the computer was enrolled anew.
 * `revoked`: taken away.
 */
export type CertificateState = 'issued' | 'current' | 'superseded' | 'revoked'

export interface NewAgentCertificate {
  /** Upper-case hex, as Node names a peer's. */
  readonly serial: string
  readonly agent: string
  /** PEM. */
  readonly certificate: string
  /** SHA-256 of the public key (SPKI), hex: the same request twice has the same answer. */
  readonly keyHash: string
  readonly issuedAt: number
  /** Null where it is not known. */
  readonly notAfter: number | null
  /** `adopted`: of this authority, and not in this store: it was restored from an older copy. */
  readonly origin: 'enrolment' | 'renewal' | 'bundle' | 'adopted'
}

export interface AgentCertificateRow extends NewAgentCertificate {
  readonly state: CertificateState
  readonly firstUsedAt: number | null
  readonly endedAt: number | null
}

/** What ended when another one was used, or when all were taken away. */
export interface EndedCertificate {
  readonly serial: string
  readonly agent: string
  readonly state: 'superseded' | 'revoked'
}

export interface HardwareRow extends HardwareFact {
  /** Of the machine as it was first told: what later ones are compared with. */
  readonly isBaseline: boolean
  /** Told at the last hello. */
  readonly isPresent: boolean
}

export interface KnownHardware {
  readonly facts: readonly HardwareRow[]
  readonly baselineAt: number
  readonly baselineFrom: 'enrolment' | 'first-hello'
  readonly toldAt: number
}

export interface RevocationRow {
  readonly agent: string
  readonly at: number
  readonly account: string
  readonly reason: string
}

/** One enrolment of a computer; the newest is the one that is in force. */
export interface EnrolmentRow {
  readonly agent: string
  readonly number: string
  readonly enrolledAt: number
  /** When a later enrolment took its place; null where it is the newest. */
  readonly retiredAt: number | null
  readonly replacedBy: string | null
}

export interface ClockJumpRow {
  /** The console's clock after it. */
  readonly at: number
  /** Negative: back. */
  readonly byMs: number
  readonly found: 'while-running' | 'at-start'
}

export interface IdentityStore {
  agentCertificate(serial: string): Promise<AgentCertificateRow | null>
  /** Newest first. */
  agentCertificates(agent: string): Promise<readonly AgentCertificateRow[]>
  /**
   * Adds one as `issued`; where one of the same agent and key waits already, returns that. Beyond `issuedMax` unused ones
   * the oldest are superseded.
   */
  addAgentCertificate(certificate: NewAgentCertificate, issuedMax: number): Promise<AgentCertificateRow>
  /**
   * Notes that a certificate was used: it becomes the current one, and what it takes the place of ends. Returns what ended;
   * null where the certificate is superseded, revoked or unknown.
   */
  useAgentCertificate(serial: string, at: number): Promise<readonly EndedCertificate[] | null>
  /** Superseded and revoked ones that would hold by their dates at `at`, or have no known end. */
  endedAgentCertificates(at: number): Promise<readonly EndedCertificate[]>

  /** Takes all certificates of an agent away; null where that was done before. */
  revoke(revocation: RevocationRow): Promise<RevocationRow | null>
  revocation(agent: string): Promise<RevocationRow | null>
  revocations(): Promise<readonly RevocationRow[]>

  hardware(agent: string): Promise<KnownHardware | null>
  /** Notes what was told. The first that an agent tells is what later ones are compared with. */
  noteHardware(
    agent: string,
    told: {
      readonly facts: readonly HardwareFact[]
      readonly at: number
      readonly from: 'enrolment' | 'hello'
    },
  ): Promise<void>
  /** Agents in force (not retired, not revoked) whose machine has any of these facts, with all facts of each. */
  agentsOnHardware(
    facts: readonly HardwareFact[],
  ): Promise<
    readonly { readonly agent: string; readonly number: string; readonly facts: readonly HardwareFact[] }[]
  >

  /** All enrolments under the number of this agent's computer, newest first. */
  enrolments(agent: string): Promise<readonly EnrolmentRow[]>

  /** The console's clock as last written down; null before the first time. */
  lastClock(): Promise<number | null>
  noteClock(wallMs: number): Promise<void>
  addClockJump(jump: ClockJumpRow): Promise<void>
  /** Newest first. */
  clockJumps(limit: number): Promise<readonly ClockJumpRow[]>
}
