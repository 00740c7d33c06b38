/**
 * Holds what is so: tells of each condition that begins, with the proof, and of each that ends; once each, over restarts
 * of the agent in one boot. A new policy's judgement of what is still so is told as that.
 */
import type { Decision, Fact, FactNamed, Origin, Picture } from '@shoukou/protocol'
import { type Condition, mayBeOwnAtEnrolment } from '../../policy/network/condition.ts'
import { fitInterface } from './fit-picture.ts'
import type { NetworkState } from './network-file.ts'

type Kept = NetworkState['conditions'][number]

interface Held {
  readonly condition: Condition
  readonly sinceWallMs: number | null
}

export interface ConditionKeeperOptions {
  /** As an earlier run in this boot left it. */
  readonly kept: readonly Kept[]
  readonly wallMs: () => number
  readonly tell: (fact: Fact, decision: Decision | null) => unknown
}

export interface ConditionChanges {
  /** Began now, or is newly forbidden: what is to be acted on. */
  readonly began: readonly Condition[]
  readonly ended: readonly Condition[]
  /** The list to keep has changed. */
  readonly hasChanged: boolean
}

export class ConditionKeeper {
  readonly #options: ConditionKeeperOptions
  readonly #held = new Map<string, Held>()
  readonly #earlier: Map<string, Kept>
  #isFirst = true

  constructor(options: ConditionKeeperOptions) {
    this.#options = options
    this.#earlier = new Map(options.kept.map((each) => [each.key, each]))
  }

  /** What is so now. */
  get conditions(): readonly Condition[] {
    return [...this.#held.values()].map(({ condition }) => condition)
  }

  /** What to keep for the next run. */
  get kept(): Kept[] {
    if (this.#isFirst) return [...this.#earlier.values()]
    return [...this.#held.values()].map(({ condition, sinceWallMs }) => ({
      key: condition.key,
      condition: condition.code,
      sinceWallMs,
      rule: condition.decision.rule,
      isAllowed: condition.decision.outcome === 'allowed',
      isIsolating: condition.response === 'isolate' && condition.decision.outcome === 'blocked',
    }))
  }

  /** Keys that kept the computer isolated when the last run ended, until the first look has been taken. */
  get stillIsolating(): readonly string[] {
    if (!this.#isFirst) return []
    return [...this.#earlier.values()].flatMap(({ key, isIsolating }) => (isIsolating ? [key] : []))
  }

  /** Takes in all that is so now, with the picture that shows it. */
  update(now: readonly Condition[], proof: (condition: Condition) => Picture | null): ConditionChanges {
    const began: Condition[] = []
    const ended: Condition[] = []
    const keys = new Set(now.map(({ key }) => key))
    let hasChanged = this.#isFirst
    for (const [key, held] of this.#held) {
      if (keys.has(key)) continue
      this.#held.delete(key)
      this.#tellEnd(held)
      ended.push(held.condition)
      hasChanged = true
    }
    for (const condition of now) {
      const before = this.#held.get(condition.key)?.condition.decision.outcome
      const news = this.#take(condition, proof)
      if (before !== condition.decision.outcome) hasChanged = true
      if (news === null) continue
      began.push(condition)
      hasChanged = true
    }
    if (this.#isFirst) this.#tellGone(keys)
    this.#isFirst = false
    return { began, ended, hasChanged }
  }

  #take(condition: Condition, proof: (condition: Condition) => Picture | null): 'began' | null {
    const held = this.#held.get(condition.key)
    if (held !== undefined) {
      const isJudgedAnew = isJudgedOtherwise(held.condition.decision, condition.decision)
      const isActedAnew = mustActAnew(held.condition, condition)
      this.#held.set(condition.key, { condition, sinceWallMs: held.sinceWallMs })
      if (isJudgedAnew) this.#tellBegin(condition, 'policy-changed', held.sinceWallMs, proof(condition))
      return isActedAnew || (isJudgedAnew && condition.decision.outcome !== 'allowed') ? 'began' : null
    }
    const earlier = this.#isFirst ? this.#earlier.get(condition.key) : undefined
    const sinceWallMs = earlier?.sinceWallMs ?? (this.#isFirst ? null : this.#options.wallMs())
    this.#held.set(condition.key, { condition, sinceWallMs })
    if (earlier === undefined)
      this.#tellBegin(condition, this.#originOf(condition), sinceWallMs, proof(condition))
    else if (earlier.isAllowed !== (condition.decision.outcome === 'allowed'))
      this.#tellBegin(condition, 'policy-changed', sinceWallMs, proof(condition))
    else if (earlier.rule !== condition.decision.rule && condition.decision.outcome !== 'allowed')
      this.#tellBegin(condition, 'still-present', sinceWallMs, proof(condition))
    // Told before; what it asks for is done again all the same: the links may have been set up meanwhile.
    return 'began'
  }

  #originOf(condition: Condition): Origin {
    if (!this.#isFirst) return 'appeared'
    return condition.isBaseline ? 'baseline' : 'present-at-start'
  }

  /** What an earlier run told as begun and is not so any more: it ended while nobody looked. */
  #tellGone(keys: ReadonlySet<string>): void {
    for (const [key, { condition, sinceWallMs }] of this.#earlier) {
      if (keys.has(key)) continue
      this.#options.tell({ ...nothing, others: [], condition, state: 'ended', key, sinceWallMs }, null)
    }
    this.#earlier.clear()
  }

  #tellBegin(
    condition: Condition,
    origin: Origin,
    sinceWallMs: number | null,
    picture: Picture | null,
  ): void {
    this.#options.tell(
      { ...factOf(condition), origin, state: 'began', sinceWallMs, picture },
      condition.decision,
    )
  }

  #tellEnd({ condition, sinceWallMs }: Held): void {
    const fact = factOf(condition)
    this.#options.tell({ ...fact, origin: 'appeared', state: 'ended', sinceWallMs, picture: null }, null)
  }
}

/** Returns the lasting keys that enrolment makes the computer's own. */
export function baselineOf(conditions: readonly Condition[]): string[] {
  return conditions.filter(({ code }) => mayBeOwnAtEnrolment(code)).map(({ lastingKey }) => lastingKey)
}

/** Forbidden now and not before, or by another rule; or allowed now, which takes the accusation back. */
function isJudgedOtherwise(before: Decision, after: Decision): boolean {
  if (after.outcome === 'allowed') return before.outcome !== 'allowed'
  return before.outcome === 'allowed' || before.rule !== after.rule
}

function mustActAnew(before: Condition, after: Condition): boolean {
  if (after.decision.outcome !== 'blocked') return false
  return before.decision.outcome !== 'blocked' || before.response !== after.response
}

const nothing = {
  kind: 'network.condition',
  origin: 'still-present',
  interface: null,
  peer: null,
  peerMac: null,
  text: null,
  expected: null,
  program: null,
  confidence: 'attempt',
  picture: null,
} as const

function factOf(
  condition: Condition,
): Omit<FactNamed<'network.condition'>, 'state' | 'origin' | 'sinceWallMs' | 'picture'> {
  const { code, key, others, peer, peerMac, text, expected, program, confidence } = condition
  return {
    kind: 'network.condition',
    condition: code,
    key,
    interface: condition.interface === null ? null : fitInterface(condition.interface),
    others: others.map((other) => fitInterface(other)),
    ...{ peer, peerMac, text, expected, program, confidence },
  }
}
