/** Acts that two people must want. On SQLite, in the thread that opened it. */
import type { TwoPersonAct } from '@shoukou/protocol'
import type { Selectable } from 'kysely'
import type {
  AccessStore,
  NewProposal,
  ProposalDecision,
  ProposalFilter,
  ProposalOutcome,
  ProposalRow,
} from '../access-ports.ts'
import type { Tables } from '../schema.ts'
import type { OpenDatabase } from './database.ts'
import type { SqliteIngest } from './ingest.ts'

type Part = Pick<
  AccessStore,
  | 'addProposal'
  | 'proposal'
  | 'proposals'
  | 'countOpenProposals'
  | 'decideProposal'
  | 'endProposal'
  | 'unfinishedProposals'
  | 'overdueProposals'
>

export function accessActsIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): Part {
  const statements = {
    open: connection.prepare(
      'select 1 from proposals where object = ? and act = ? and not exists (select 1 from proposal_decisions where proposal = proposals.id)',
    ),
    add: connection.prepare(
      'insert into proposals (act, asked_by, person, asked_at, reason, object, words, payload, hash, basis, expires_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning id',
    ),
    decide: connection.prepare(
      'insert into proposal_decisions (proposal, kind, at, "by", person, reason) values (?, ?, ?, ?, ?, ?) on conflict (proposal) do nothing',
    ),
    end: connection.prepare(
      'insert into proposal_outcomes (proposal, at, result, detail) values (?, ?, ?, ?) on conflict (proposal) do nothing',
    ),
  }
  const selectProposals = () =>
    query
      .selectFrom('proposals')
      .leftJoin('proposal_decisions as d', 'd.proposal', 'proposals.id')
      .leftJoin('proposal_outcomes as o', 'o.proposal', 'proposals.id')
      .selectAll('proposals')
      .select([
        'd.kind as decided',
        'd.at as decided_at',
        'd.by as decided_by',
        'd.person as decided_person',
        'd.reason as decided_reason',
        'o.result',
        'o.at as ended_at',
        'o.detail',
      ])

  return {
    async addProposal(proposal: NewProposal): Promise<ProposalRow | null> {
      return ingest.transaction(() => {
        if (statements.open.get(proposal.object, proposal.act) !== undefined) return null
        const { act, askedBy, person, askedAt, reason, object, words, payload, hash, basis } = proposal
        const values = [act, askedBy, person, askedAt, reason, object, words, payload, hash, basis]
        const row = statements.add.get(...values, proposal.expiresAt) as { id: number }
        return { ...proposal, id: Number(row.id), decision: null, outcome: null }
      })
    },
    async proposal(id: number): Promise<ProposalRow | null> {
      const row = await selectProposals().where('proposals.id', '=', id).executeTakeFirst()
      return row === undefined ? null : proposalRow(row)
    },
    async proposals(filter: ProposalFilter): Promise<readonly ProposalRow[]> {
      if (filter.acts.length === 0) return []
      let selected = selectProposals().where('proposals.act', 'in', [...filter.acts])
      if (filter.isOpen !== undefined)
        selected = selected.where('d.kind', filter.isOpen ? 'is' : 'is not', null)
      if (filter.object !== undefined) selected = selected.where('proposals.object', '=', filter.object)
      if (filter.beforeId !== undefined) selected = selected.where('proposals.id', '<', filter.beforeId)
      return (await selected.orderBy('proposals.id', 'desc').limit(filter.limit).execute()).map(proposalRow)
    },
    async countOpenProposals(acts: readonly TwoPersonAct[], notOf: string): Promise<number> {
      if (acts.length === 0) return 0
      const row = await query
        .selectFrom('proposals')
        .leftJoin('proposal_decisions as d', 'd.proposal', 'proposals.id')
        .select((e) => e.fn.countAll<number>().as('count'))
        .where('proposals.act', 'in', [...acts])
        .where('proposals.asked_by', '<>', notOf)
        .where('d.kind', 'is', null)
        .executeTakeFirstOrThrow()
      return Number(row.count)
    },
    async decideProposal(id: number, decision: ProposalDecision): Promise<boolean> {
      const { kind, at, by, person, reason } = decision
      return Number(statements.decide.run(id, kind, at, by, person, reason).changes) === 1
    },
    async endProposal(id: number, { at, result, detail }: ProposalOutcome): Promise<boolean> {
      return Number(statements.end.run(id, at, result, detail).changes) === 1
    },
    async unfinishedProposals(): Promise<readonly ProposalRow[]> {
      const rows = await selectProposals()
        .where('d.kind', '=', 'agreed')
        .where('o.result', 'is', null)
        .orderBy('proposals.id')
        .execute()
      return rows.map(proposalRow)
    },
    async overdueProposals(now: number, limit: number): Promise<readonly ProposalRow[]> {
      const rows = await selectProposals()
        .where('d.kind', 'is', null)
        .where('proposals.expires_at', '<=', now)
        .orderBy('proposals.id')
        .limit(limit)
        .execute()
      return rows.map(proposalRow)
    },
  }
}

type ProposalColumns = Selectable<Tables['proposals']> & {
  readonly decided: string | null
  readonly decided_at: number | null
  readonly decided_by: string | null
  readonly decided_person: string | null
  readonly decided_reason: string | null
  readonly result: string | null
  readonly ended_at: number | null
  readonly detail: string | null
}

function proposalRow(row: ProposalColumns): ProposalRow {
  return {
    id: Number(row.id),
    act: row.act as TwoPersonAct,
    askedBy: row.asked_by,
    person: row.person,
    askedAt: Number(row.asked_at),
    reason: row.reason,
    object: row.object,
    words: row.words,
    payload: row.payload,
    hash: row.hash,
    basis: row.basis,
    expiresAt: Number(row.expires_at),
    decision:
      row.decided === null
        ? null
        : {
            kind: row.decided as ProposalDecision['kind'],
            at: Number(row.decided_at),
            by: row.decided_by ?? '',
            person: row.decided_person ?? '',
            reason: row.decided_reason ?? '',
          },
    outcome:
      row.result === null
        ? null
        : {
            result: row.result as ProposalOutcome['result'],
            at: Number(row.ended_at),
            detail: row.detail ?? '',
          },
  }
}
