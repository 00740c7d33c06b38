/** Backups: made, looked at, restored by two people; and what is kept until when. Nothing here takes anything away: `archives.ts`. */
import type { Keeping, KeepingState } from '../../keeping/ports.ts'
import type { TwoPerson } from '../../workflows/two-person/two-person.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import {
  BackupOrderSchema,
  type KeepingAnswer,
  KeepingAnswerSchema,
  KeepingChangeSchema,
  PassphraseSchema,
  RestoreAnswerSchema,
  RestoreOrderSchema,
} from '../contract-keeping.ts'
import type { Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import type { RestorePort } from '../ports.ts'
import { answers } from './answers.ts'

export interface KeepingRoutesOptions {
  readonly keeping: Keeping
  readonly restore: RestorePort
  readonly acts: TwoPerson
  readonly note: NoteAction
}

export function registerKeeping(api: Api, { keeping, restore, acts, note }: KeepingRoutesOptions): void {
  const recorded = recordedBy(note)

  api.get(
    '/api/backups',
    {
      config: { access: 'backup.read' },
      schema: {
        summary: 'Backups, their settings, and what is kept until when',
        response: answers(KeepingAnswerSchema),
      },
    },
    async () => view(await keeping.state()),
  )
  api.put(
    '/api/backups/settings',
    {
      config: { access: 'backup.make' },
      schema: {
        summary: 'When and where backups are made; how long things are kept, never less than before',
        body: KeepingChangeSchema,
        response: answers(KeepingAnswerSchema),
      },
    },
    async (request) => {
      const { version, reason, ...change } = request.body
      const { daily, folder, ageHoursMax, retentionYears } = await keeping.state()
      const state = await recorded(request, ['backup-settings', 'backup-settings-refused'], {
        object: change.folder ?? '',
        detail: '',
        before: { daily, folder, ageHoursMax, retentionYears },
        after: change,
        reason,
        act: () => keeping.change(version, change),
      })
      return view(state)
    },
  )
  api.post(
    '/api/backups/passphrase',
    {
      config: { access: 'backup.make' },
      schema: {
        summary: 'Set the passphrase under which backups seal the keys',
        body: PassphraseSchema,
        response: answers(KeepingAnswerSchema),
      },
    },
    async (request) => {
      const { version, halves, reason } = request.body
      const state = await recorded(request, ['backup-passphrase', 'backup-passphrase-refused'], {
        object: '',
        detail: '',
        reason,
        act: () => keeping.setPassphrase(version, halves),
      })
      return view(state)
    },
  )
  api.post(
    '/api/backups',
    {
      config: { access: 'backup.make' },
      schema: {
        summary: 'Begin a backup; what came of it is in the list',
        body: BackupOrderSchema,
        response: answers(KeepingAnswerSchema),
      },
    },
    async (request) => {
      const { name } = signedInOf(request).account
      await recorded(request, ['backup-begin', 'backup-begin-refused'], {
        object: '',
        detail: '',
        reason: request.body.reason,
        act: () => keeping.begin(name),
      })
      return view(await keeping.state())
    },
  )
  api.post(
    '/api/backups/restore',
    {
      config: { access: 'backup.restore' },
      schema: {
        summary: 'Verify and stage a backup, and ask a second person to let it take the place of this data',
        body: RestoreOrderSchema,
        response: answers(RestoreAnswerSchema),
      },
    },
    async (request) => {
      const { place, halves, reason } = request.body
      const { account } = signedInOf(request)
      return recorded(request, ['backup-restore-ask', 'backup-restore-ask-refused'], {
        object: place,
        detail: '',
        reason,
        act: async () => {
          const { madeAt } = await restore.stage({ place, halves, by: account.name })
          const asked = await acts.ask('backup-restore', { place, madeAt }, reason, account)
          return { proposal: asked.id, madeAt }
        },
      })
    },
  )
}

function view({ backups, ...state }: KeepingState): KeepingAnswer {
  return {
    ...state,
    backups: backups.map(({ manifest, ...row }) => ({
      ...row,
      holds:
        manifest === null
          ? null
          : {
              computers: manifest.counts.computers,
              records: manifest.counts.records,
              violations: manifest.counts.violations,
              actions: manifest.counts.actions,
              logHead: manifest.trail.head,
            },
    })),
  }
}
