/** What the API asks of the rest of the console; whoever starts the console implements it. */
import type { EnrolmentAnswer, EnrolmentRequest, Level } from '@shoukou/protocol'
import type { Feed } from '../feed/ports.ts'
import type { Forwarding } from '../forward/ports.ts'
import type { Keeping, PassphraseHalves } from '../keeping/ports.ts'
import type { ArchivePlan } from '../store/archive/plan-archive.ts'
import type { ArchiveListRow } from '../store/archive-ports.ts'
import type { PolicyRow, Store } from '../store/ports.ts'
import type { TrailPort } from '../trail/ports.ts'
import type { CertificateAsked, IssuedCertificate } from '../workflows/accounts/issue-certificate.ts'
import type { LeakedPasswords } from '../workflows/accounts/leaked-passwords.ts'
import type { SessionLimits } from '../workflows/accounts/session.ts'
import type { SignInKeys } from '../workflows/accounts/sign-in-keys.ts'
import type { Bundles } from '../workflows/bundles/create-bundles.ts'
import type { Ceilings } from '../workflows/ceiling/create-ceilings.ts'
import type { Identities } from '../workflows/identity/identities.ts'
import type { MediaCommands } from '../workflows/media/grants.ts'
import type { MediaImport } from '../workflows/media/import.ts'
import type { MediaRegister } from '../workflows/media/register.ts'
import type { SpokenCode, SpokenCodeAsked } from '../workflows/media/spoken-codes.ts'
import type { Isolation } from '../workflows/network/isolation.ts'
import type { OpenRegisters } from '../workflows/registers/open-registers.ts'
import type { RemovalCode } from '../workflows/removal/answer-removal.ts'
import type { AccessPort } from '../workflows/two-person/create-access.ts'
import type { NewToken, PolicyChange, TokenAnswer } from './contract.ts'

/** Acts that reach an agent, or that only the authority's and the policy's keys can do. */
export interface PolicyPort {
  /**
   * Signs, stores and sends the next version; returns it.
   *
   * Throws ShoukouError `edit-conflict` where `baseVersion` is not the newest, `not-found` where there is no such agent.
   */
  change(agent: string, change: PolicyChange, account: string): Promise<PolicyRow>
  /** Sends a signed order to look at everything anew; false where the agent is not connected. */
  sendRescan(agent: string): Promise<boolean>
  /** `replaces`: the agent whose computer is enrolled anew; its number and settings stay, and the token is good for nothing else. */
  createToken(token: NewToken & { readonly replaces?: string }, account: string): Promise<TokenAnswer>
}

/** The registers of computers, machines, people, carriers, and the departments. */
export type RegistersPort = OpenRegisters

/** The media register, and what may be done with a medium that is plugged in somewhere. */
export interface MediaPort {
  readonly register: MediaRegister
  readonly imports: MediaImport
  readonly commands: MediaCommands
  /** Throws ShoukouError `grant-refused` where the challenge was misread. */
  answerChallenge(asked: SpokenCodeAsked): Promise<SpokenCode>
}

/** What signing in needs of the console's keys. */
export interface SignInPort {
  /** PEM: client certificates of this authority alone are asked for. */
  readonly authority: string
  readonly keys: SignInKeys
  readonly leaked: LeakedPasswords
  /** Throws ShoukouError `not-found`, `request-refused` or `limit-exceeded`. */
  issueCertificate(asked: CertificateAsked, account: string): Promise<IssuedCertificate>
}

/** Returns the code for a challenge. Throws ShoukouError `removal-refused` where it was misread or is another computer's. */
export type AnswerRemoval = (agent: string, challenge: string) => RemovalCode

/** Answers an agent that enrols. Throws ShoukouError `token-refused` or `request-refused`. */
export type Enrol = (request: EnrolmentRequest, address: string) => Promise<EnrolmentAnswer>

/** Puts a backup beside the console's data, verified. */
export interface RestorePort {
  /** @throws ShoukouError `backup-refused`, `log-altered` */
  stage(asked: {
    readonly place: string
    readonly halves: PassphraseHalves
    readonly by: string
  }): Promise<{ readonly madeAt: number }>
}

/** Archives of what is out of its period. What takes records out is the act of two people, not this. */
export interface ArchivesPort {
  preview(): Promise<ArchivePlan>
  list(): Promise<readonly ArchiveListRow[]>
  /** @throws ShoukouError `invalid-request`, `edit-conflict`, `log-altered` */
  make(by: string): Promise<{ readonly name: string }>
}

/** Constant message, values in fields. */
export interface ApiLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** PEM, both. */
export interface TlsMaterial {
  readonly cert: string
  readonly key: string
}

export interface ApiOptions {
  readonly store: Store
  readonly feed: Feed
  readonly tls: TlsMaterial | (() => TlsMaterial)
  /** Names and addresses under which the console is reached, as in its certificate. A page of another is refused. */
  readonly names: readonly string[]
  readonly unit: string
  /** The console is itself a classified system: the level that its top bar shows. */
  readonly level: Level
  /** The folder of the built pages. */
  readonly webRoot: string
  /** Everything here is made up, and says so. Left out: it is a unit's own. */
  readonly isDemonstration?: boolean
  readonly enrol: Enrol
  readonly policies: PolicyPort
  readonly bundles: Bundles
  readonly ceilings: Ceilings
  readonly signIn: SignInPort
  readonly media: MediaPort
  readonly registers: RegistersPort
  readonly isolation: Isolation
  readonly removal: AnswerRemoval
  readonly forwarding: Forwarding
  readonly trail: TrailPort
  readonly keeping: Keeping
  readonly restore: RestorePort
  readonly archives: ArchivesPort
  readonly identities: Identities
  readonly access: AccessPort
  readonly log: ApiLog
  readonly now?: () => number
  readonly sessionLimits?: SessionLimits
  readonly pace?: Partial<ApiPace>
}

/** What a test or a unit may set otherwise than `limits.ts`. */
export interface ApiPace {
  readonly signInsPerMinute: number
  readonly enrolmentsPerMinute: number
  readonly feedCommentMs: number
  readonly feedSessionCheckMs: number
  readonly feedBatchBytesMax: number
  readonly feedStalledMsMax: number
}
