/** What forwarding offers to the API: targets, their state, a test. */
import type { ForwardFailure, ForwardFilter, ForwardTargetKind } from '../store/forward-ports.ts'

export type { ForwardEventKind, ForwardFailure, ForwardTargetKind } from '../store/forward-ports.ts'

/** How a stream is protected; `tcp` is plain, and only where somebody chose it. */
export type StreamProtection = 'tls' | 'tcp'

export interface SyslogSettings {
  readonly host: string
  readonly port: number
  readonly protection: StreamProtection
  /** PEM; empty: the authorities of the system. */
  readonly ca: string
  /** PEM; empty: none. Its key is the secret `clientKey`. */
  readonly clientCertificate: string
}
export type JsonLinesSettings = SyslogSettings
export interface JsonFileSettings {
  readonly folder: string
  readonly fileMegabytesMax: number
  readonly filesMax: number
}
/** Its signing key is the secret `hmacKey`. */
export interface WebhookSettings {
  readonly url: string
  readonly ca: string
  readonly clientCertificate: string
}
/** Its password is the secret `password`. */
export interface SmtpSettings {
  readonly host: string
  readonly port: number
  readonly protection: 'starttls' | 'tls' | 'none'
  readonly ca: string
  readonly user: string
  readonly from: string
  readonly to: readonly string[]
}
export interface FolderSettings {
  readonly folder: string
  readonly heartbeatSeconds: number
}

export type TargetSettings =
  | ({ readonly kind: 'syslog' } & SyslogSettings)
  | ({ readonly kind: 'json-lines' } & JsonLinesSettings)
  | ({ readonly kind: 'json-file' } & JsonFileSettings)
  | ({ readonly kind: 'webhook' } & WebhookSettings)
  | ({ readonly kind: 'smtp' } & SmtpSettings)
  | ({ readonly kind: 'folder' } & FolderSettings)

export const SECRET_NAMES = ['password', 'hmacKey', 'clientKey'] as const
export type SecretName = (typeof SECRET_NAMES)[number]

export interface TargetDraft extends ForwardFilter {
  readonly name: string
  readonly content: 'headline' | 'facts'
  readonly language: 'zh' | 'en'
  readonly settings: TargetSettings
  /** Only what is to be set anew; an empty text removes it. Never given back. */
  readonly secrets: Partial<Record<SecretName, string>>
}

export type TargetStateName = 'idle' | 'sending' | 'waiting' | 'failing' | 'paused'

export interface TargetState extends Omit<TargetDraft, 'secrets'> {
  readonly id: string
  readonly version: number
  readonly kind: ForwardTargetKind
  /** Which secrets are set; not what they are. */
  readonly hasSecrets: readonly SecretName[]
  readonly state: TargetStateName
  /** How many wait; `isWaitingMore` where there are more than were counted. */
  readonly waiting: number
  readonly isWaitingMore: boolean
  readonly sent: number
  readonly lastSentAt: number | null
  readonly lastAnswer: string | null
  readonly failure: ForwardFailure | null
  readonly failedAt: number | null
  readonly nextTryAt: number | null
}

export interface TestOutcome {
  readonly isSent: boolean
  /** What the receiver said, or that it took it without a word. */
  readonly answer: string
  readonly failure: ForwardFailure | null
  readonly tookMs: number
}

export interface Forwarding {
  targets(): Promise<readonly TargetState[]>
  /** @throws ShoukouError `invalid-request` where the settings may not be, `limit-exceeded` where there are too many. */
  add(draft: TargetDraft, account: string): Promise<TargetState>
  /** @throws ShoukouError `edit-conflict`, `not-found`, `invalid-request`. */
  change(id: string, version: number, draft: TargetDraft): Promise<TargetState>
  /** @throws ShoukouError `not-found`; `second-person-needed` where it may not go on before somebody agreed. */
  setPaused(id: string, isPaused: boolean): Promise<TargetState>
  /** Whether a second person must agree before anything is sent. @throws ShoukouError `not-found`. */
  awaitsAgreement(id: string): Promise<boolean>
  remove(id: string): Promise<void>
  /** Sends one test message, beside the queue. @throws ShoukouError `not-found`. */
  test(id: string): Promise<TestOutcome>
}
