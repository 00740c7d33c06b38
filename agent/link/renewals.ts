/**
 * Keeps this agent's certificate good while it runs: renews it by itself in time, also one that ran out while the computer
 * was off; and where the console does not let it in, asks why, because a handshake gives no reason.
 */
import { X509Certificate } from 'node:crypto'
import type { LookupFunction } from 'node:net'
import {
  encodeRenewal,
  type Fact,
  parseRenewalRequest,
  type RenewalAnswer,
  RenewalAnswerSchema,
  ShoukouError,
  type StandingAnswer,
  StandingAnswerSchema,
  signStanding,
} from '@shoukou/protocol'
import { checkOf } from '@shoukou/protocol/schema-check.ts'
import { Type } from 'typebox'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { stateFile } from '../base/state-file.ts'
import type { StateFolder } from '../base/state-folder.ts'
import { askConsole } from './ask-console.ts'
import { parseConsoleUrl } from './enrol.ts'
import type { LinkTrouble } from './link-state.ts'
import type { LiveIdentity } from './live-identity.ts'
import { isRenewalDue, type RenewalPlace, renewalRequest, takeRenewal } from './renewal.ts'

export interface RenewalsOptions {
  readonly folder: StateFolder
  readonly identity: LiveIdentity
  readonly clock: Clock
  readonly log: Log
  /** Records that another certificate is in use. */
  readonly tell: (fact: Fact) => Promise<unknown>
  /** Uses the new certificate: another connection. */
  readonly reconnect: () => void
  /** What is known of the certificate has changed. */
  readonly onChange: () => void
  readonly onDamaged: (path: string) => void
  readonly lookup?: LookupFunction | undefined
  readonly everyMs?: number
}

const everyMsDefault = 600_000
/** The console is asked for the reason of a refusal at most so often. */
const askMsMin = 15_000
/** What a refused handshake looks like from here: it is reset, or answered with an alert. */
const refusedCodes =
  /^(?:ECONNRESET|EPIPE|connection-failed|unknown-agent|identity-conflict|certificate-revoked|ERR_SSL_.*)$/

const toldFile = stateFile(
  Type.Object(
    { v: Type.Literal(1), serial: Type.String({ maxLength: 64 }) },
    { additionalProperties: false },
  ),
)
const answerCheck = checkOf(RenewalAnswerSchema)
const standingCheck = checkOf(StandingAnswerSchema)

export class Renewals {
  readonly #options: RenewalsOptions
  #timer: NodeJS.Timeout | null = null
  #work: Promise<void> | null = null
  #askedMs = Number.NEGATIVE_INFINITY
  #trouble: LinkTrouble | null = null
  #isStopped = false

  constructor(options: RenewalsOptions) {
    this.#options = options
  }

  /** Why the console lets this agent in no more; null where nothing is known of that. */
  get trouble(): LinkTrouble | null {
    return this.#trouble
  }

  start(): void {
    this.#run(async () => {
      await this.#tellIfOther()
      await this.#renewIfDue()
    })
    this.#timer = setInterval(
      () => this.#run(() => this.#renewIfDue()),
      this.#options.everyMs ?? everyMsDefault,
    )
  }

  /** The console let it in. */
  welcomed(): void {
    this.#setTrouble(null)
  }

  /** A connection ended, or none came about. */
  onLinkTrouble(trouble: LinkTrouble | null): void {
    if (trouble === null || !refusedCodes.test(trouble.code)) return
    const nowMs = performance.now()
    if (nowMs - this.#askedMs < askMsMin) return
    this.#askedMs = nowMs
    this.#run(() => this.#askWhy())
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    if (this.#timer !== null) clearInterval(this.#timer)
    await this.#work
  }

  /** One after another; what fails is tried at the next look. */
  #run(work: () => Promise<void>): void {
    if (this.#work !== null || this.#isStopped) return
    this.#work = work()
      .catch((fault: unknown) => {
        const code =
          fault instanceof ShoukouError ? fault.code : String((fault as { code?: unknown })?.code ?? fault)
        this.#options.log.warn({ code }, 'certificate not renewed')
        if (code === 'certificate-revoked') this.#setTrouble(revoked)
      })
      .finally(() => {
        this.#work = null
      })
  }

  async #renewIfDue(): Promise<void> {
    const { identity, clock } = this.#options
    if (isRenewalDue(identity.certificate, clock.wallMs())) await this.#renew()
  }

  async #renew(): Promise<void> {
    const { clock } = this.#options
    const request = await renewalRequest(this.#place, clock.wallMs())
    const answer = await this.#ask('/api/agent-certificates', parseRenewalRequest(request))
    if (!answerCheck.Check(answer)) throw new ShoukouError('renewal-refused', 'The answer is not one.')
    await this.take(encodeRenewal(answer satisfies RenewalAnswer))
  }

  /** Takes an answer, from the console itself or carried home in a package. @throws ShoukouError `renewal-refused`. */
  async take(answer: Uint8Array): Promise<void> {
    const { identity, log, reconnect } = this.#options
    const pair = await takeRenewal(this.#place, answer)
    identity.replace(pair)
    this.#setTrouble(null)
    log.info({ serial: new X509Certificate(pair.certificate).serialNumber }, 'certificate renewed')
    await this.#tellIfOther()
    reconnect()
  }

  async #askWhy(): Promise<void> {
    const { identity, clock } = this.#options
    const answer = await this.#ask('/api/agent-certificates/standing', signStanding(identity, clock.wallMs()))
    if (!standingCheck.Check(answer)) return
    const { standing }: StandingAnswer = answer
    switch (standing) {
      case 'good':
        return this.#setTrouble(null)
      case 'expired':
        return this.#renew()
      case 'revoked':
        return this.#setTrouble(revoked)
      case 'superseded':
        return this.#setTrouble(superseded)
    }
  }

  /** The fact is on the disk before it is remembered as told: a power cut tells it once more, never less. */
  async #tellIfOther(): Promise<void> {
    const { folder, identity, tell, onDamaged } = this.#options
    const { serialNumber, validToDate } = new X509Certificate(identity.certificate)
    const told = await toldFile.read(folder.toldSerialFile, onDamaged)
    if (told?.serial === serialNumber) return
    // Enrolment's own is told by the enrolment.
    if (told !== null || identity.isRenewed)
      await tell({ kind: 'identity.renewed', serial: serialNumber, notAfterMs: validToDate.getTime() })
    await toldFile.write(folder.toldSerialFile, { v: 1, serial: serialNumber })
  }

  #ask(path: string, body: object): Promise<unknown> {
    const { identity, lookup } = this.#options
    const { host, port } = parseConsoleUrl(identity.consoleUrl)
    return askConsole({ address: { host, port }, authority: identity.authority, path, body, lookup })
  }

  get #place(): RenewalPlace {
    const { folder, identity, onDamaged } = this.#options
    return { folder, identity, onDamaged }
  }

  #setTrouble(trouble: LinkTrouble | null): void {
    if (this.#trouble?.code === trouble?.code) return
    this.#trouble = trouble
    this.#options.onChange()
  }
}

const revoked: LinkTrouble = {
  code: 'certificate-revoked',
  message:
    'The console revoked this computer’s certificate; it goes on recording, and must be enrolled anew.',
  needsSomebody: true,
}
const superseded: LinkTrouble = {
  code: 'identity-conflict',
  message:
    'A later certificate of this computer was used already: was this one copied or put back? Enrol it anew.',
  needsSomebody: true,
}
