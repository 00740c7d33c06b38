/** Archives of what is out of its period: what would go, those that were made, and asking that their records be removed. */
import type { TwoPerson } from '../../workflows/two-person/two-person.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import {
  ArchiveOrderSchema,
  type ArchivesAnswer,
  ArchivesAnswerSchema,
  RemovalAskedSchema,
  RemovalOrderSchema,
} from '../contract-archives.ts'
import type { Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import type { ArchivesPort } from '../ports.ts'
import { answers } from './answers.ts'

export interface ArchiveRoutesOptions {
  readonly archives: ArchivesPort
  readonly acts: TwoPerson
  readonly note: NoteAction
}

export function registerArchives(api: Api, { archives, acts, note }: ArchiveRoutesOptions): void {
  const recorded = recordedBy(note)

  api.get(
    '/api/archives',
    {
      config: { access: 'backup.read' },
      schema: {
        summary: 'What is out of its period and might be archived now; the archives that were made',
        response: answers(ArchivesAnswerSchema),
      },
    },
    async () => {
      const [plan, rows] = await Promise.all([archives.preview(), archives.list()])
      return view(plan, rows)
    },
  )
  api.post(
    '/api/archives',
    {
      config: { access: 'retention.remove' },
      schema: {
        summary:
          'Write and verify an archive of what is out of its period, and ask a second person for the removal',
        body: ArchiveOrderSchema,
        response: answers(RemovalAskedSchema),
      },
    },
    async (request) => {
      const { account } = signedInOf(request)
      const { reason } = request.body
      return recorded(request, ['archive-ask', 'archive-ask-refused'], {
        object: '',
        detail: '',
        reason,
        act: async () => {
          const { name } = await archives.make(account.name)
          const { id } = await acts.ask('remove-archived', { name }, reason, account)
          return { proposal: id, name }
        },
      })
    },
  )
  api.post(
    '/api/archives/removal',
    {
      config: { access: 'retention.remove' },
      schema: {
        summary: 'Ask anew for the removal of what is in an archive that was made before',
        body: RemovalOrderSchema,
        response: answers(RemovalAskedSchema),
      },
    },
    async (request) => {
      const { account } = signedInOf(request)
      const { name, reason } = request.body
      return recorded(request, ['archive-ask', 'archive-ask-refused'], {
        object: name,
        detail: '',
        reason,
        act: async () => {
          const { id } = await acts.ask('remove-archived', { name }, reason, account)
          return { proposal: id, name }
        },
      })
    },
  )
}

function view(
  plan: Awaited<ReturnType<ArchivesPort['preview']>>,
  rows: Awaited<ReturnType<ArchivesPort['list']>>,
): ArchivesAnswer {
  const { boundary, heldBack, stretches: _stretches, ...told } = plan
  return {
    preview: {
      ...told,
      beforeMs: boundary?.beforeMs ?? null,
      heldByViolations: heldBack.violation,
      heldByStanding: heldBack.standing,
      clockSteps: boundary?.jumps ?? 0,
    },
    archives: rows.map(({ id: _id, manifest: _manifest, signature: _signature, ...row }) => row),
  }
}
