/** What the link asks of whoever knows identities: `console/ingest/identity-gate.ts`. */
import type { HelloFrame, KeysFrame } from '@shoukou/protocol'
import type { ComputerRow } from '../store/ports.ts'

/** An agent that said hello, and has no place yet. */
export interface Newcomer {
  readonly agent: string
  /** Of the certificate that the handshake proved. */
  readonly serial: string
  readonly address: string
  readonly hello: HelloFrame
  /** The connection that has the agent's place now; null where none has. */
  readonly older: LiveConnection | null
}

export interface LiveConnection {
  /** Resolves to whether it answered a question that was put after the newcomer spoke. */
  provesAlive(): Promise<boolean>
}

export interface IdentityGate {
  /**
   * Returns whose certificate it is; null where it is nobody's.
   *
   * @throws ShoukouError `certificate-revoked`, or `identity-conflict` for one that was replaced.
   */
  computerOf(certificate: PresentedCertificate): Promise<ComputerRow | null>
  /** Lets a newcomer in. @throws ShoukouError `identity-conflict`; the known one keeps its place. */
  admit(newcomer: Newcomer): Promise<void>
  /** A handshake brought a certificate that is over: before a byte was read. */
  refused(serial: string, address: string): void
  /** Whether a certificate is over: known without waiting. */
  isEnded(serial: string): boolean
}

export interface PresentedCertificate {
  readonly serial: string
  /** DER. */
  readonly raw: Buffer
  readonly address: string
}

/** What an agent's own protection needs of its connection. */
export interface ProtectionPort {
  /** Keys that the agent lacks; null where it has all. To be asked for before its journal is gone on with. */
  keysFor(agent: string, said: Exclude<HelloFrame['protection'], undefined>): Promise<KeysFrame | null>
  /** It stopped answering, or answers again. */
  answers(agent: string, isAnswering: boolean): void
}
