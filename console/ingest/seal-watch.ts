/**
 * Follows the seals of one agent's journal as its records come in, and what they tell of the agent itself: pauses, changed
 * programs. A draft for one batch: what it learned counts once the batch is stored.
 */
import {
  type Record as AgentRecord,
  checkSeals,
  type Policy,
  type SealCheck,
  type SealVerdict,
} from '@shoukou/protocol'
import { judgeSeal } from '../rules/journal-rules.ts'
import type { Judgement, RecordOf } from '../rules/judgement.ts'
import { judgeRestart, spanOf } from '../rules/protection-rules.ts'
import type { NewSpan, ProtectionChanges, StopRow, Store } from '../store/ports.ts'
import type { ProtectionKeys } from './ports.ts'

export interface KnownProtection {
  /** Null where this agent was never given a key: its journal is not sealed. */
  readonly seals: KnownSeals | null
  /** The last stop that it told of; null once it told of a start. */
  readonly stop: StopRow | null
}

export interface KnownSeals {
  readonly check: SealCheck
  readonly heldAt: number | null
  readonly unsealedSince: number | null
}

/** Reads what the records so far said of an agent itself. */
export async function readKnownProtection(
  store: Store,
  keys: ProtectionKeys | undefined,
  agent: string,
): Promise<KnownProtection> {
  const [row, stop] = await Promise.all([store.sealRow(agent), store.toldStop(agent)])
  if (row === null || keys === undefined) return { seals: null, stop }
  const key = row.wrapped === null ? null : keys.unwrap(agent, row.state.nextIndex, row.wrapped)
  const { state, heldAt, unsealedSince } = row
  return { seals: { check: { state, key }, heldAt, unsealedSince }, stop }
}

/** A record as it is stored. */
export interface StoredBytes {
  readonly raw: Uint8Array
  /** Chain head after it, hex. */
  readonly head: string
}

export interface ProvedJudgement {
  readonly judgement: Judgement
  /** The record may be a violation of the same type itself. */
  readonly key: string
}

export class ProtectionDraft {
  readonly #agent: string
  readonly #keys: ProtectionKeys | undefined
  readonly #now: number
  #seals: KnownSeals | null
  #stop: StopRow | null
  #isStopChanged = false
  readonly #spans: NewSpan[] = []

  constructor(start: {
    readonly known: KnownProtection
    readonly agent: string
    readonly keys: ProtectionKeys | undefined
    readonly now: number
  }) {
    this.#seals = start.known.seals
    this.#stop = start.known.stop
    this.#agent = start.agent
    this.#keys = start.keys
    this.#now = start.now
  }

  get known(): KnownProtection {
    return { seals: this.#seals, stop: this.#stop }
  }

  /** Takes a record in its order; returns what is proved by it, each named by what it is about. */
  take(record: AgentRecord, stored: StoredBytes, policy: Policy): ProvedJudgement[] {
    const span = spanOf(record)
    if (span !== null) this.#spans.push(span)
    const { epoch, seq } = record
    return [...this.#takeStop(record, policy), ...this.#takeSeal(record, stored)].map((judgement) => {
      const { incident, type } = judgement
      const about = incident?.kind === 'once' ? incident.subject : `${seq}:seal`
      return { judgement, key: `${type}:${epoch}:${about}` }
    })
  }

  #takeStop(record: AgentRecord, policy: Policy): Judgement[] {
    const { fact, epoch, bootId, bootMs, wallMs, policyVersion } = record
    if (fact.kind === 'agent.stopping') {
      this.#stop = { epoch, bootId, bootMs, wallMs, reason: fact.reason, policyVersion }
      this.#isStopChanged = true
    }
    if (fact.kind !== 'agent.started' || this.#stop === null) return []
    const judged = judgeRestart(record as RecordOf<'agent.started'>, this.#stop, policy)
    this.#stop = null
    this.#isStopChanged = true
    return judged
  }

  #takeSeal(record: AgentRecord, { raw, head }: StoredBytes): Judgement[] {
    const known = this.#seals
    const keys = this.#keys
    if (known === null || keys === undefined) return []
    const { agent, epoch, seq, bootId, fact } = record
    const firstKey = (generation: number) => keys.firstSealKey(this.#agent, generation)
    const { check, verdict } = checkSeals(
      known.check,
      { agent, epoch, seq, raw, head, bootId, fact },
      firstKey,
    )
    const isSeal = fact.kind === 'journal.sealed'
    const isHeld = verdict?.kind === 'held' || verdict?.kind === 'missing'
    this.#seals = {
      check,
      heldAt: isSeal && isHeld ? this.#now : known.heldAt,
      unsealedSince: isSeal ? null : (known.unsealedSince ?? this.#now),
    }
    if (verdict !== null) this.#noteUnproven(verdict, record)
    return verdict === null ? [] : judgeSeal(record, verdict)
  }

  /** What is to be written with the batch; undefined where there is nothing. */
  get changes(): ProtectionChanges | undefined {
    const seal = this.#sealUpdate()
    if (seal === null && this.#spans.length === 0 && !this.#isStopChanged) return undefined
    return { seal, spans: this.#spans, ...(this.#isStopChanged ? { stop: this.#stop } : {}) }
  }

  #sealUpdate(): ProtectionChanges['seal'] {
    const known = this.#seals
    const keys = this.#keys
    if (known === null || keys === undefined) return null
    const { check, heldAt, unsealedSince } = known
    const { state, key } = check
    const wrapped = key === null ? null : keys.wrap(this.#agent, state.nextIndex, key)
    return { state, wrapped, heldAt, unsealedSince }
  }

  #noteUnproven(verdict: SealVerdict, { wallMs, epoch, seq }: AgentRecord): void {
    // One span says it; the seals behind a break would say it each second.
    if (verdict.kind !== 'unproven' || verdict.why === 'after-break') return
    this.#spans.push({
      cause: 'seals-not-proved',
      fromMs: wallMs,
      toMs: wallMs,
      detail: verdict.why,
      epoch,
      seq,
    })
  }
}
