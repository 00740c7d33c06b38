/**
 * Lets agents in, or not: by their certificate's state, by the machine that they say to stand on, and by the process that
 * they are. What is found to be another one is refused and raised as a violation of the known one, which keeps its place.
 */
import { createHash, X509Certificate } from 'node:crypto'
import { type HardwareFact, type HelloIdentity, ShoukouError } from '@shoukou/protocol'
import type { Log } from '../base/log.ts'
import type { Feed } from '../feed/ports.ts'
import type { IdentityGate, Newcomer, PresentedCertificate } from '../link/ports.ts'
import { type CopiedIdentity, identityCopied } from '../rules/identity-copied.ts'
import { isSameMachine, judgeMachine } from '../rules/identity-machine.ts'
import { judgeRun, NO_RUNS, type Runs } from '../rules/identity-runs.ts'
import type { ComputerRow, EndedCertificate, KnownHardware, Store } from '../store/ports.ts'
import { violationOf } from './new-violation.ts'

export interface IdentityGateOptions {
  readonly store: Store
  readonly feed: Feed
  readonly log: Log
  readonly now: () => number
}

const day = 86_400_000
/** Agents whose runs are remembered: more than one console is made for. */
const runsMax = 20_000
const handshakeQuietMs = 10_000

/** A machine that spoke by a bundle; `address` is empty: a medium has none. */
export interface CarriedIdentity {
  readonly agent: string
  /** Null where it is not told. */
  readonly hardware: readonly HardwareFact[] | null
}

export interface RunningGate extends IdentityGate {
  /**
   * Judges the machine that wrote a bundle, as one that connects is judged.
   *
   * @throws ShoukouError `identity-conflict`; the known one keeps its place, and the violation is raised.
   */
  admitCarried(carried: CarriedIdentity): Promise<void>
  /** These are over from now on. */
  end(certificates: readonly EndedCertificate[]): void
}

/** Opens the gate with what the store knows to be over. */
export async function openIdentityGate(options: IdentityGateOptions): Promise<RunningGate> {
  const gate = new Gate(options)
  gate.end(await options.store.endedAgentCertificates(options.now()))
  return gate
}

type Speaker = Pick<Newcomer, 'agent' | 'address'>

class Gate implements RunningGate {
  readonly #options: IdentityGateOptions
  readonly #ended = new Map<string, EndedCertificate>()
  readonly #runs = new Map<string, Runs>()
  /** Newcomers of one agent are judged one after another: two copies at one moment are two. */
  readonly #turns = new Map<string, Promise<void>>()
  #saidAt = Number.NEGATIVE_INFINITY

  constructor(options: IdentityGateOptions) {
    this.#options = options
  }

  end(certificates: readonly EndedCertificate[]): void {
    for (const one of certificates) this.#ended.set(one.serial, one)
  }

  isEnded(serial: string): boolean {
    return this.#ended.has(serial)
  }

  refused(serial: string, address: string): void {
    const { log, now } = this.#options
    const over = this.#ended.get(serial)
    if (over === undefined) return
    if (Math.abs(now() - this.#saidAt) >= handshakeQuietMs) {
      log.warn(
        { agent: over.agent, serial, state: over.state, address },
        'a certificate that is over was shown',
      )
      this.#saidAt = now()
    }
    if (over.state !== 'superseded') return
    this.#earlierCertificate(over.agent, serial, address).catch((err: unknown) =>
      log.error({ err, agent: over.agent }, 'a violation could not be stored'),
    )
  }

  async computerOf({ serial, raw, address }: PresentedCertificate): Promise<ComputerRow | null> {
    const { store } = this.#options
    const row = await store.agentCertificate(serial)
    if (row === null) return this.#adopt(serial, raw)
    if (row.state === 'revoked') throw new ShoukouError('certificate-revoked')
    if (row.state === 'superseded') {
      await this.#earlierCertificate(row.agent, serial, address)
      throw conflict('A later certificate of this computer was used already.')
    }
    return store.computer(row.agent)
  }

  admit(newcomer: Newcomer): Promise<void> {
    return this.#inTurn(newcomer.agent, () => this.#judge(newcomer))
  }

  admitCarried({ agent, hardware }: CarriedIdentity): Promise<void> {
    return this.#inTurn(agent, () => this.#judgeMachine({ agent, address: '' }, hardware))
  }

  async #inTurn(agent: string, judge: () => Promise<void>): Promise<void> {
    const before = this.#turns.get(agent) ?? Promise.resolve()
    const turn = before.then(judge)
    const settled = turn.catch(() => undefined)
    this.#turns.set(agent, settled)
    try {
      await turn
    } finally {
      if (this.#turns.get(agent) === settled) this.#turns.delete(agent)
    }
  }

  async #judge(newcomer: Newcomer): Promise<void> {
    const { store, now } = this.#options
    const { agent, hello, serial } = newcomer
    if (hello.identity !== undefined) {
      await this.#judgeMachine(newcomer, hello.identity.hardware)
      await this.#judgeRun(newcomer, hello.identity)
    }
    const over = await store.useAgentCertificate(serial, now())
    if (over === null) throw conflict('A later certificate of this computer was used already.')
    if (over.length === 0) return
    this.#options.log.info({ agent, serial, replaced: over.length }, 'a renewed certificate is in use')
    this.end(over)
  }

  async #judgeMachine(newcomer: Speaker, hardware: readonly HardwareFact[] | null): Promise<void> {
    const { store, now, log } = this.#options
    const { agent } = newcomer
    const known = await store.hardware(agent)
    if (known === null) {
      if (hardware === null) return
      await this.#judgeStranger(newcomer, hardware)
      await store.noteHardware(agent, { facts: hardware, at: now(), from: 'hello' })
      log.info({ agent, facts: hardware.length }, 'the machine of this agent is known from now on')
      return
    }
    const baseline = known.facts.filter(({ isBaseline }) => isBaseline)
    const verdict = judgeMachine(baseline, hardware)
    if (verdict.kind === 'other') {
      const told = hardware ?? []
      await this.#accuse(newcomer, `other-hardware:${digestOf(told)}`, {
        how: 'other-hardware',
        ...{ inCommon: verdict.inCommon, known: baseline.length, told: told.length },
        otherComputer: null,
      })
      throw conflict('This identity belongs to a machine with other hardware; enrol this computer by itself.')
    }
    if (hardware !== null && !isAsTold(known, hardware))
      await store.noteHardware(agent, { facts: hardware, at: now(), from: 'hello' })
  }

  /** An agent from before says for the first time where it stands: that may be where another one does. */
  async #judgeStranger(newcomer: Speaker, told: readonly HardwareFact[]): Promise<void> {
    const first = (await this.#options.store.agentsOnHardware(told)).find(
      (one) => one.agent !== newcomer.agent && isSameMachine(one.facts, told),
    )
    if (first === undefined) return
    const computer = await this.#options.store.computer(newcomer.agent)
    await this.#accuse({ ...newcomer, agent: first.agent }, `same-hardware:${newcomer.agent}`, {
      how: 'same-hardware',
      ...{ inCommon: first.facts.length, known: first.facts.length, told: told.length },
      otherComputer: computer?.number ?? null,
    })
    throw conflict(`This machine is enrolled as ${first.number} already.`)
  }

  async #judgeRun(newcomer: Newcomer, { runId, hardware }: HelloIdentity): Promise<void> {
    const { agent, older } = newcomer
    const runs = this.#runs.get(agent) ?? NO_RUNS
    const isOther = older !== null && runs.current !== null && runs.current !== runId
    const verdict = judgeRun(runs, runId, isOther && (await older.provesAlive()))
    if (verdict.kind !== 'goes-on') {
      const known = await this.#options.store.hardware(agent)
      const baseline = known?.facts.filter(({ isBaseline }) => isBaseline) ?? []
      await this.#accuse(newcomer, `${verdict.kind}:${runId}`, {
        how: verdict.kind,
        ...{
          inCommon: common(baseline, hardware ?? []),
          known: baseline.length,
          told: hardware?.length ?? 0,
        },
        otherComputer: null,
      })
    }
    if (verdict.kind === 'two-alive')
      throw conflict('Another process with this identity is connected and answers.')
    const [oldest] = this.#runs.keys()
    if (oldest !== undefined && this.#runs.size >= runsMax && !this.#runs.has(agent))
      this.#runs.delete(oldest)
    this.#runs.set(agent, verdict.runs)
  }

  /**
   * A certificate of this authority that this store does not know: it was restored from an older copy. Its owner is let in
   * again where that one is later than all that are known, and nothing was taken away from it.
   */
  async #adopt(serial: string, raw: Buffer): Promise<ComputerRow | null> {
    const { store, log } = this.#options
    const certificate = new X509Certificate(raw)
    const agent = /^CN=([^\n]{1,64})$/.exec(certificate.subject)?.[1]
    const computer = agent === undefined ? null : await store.computer(agent)
    if (agent === undefined || computer === null || (await store.revocation(agent)) !== null) return null
    const [newest] = await store.agentCertificates(agent)
    const newestNotBefore =
      newest === undefined ? 0 : new X509Certificate(newest.certificate).validFromDate.getTime()
    if (newest?.state === 'superseded' || certificate.validFromDate.getTime() <= newestNotBefore) return null
    await store.addAgentCertificate(
      {
        serial,
        agent,
        certificate: certificate.toString(),
        keyHash: createHash('sha256')
          .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
          .digest('hex'),
        issuedAt: this.#options.now(),
        notAfter: certificate.validToDate.getTime(),
        origin: 'adopted',
      },
      adoptedMax,
    )
    log.warn(
      { agent, serial },
      'a certificate that this store did not know was taken over: was it restored from an older copy?',
    )
    return computer
  }

  #earlierCertificate(agent: string, serial: string, address: string): Promise<void> {
    return this.#accuse({ agent, address }, `earlier-certificate:${serial}`, {
      how: 'earlier-certificate',
      ...{ inCommon: 0, known: 0, told: 0 },
      otherComputer: null,
    })
  }

  /** Once a day each: a copy that tries every second is one finding. */
  async #accuse(
    { agent, address }: Speaker,
    what: string,
    found: Omit<CopiedIdentity, 'address'>,
  ): Promise<void> {
    const { store, feed, log, now } = this.#options
    log.warn({ agent, address, how: found.how }, 'an identity is used elsewhere')
    const computer = await store.computer(agent)
    // What an enrolment has taken the place of accuses nobody any more: its copy is refused, and in the log.
    if (computer === null || (await store.enrolments(agent))[0]?.agent !== agent) return
    const at = now()
    const violation = violationOf(identityCopied({ ...found, address }), {
      key: `agent-tamper:identity:${what}:${Math.floor(at / day)}`,
      level: computer.level,
      policyVersion: computer.policyVersion,
      epoch: null,
      seq: null,
      occurredAt: at,
    })
    const added = await store.addViolation(agent, violation, at)
    if (added !== null) feed.publish({ kind: 'violation', violation: added })
  }
}

const adoptedMax = 4

function conflict(why: string): ShoukouError {
  return new ShoukouError('identity-conflict', why)
}

function isAsTold({ facts }: KnownHardware, told: readonly HardwareFact[]): boolean {
  const present = facts.filter(({ isPresent }) => isPresent)
  return present.length === told.length && common(present, told) === told.length
}

function common(a: readonly HardwareFact[], b: readonly HardwareFact[]): number {
  return a.filter(({ part, hash }) => b.some((one) => one.part === part && one.hash === hash)).length
}

function digestOf(facts: readonly HardwareFact[]): string {
  const keys = facts.map(({ part, hash }) => `${part} ${hash}`).toSorted()
  return createHash('sha256').update(keys.join('\n')).digest('hex').slice(0, 16)
}
