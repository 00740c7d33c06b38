/** Acts that two people must want: what waits, what was decided, and the second person's word. */
import { ShoukouError, TWO_PERSON_ACTS, type TwoPersonAct } from '@shoukou/protocol'
import { Type } from 'typebox'
import type { ProposalRow } from '../../store/access-ports.ts'
import type { AccountRow, Store } from '../../store/ports.ts'
import {
  type Decided,
  maySeeAct,
  type TwoPerson,
  whyNotAgree,
} from '../../workflows/two-person/two-person.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import type { Bilingual } from '../contract.ts'
import {
  type ActItem,
  ActItemSchema,
  ActsAnswerSchema,
  ActsQuerySchema,
  AgreementSchema,
  ReasonSchema,
} from '../contract-access.ts'
import type { Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import { API_LIMITS } from '../limits.ts'
import type { OpenFeeds } from '../open-feeds.ts'
import { answers } from './answers.ts'

const ActParamsSchema = Type.Object(
  { id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) },
  { additionalProperties: false },
)

export interface ActsOptions {
  readonly store: Store
  readonly acts: TwoPerson
  readonly feeds: OpenFeeds
  readonly note: NoteAction
}

export function registerActs(api: Api, { store, acts, feeds, note }: ActsOptions): void {
  const recorded = recordedBy(note)

  /** What a role has nothing to do with is not there for it. */
  async function actOf(id: number, by: AccountRow): Promise<ProposalRow> {
    const row = await store.proposal(id)
    if (row !== null && maySeeAct(by.role, row.act)) return row
    throw new ShoukouError('not-found', 'Nobody asked for anything under this number; see the list.')
  }

  api.get(
    '/api/acts',
    {
      config: { access: 'acts.read' },
      schema: {
        summary: 'Acts that two people must want, newest first; `waiting` is how many wait for you',
        querystring: ActsQuerySchema,
        response: answers(ActsAnswerSchema),
      },
    },
    async (request) => {
      const { account } = signedInOf(request)
      const { state, before, limit = API_LIMITS.actsPerPage } = request.query
      const seen = allActs.filter((act) => maySeeAct(account.role, act))
      // One's own person asked, or nobody named: it is not counted as waiting for this account.
      const open = await store.proposals({ acts: seen, isOpen: true, limit: API_LIMITS.openActsCounted })
      const waiting = open.filter((row) => whyNotAgree(row, account) === null).length
      const found = await store.proposals({
        acts: seen,
        limit: limit + 1,
        ...(state === undefined ? {} : { isOpen: state === 'open' }),
        ...(before === undefined ? {} : { beforeId: before }),
      })
      const rows = found.slice(0, limit)
      return {
        acts: rows.map((row) => actItem(row, account)),
        nextBefore: found.length > limit ? (rows.at(-1)?.id ?? null) : null,
        waiting,
      }
    },
  )
  api.get(
    '/api/acts/:id',
    {
      config: { access: 'acts.read' },
      schema: {
        summary: 'One of them',
        params: ActParamsSchema,
        response: answers(ActItemSchema),
      },
    },
    async (request) => {
      const { account } = signedInOf(request)
      return actItem(await actOf(request.params.id, account), account)
    },
  )
  api.post(
    '/api/acts/:id/agree',
    {
      config: { access: 'acts.decide' },
      schema: {
        summary: 'Agree, as the second person: it is carried out as it was asked',
        params: ActParamsSchema,
        body: AgreementSchema,
        response: answers(ActItemSchema),
      },
    },
    async (request) => {
      const { account } = signedInOf(request)
      const row = await actOf(request.params.id, account)
      const { hash, reason } = request.body
      const { proposal, outcome } = await recorded(request, ['act-agree', 'act-agree-refused'], {
        object: `${row.act} #${row.id}`,
        detail: `${row.object} sha256:${hash}`,
        ...(reason === '' ? {} : { reason }),
        act: () => acts.agree(row.id, { hash, reason }, account),
      })
      if (proposal.outcome !== null) {
        const { result, detail } = proposal.outcome
        await note(request, {
          action: result === 'done' ? 'act-done' : 'act-failed',
          object: `${row.act} #${row.id}`,
          detail,
        })
      }
      for (const name of outcome?.ended ?? []) feeds.end({ account: name })
      return actItem(proposal, account)
    },
  )
  const decisions = [
    { name: 'refuse', summary: 'Refuse it, with a reason' },
    { name: 'withdraw', summary: 'Withdraw what one asked for' },
  ] as const
  for (const { name, summary } of decisions) {
    api.post(
      `/api/acts/:id/${name}`,
      {
        config: { access: 'acts.decide' },
        schema: {
          summary,
          params: ActParamsSchema,
          body: ReasonSchema,
          response: answers(ActItemSchema),
        },
      },
      async (request) => {
        const { account } = signedInOf(request)
        const row = await actOf(request.params.id, account)
        const { reason } = request.body
        const { proposal } = await recorded<Decided>(request, [`act-${name}`, `act-${name}-refused`], {
          object: `${row.act} #${row.id}`,
          detail: row.object,
          reason,
          act: () => acts[name](row.id, reason, account),
        })
        return actItem(proposal, account)
      },
    )
  }
}

const allActs = Object.keys(TWO_PERSON_ACTS) as TwoPersonAct[]

function actItem(row: ProposalRow, by: AccountRow): ActItem {
  const { id, act, words, object, payload, hash, reason, askedBy, person, askedAt, expiresAt } = row
  const whyNot = row.decision === null ? whyNotAgree(row, by) : 'decided'
  return {
    ...{ id, act, object, payload, hash, reason, askedBy, person, askedAt, expiresAt },
    words: JSON.parse(words) as Bilingual,
    decision: row.decision === null ? null : { ...row.decision },
    outcome: row.outcome === null ? null : { ...row.outcome },
    may: {
      agree: whyNot === null,
      refuse: whyNot === null,
      withdraw: row.decision === null && askedBy === by.name,
    },
    whyNot,
  }
}
