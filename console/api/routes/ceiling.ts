/** The ceiling: what is in force, what a new one would change, and bringing it. It can be signed nowhere here. */
import type { CeilingEffect } from '../../workflows/ceiling/bring-ceiling.ts'
import { type Ceilings, signatoriesOf } from '../../workflows/ceiling/create-ceilings.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import {
  type BeyondComputer,
  type CeilingAnswer,
  CeilingAnswerSchema,
  CeilingPreviewRequestSchema,
  CeilingPreviewSchema,
  NewCeilingSchema,
} from '../contract-ceiling.ts'
import type { Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import { answers } from './answers.ts'

export interface CeilingOptions {
  readonly ceilings: Ceilings
  readonly note: NoteAction
}

export function registerCeiling(api: Api, { ceilings, note }: CeilingOptions): void {
  const recorded = recordedBy(note)

  api.get(
    '/api/ceiling',
    {
      config: { access: 'ceiling.read' },
      schema: {
        summary: 'The ceiling in force, who signed it, and which computers hold it',
        response: answers(CeilingAnswerSchema),
      },
    },
    async () => read(ceilings),
  )
  api.post(
    '/api/ceiling/preview',
    {
      config: { access: 'ceiling.bring' },
      schema: {
        summary: 'What a signed ceiling would change; it is not brought',
        body: CeilingPreviewRequestSchema,
        response: answers(CeilingPreviewSchema),
      },
    },
    async (request) => {
      const { signed } = request.body
      const effect = await ceilings.preview(signed)
      const { ceiling } = effect
      return { ceiling, signedBy: signatoriesOf(signed, ceiling), beyond: beyondOf(effect.beyond) }
    },
  )
  api.post(
    '/api/ceiling',
    {
      config: { access: 'ceiling.bring' },
      schema: {
        summary: 'Bring a signed ceiling into force',
        body: NewCeilingSchema,
        response: answers(CeilingAnswerSchema),
      },
    },
    async (request) => {
      const { signed, reason } = request.body
      const { name } = signedInOf(request).account
      const version = ceilings.book.now?.ceiling.version ?? null
      await recorded(request, ['ceiling-bring', 'ceiling-bring-refused'], {
        object: 'ceiling',
        detail: `from version ${version ?? 0}`,
        reason,
        before: { version },
        act: () => ceilings.bring(signed, { account: name, reason }),
      })
      return read(ceilings)
    },
  )
}

async function read(ceilings: Ceilings): Promise<CeilingAnswer> {
  const { book, dailyKey } = ceilings
  const { behind, computers, beyond } = await ceilings.state()
  const { now, newestRow, rows } = book
  const inForce =
    now === null || newestRow === null
      ? null
      : {
          ceiling: now.ceiling,
          digest: newestRow.digest,
          signedBy: signatoriesOf(now.signed, now.ceiling),
          broughtBy: newestRow.broughtBy,
          broughtAt: newestRow.broughtAt,
          reason: newestRow.reason,
        }
  return {
    inForce,
    dailyKey,
    earlier: rows
      .slice(0, -1)
      .reverse()
      .map(({ version, broughtBy, broughtAt, reason }) => ({ version, broughtBy, broughtAt, reason })),
    behind: behind.map(({ computer, version, refused }) => ({
      agent: computer.agent,
      number: computer.number,
      hostname: computer.hostname,
      version,
      refused,
      lastSeenAt: computer.lastSeenAt,
    })),
    computers,
    beyond: beyondOf(beyond),
  }
}

function beyondOf(found: CeilingEffect['beyond']): BeyondComputer[] {
  return found.map(({ computer: { agent, number }, beyond }) => ({ agent, number, beyond: [...beyond] }))
}
