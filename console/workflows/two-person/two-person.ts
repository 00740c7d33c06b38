/**
 * Acts that two different people must want: one asks and says why, another one agrees, and the console carries out what
 * was asked, as it was asked, once.
 *
 * Nobody agrees to an own wish, nor does another account of the same person; of an account without a person nobody knows
 * whose it is, so it neither asks nor agrees. What is written is only added to: the wish, one decision, one outcome.
 */
import { createHash } from 'node:crypto'
import {
  areTwoPeople,
  mayRole,
  type Role,
  ShoukouError,
  TWO_PERSON_ACTS,
  type TwoPersonAct,
} from '@shoukou/protocol'
import type { DecisionKind, ProposalRow } from '../../store/access-ports.ts'
import type { AccountRow, Store } from '../../store/ports.ts'
import type { ActExecutor, ActOutcome } from './executor.ts'
import { TWO_PERSON_LIMITS } from './limits.ts'

/** Whoever asks or decides. */
export type ActingAccount = Pick<AccountRow, 'name' | 'role' | 'person'>

export interface Decided {
  readonly proposal: ProposalRow
  /** Null where nothing was to be carried out. */
  readonly outcome: ActOutcome | null
}

export interface TwoPerson {
  /**
   * Writes a wish down.
   *
   * @throws ShoukouError `not-permitted` where the role may not ask, or nobody is named for the account; `edit-conflict`
   * where the same is asked for already; what the act's `prepare` throws.
   */
  ask(act: TwoPersonAct, payload: unknown, reason: string, by: ActingAccount): Promise<ProposalRow>
  /**
   * Agrees to what has this hash, and carries it out. A failure of the act is in the proposal's outcome, not thrown.
   *
   * @throws ShoukouError `second-person-needed` where it is the same person or nobody knows; `edit-conflict` where it
   * was decided, is overdue, is another than was seen, or its object has changed.
   */
  agree(
    id: number,
    seen: { readonly hash: string; readonly reason: string },
    by: ActingAccount,
  ): Promise<Decided>
  refuse(id: number, reason: string, by: ActingAccount): Promise<Decided>
  withdraw(id: number, reason: string, by: ActingAccount): Promise<Decided>
  /** Ends what nobody decided in time. */
  expire(): Promise<void>
  /** At a start: goes on with, or ends, what was agreed to and not carried out. */
  resume(): Promise<void>
}

export interface TwoPersonOptions {
  readonly store: Store
  readonly now: () => number
  /** One of each act that this console offers. */
  readonly executors: readonly ActExecutor<never>[]
  readonly log: { error(fields: object, message: string): void }
}

export function createTwoPerson(options: TwoPersonOptions): TwoPerson {
  const { store, now, log } = options
  const executors = new Map<TwoPersonAct, ActExecutor>(
    options.executors.map((one) => [one.act, one as ActExecutor]),
  )
  const executorOf = (act: TwoPersonAct): ActExecutor => {
    const executor = executors.get(act)
    if (executor === undefined) throw new Error(`nothing carries out ${act}`)
    return executor
  }

  async function open(id: number): Promise<ProposalRow> {
    const proposal = await store.proposal(id)
    if (proposal === null)
      throw new ShoukouError('not-found', 'Nobody asked for anything under this number; see the list.')
    if (proposal.decision === null && proposal.expiresAt <= now()) await expireOne(proposal)
    const current = await reread(id)
    if (current.decision !== null) throw decidedAlready(current.decision.kind)
    return current
  }

  async function reread(id: number): Promise<ProposalRow> {
    const proposal = await store.proposal(id)
    if (proposal === null) throw new Error(`proposal ${id} is gone`)
    return proposal
  }

  /** Exactly one decision is written: whoever comes second is told. */
  async function decide(
    { id }: ProposalRow,
    kind: DecisionKind,
    reason: string,
    by: Pick<ActingAccount, 'name' | 'person'>,
  ): Promise<void> {
    const decision = { kind, at: now(), by: by.name, person: by.person ?? '', reason }
    if (await store.decideProposal(id, decision)) return
    throw decidedAlready((await reread(id)).decision?.kind ?? kind)
  }

  async function expireOne(proposal: ProposalRow): Promise<void> {
    const decision = { kind: 'expired', at: now(), by: '', person: '', reason: '' } as const
    await store.decideProposal(proposal.id, decision)
  }

  async function assertUnchanged(proposal: ProposalRow): Promise<void> {
    const why = (await whyNoWish(store, proposal)) ?? (await whyChanged(executorOf(proposal.act), proposal))
    if (why === null) return
    await decide(proposal, 'outdated', why, { name: '', person: '' })
    throw new ShoukouError('edit-conflict', `Nothing was done: ${why} Ask for it anew.`)
  }

  async function carryOut(proposal: ProposalRow, agreedBy: string): Promise<ActOutcome> {
    const { id, act, payload, reason, askedBy } = proposal
    let outcome: ActOutcome
    let result: 'done' | 'failed' = 'done'
    try {
      outcome = await executorOf(act).carryOut({
        proposal: id,
        payload: JSON.parse(payload),
        reason,
        askedBy,
        agreedBy,
        now: now(),
      })
    } catch (error) {
      // Agreed and not done must stand in the record too; the page shows it as it shows a success.
      log.error({ proposal: id, act, err: error }, 'an agreed act failed')
      result = 'failed'
      outcome = {
        detail: error instanceof ShoukouError ? `${error.code}: ${error.message}` : 'internal-error',
      }
    }
    const detail = outcome.detail.slice(0, TWO_PERSON_LIMITS.detailCharactersMax)
    await store.endProposal(id, { at: now(), result, detail })
    return outcome
  }

  return {
    async ask(act, payload, reason, by) {
      assertMayAsk(act, by)
      const prepared = await executorOf(act).prepare(payload)
      const text = JSON.stringify(payload)
      if (text.length > TWO_PERSON_LIMITS.payloadCharactersMax)
        throw new ShoukouError('invalid-request', 'Too much at once; ask for less, several times.')
      const words = JSON.stringify(prepared.words)
      const asked = { act, object: prepared.object, basis: prepared.basis, words, payload: text, reason }
      const askedAt = now()
      const row = await store.addProposal({
        ...asked,
        askedBy: by.name,
        person: by.person ?? '',
        askedAt,
        hash: hashOf({ ...asked, askedBy: by.name, askedAt }),
        expiresAt: askedAt + TWO_PERSON_LIMITS.openMsMax,
      })
      if (row !== null) return row
      throw new ShoukouError(
        'edit-conflict',
        'The same is asked for already and waits for a second person; see the approvals.',
      )
    },
    async agree(id, { hash, reason }, by) {
      const proposal = await open(id)
      assertMayAgree(proposal, by)
      // What the store holds must be what was asked, and what was asked must be what this person has seen.
      if (proposal.hash !== hash || hashOf(proposal) !== hash)
        throw new ShoukouError('edit-conflict', 'This is not what was asked for; reload and read it again.')
      await assertUnchanged(proposal)
      await decide(proposal, 'agreed', reason, by)
      const outcome = await carryOut(proposal, by.name)
      return { proposal: await reread(id), outcome }
    },
    async refuse(id, reason, by) {
      const proposal = await open(id)
      assertMayAgree(proposal, by)
      await decide(proposal, 'refused', reason, by)
      return { proposal: await reread(id), outcome: null }
    },
    async withdraw(id, reason, by) {
      const proposal = await open(id)
      if (proposal.askedBy !== by.name)
        throw new ShoukouError('not-permitted', 'Only who asked withdraws it; refuse it instead.')
      await decide(proposal, 'withdrawn', reason, by)
      return { proposal: await reread(id), outcome: null }
    },
    async expire() {
      for (const one of await store.overdueProposals(now(), TWO_PERSON_LIMITS.overduePerCheckMax))
        await expireOne(one)
    },
    async resume() {
      for (const one of await store.unfinishedProposals()) {
        if (executors.get(one.act)?.isRepeatable === true) {
          await carryOut(one, one.decision?.by ?? '')
          continue
        }
        const detail =
          'The console ended while it was carried out: look how far it came, and ask for it anew.'
        await store.endProposal(one.id, { at: now(), result: 'failed', detail })
      }
    },
  }
}

/** Reports whether a role sees an act's proposals: who may ask or agree, and who audits. */
export function maySeeAct(role: Role, act: TwoPersonAct): boolean {
  const { ask, agree } = TWO_PERSON_ACTS[act]
  return mayRole(role, ask) || mayRole(role, agree) || mayRole(role, 'actions.read')
}

/** Why an account may not agree to what another one asked; null where it may. */
export function whyNotAgree(
  { act, askedBy, person }: Pick<ProposalRow, 'act' | 'askedBy' | 'person'>,
  by: ActingAccount,
): 'not-permitted' | 'own-wish' | 'no-person' | 'same-person' | null {
  if (!mayRole(by.role, TWO_PERSON_ACTS[act].agree)) return 'not-permitted'
  if (askedBy === by.name) return 'own-wish'
  if (by.person === null) return 'no-person'
  return areTwoPeople({ name: askedBy, person }, by) ? null : 'same-person'
}

/** SHA-256, hex, over all that a second person agrees to. */
export function hashOf(
  asked: Pick<
    ProposalRow,
    'act' | 'object' | 'basis' | 'words' | 'payload' | 'reason' | 'askedBy' | 'askedAt'
  >,
): string {
  const { act, object, basis, words, payload, reason, askedBy, askedAt } = asked
  const whole = JSON.stringify([act, object, basis, words, payload, reason, askedBy, askedAt])
  return createHash('sha256').update(whole).digest('hex')
}

function assertMayAsk(act: TwoPersonAct, { role, person, name }: ActingAccount): void {
  if (!mayRole(role, TWO_PERSON_ACTS[act].ask))
    throw new ShoukouError('not-permitted', `The role ${role} may not ask for that; ask who may.`)
  if (person === null) throw nobodyNamed(name)
}

function assertMayAgree(proposal: ProposalRow, by: ActingAccount): void {
  switch (whyNotAgree(proposal, by)) {
    case null:
      return
    case 'not-permitted':
      throw new ShoukouError('not-permitted', `The role ${by.role} may not decide on that; ask who may.`)
    case 'no-person':
      throw nobodyNamed(by.name)
    case 'own-wish':
    case 'same-person':
      throw new ShoukouError(
        'second-person-needed',
        'Who asked does not decide, under no account: another person must.',
      )
  }
}

function nobodyNamed(account: string): ShoukouError {
  return new ShoukouError(
    'second-person-needed',
    `Nobody is named as the person behind the account ${account}: have the system administrator name them first.`,
  )
}

/** A wish is worth nothing once whoever had it may not have it any more. */
async function whyNoWish(
  store: Pick<Store, 'account'>,
  { act, askedBy }: ProposalRow,
): Promise<string | null> {
  const asker = await store.account(askedBy)
  const mayStill = asker?.state === 'active' && mayRole(asker.role, TWO_PERSON_ACTS[act].ask)
  return mayStill ? null : 'who asked for it may not ask for it any more.'
}

async function whyChanged(executor: ActExecutor, proposal: ProposalRow): Promise<string | null> {
  try {
    const { basis, object } = await executor.prepare(JSON.parse(proposal.payload))
    return basis === proposal.basis && object === proposal.object
      ? null
      : 'what it is about has changed since it was asked for.'
  } catch (error) {
    if (error instanceof ShoukouError) return error.message
    throw error
  }
}

function decidedAlready(kind: DecisionKind): ShoukouError {
  const words: Readonly<Record<DecisionKind, string>> = {
    agreed: 'Somebody has agreed to it already; look what came of it.',
    refused: 'Somebody has refused it already.',
    withdrawn: 'Who asked for it has withdrawn it.',
    expired: 'Nobody decided within 72 hours; ask for it anew.',
    outdated: 'What it is about has changed since; ask for it anew.',
  }
  return new ShoukouError('edit-conflict', words[kind])
}
