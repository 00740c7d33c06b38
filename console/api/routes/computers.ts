/** Computers: all of them, one, its gaps, and the order to look at everything anew. */
import { mayReach, mayRole } from '@shoukou/protocol'
import { Type } from 'typebox'
import type { ComputerRow, Store } from '../../store/ports.ts'
import type { NoteAction } from '../action-note.ts'
import {
  CommandAnswerSchema,
  ComputerNamesAnswerSchema,
  ComputerSchema,
  ComputersAnswerSchema,
  ComputersQuerySchema,
  GapsAnswerSchema,
} from '../contract.ts'
import type { AnyRequest, Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import type { PolicyPort } from '../ports.ts'
import type { ComputerReader } from '../read-computers.ts'
import { notFound, scopeOf } from '../scope.ts'
import { answers } from './answers.ts'

export const AgentParamsSchema = Type.Object(
  { agent: Type.String({ minLength: 1, maxLength: 64 }) },
  { additionalProperties: false },
)

export interface ComputersOptions {
  readonly store: Store
  readonly computers: ComputerReader
  readonly policies: PolicyPort
  readonly note: NoteAction
}

export function registerComputers(api: Api, { store, computers, policies, note }: ComputersOptions): void {
  api.get(
    '/api/computers',
    {
      config: { access: 'computers.read', scope: 'filtered' },
      schema: {
        summary: 'Computers by number, all or a page of them',
        querystring: ComputersQuerySchema,
        response: answers(ComputersAnswerSchema),
      },
    },
    async (request) => computers.page(request.query, mayReadViolations(request), scopeOf(request)),
  )
  api.get(
    '/api/computer-names',
    {
      config: { access: 'computers.read', scope: 'filtered' },
      schema: {
        summary: 'Numbers of all computers, to choose from',
        response: answers(ComputerNamesAnswerSchema),
      },
    },
    async (request) => {
      const scope = scopeOf(request)
      const names = await store.computerNames()
      return {
        computers: names
          .filter(({ department }) => mayReach(scope, department))
          .map(({ agent, number, level, department }) => ({ agent, number, level, department })),
      }
    },
  )
  api.get(
    '/api/computers/:agent',
    {
      config: { access: 'computers.read', scope: 'computer' },
      schema: { summary: 'One computer', params: AgentParamsSchema, response: answers(ComputerSchema) },
    },
    async (request) =>
      computers.one(await computerOf(store, request.params.agent), mayReadViolations(request)),
  )
  api.get(
    '/api/computers/:agent/gaps',
    {
      config: { access: 'records.read', scope: 'computer' },
      schema: {
        summary: 'Numbers that are missing in its journal',
        params: AgentParamsSchema,
        response: answers(GapsAnswerSchema),
      },
    },
    async (request) => {
      const { agent } = await computerOf(store, request.params.agent)
      const gaps = await store.gaps(agent)
      return {
        gaps: gaps.map(({ epoch, firstSeq, lastSeq, noticedAt, state }) => ({
          epoch,
          firstSeq,
          lastSeq,
          noticedAt,
          state,
        })),
      }
    },
  )
  api.post(
    '/api/computers/:agent/rescan',
    {
      config: { access: 'command.rescan', scope: 'computer' },
      schema: {
        summary: 'Order a new look at everything',
        params: AgentParamsSchema,
        response: answers(CommandAnswerSchema),
      },
    },
    async (request) => {
      const { agent, number } = await computerOf(store, request.params.agent)
      await note(request, { action: 'rescan', object: agent, detail: number })
      return { sent: await policies.sendRescan(agent) }
    },
  )
}

/** Returns an enrolled computer. @throws ShoukouError `not-found`. */
export async function computerOf(store: Store, agent: string): Promise<ComputerRow> {
  const row = await store.computer(agent)
  if (row === null) throw notFound('computer')
  return row
}

/** Reports whether whoever asks may see violations. */
export function mayReadViolations(request: AnyRequest): boolean {
  return mayRole(signedInOf(request).account.role, 'violations.read')
}
