/** Policies and enrolment tokens: what the security administrator sets. */

import type { ComputerRow, PolicyRow, Store } from '../../store/ports.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import {
  NewTokenSchema,
  type PolicyAnswer,
  PolicyAnswerSchema,
  PolicyChangeSchema,
  PolicyHistorySchema,
  TokenAnswerSchema,
} from '../contract.ts'
import type { Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import type { PolicyPort } from '../ports.ts'
import { changedParts } from '../view/changed-parts.ts'
import { openPayload } from '../view/policy-view.ts'
import { answers } from './answers.ts'
import { AgentParamsSchema, computerOf } from './computers.ts'

export interface PoliciesOptions {
  readonly store: Store
  readonly policies: PolicyPort
  readonly note: NoteAction
}

export function registerPolicies(api: Api, { store, policies, note }: PoliciesOptions): void {
  const recorded = recordedBy(note)

  api.get(
    '/api/computers/:agent/policy',
    {
      config: { access: 'policy.read', scope: 'computer' },
      schema: {
        summary: 'The newest policy',
        params: AgentParamsSchema,
        response: answers(PolicyAnswerSchema),
      },
    },
    async (request) => {
      const computer = await computerOf(store, request.params.agent)
      const row = await store.policy(computer.agent, computer.policyVersion)
      if (row === null) throw new Error(`Computer ${computer.agent} has no policy ${computer.policyVersion}.`)
      return policyAnswer(row, computer)
    },
  )
  api.get(
    '/api/computers/:agent/policies',
    {
      config: { access: 'policy.read', scope: 'computer' },
      schema: {
        summary: 'All its policies, newest first',
        params: AgentParamsSchema,
        response: answers(PolicyHistorySchema),
      },
    },
    async (request) => {
      const { agent } = await computerOf(store, request.params.agent)
      const rows = await store.policies(agent)
      return {
        policies: rows
          .map(({ version, createdAt, createdBy, reason }) => ({ version, createdAt, createdBy, reason }))
          .toSorted((a, b) => b.version - a.version),
      }
    },
  )
  api.put(
    '/api/computers/:agent/policy',
    {
      config: { access: 'policy.write', scope: 'computer' },
      schema: {
        summary: 'Sign and send a new version',
        params: AgentParamsSchema,
        body: PolicyChangeSchema,
        response: answers(PolicyAnswerSchema),
      },
    },
    async (request) => {
      const { agent } = await computerOf(store, request.params.agent)
      const { name } = signedInOf(request).account
      const { baseVersion, reason } = request.body
      const detail = `${baseVersion} -> ${baseVersion + 1}: ${reason}`
      const base = await store.policy(agent, baseVersion)
      const values = changedParts(base?.settings ?? null, request.body.settings)
      const act = () => policies.change(agent, request.body, name)
      const row = await recorded(request, ['policy-change', 'policy-change-refused'], {
        object: agent,
        detail,
        ...values,
        reason,
        act,
      })
      return policyAnswer(row, await computerOf(store, agent))
    },
  )
  api.post(
    '/api/enrollment-tokens',
    {
      config: { access: 'enrolment.create' },
      schema: {
        summary: 'Make a one-time token for an agent',
        body: NewTokenSchema,
        response: answers(TokenAnswerSchema),
      },
    },
    async (request) => {
      const { name } = signedInOf(request).account
      const object = request.body.number ?? ''
      const act = () => policies.createToken(request.body, name)
      return recorded(request, ['token-create', 'token-create-refused'], { object, detail: '', act })
    },
  )
}

function policyAnswer(row: PolicyRow, computer: ComputerRow): PolicyAnswer {
  return {
    policy: openPayload(row.envelope),
    createdAt: row.createdAt,
    createdBy: row.createdBy,
    reason: row.reason,
    appliedVersion: computer.appliedPolicyVersion,
  }
}
