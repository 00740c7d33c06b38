/** Targets of forwarding: whoever changes one says why; secrets are in no answer and in no entry of the log. */
import { Type } from 'typebox'
import type { Forwarding, TargetState } from '../../forward/ports.ts'
import type { Store } from '../../store/ports.ts'
import type { ActingAccount, TwoPerson } from '../../workflows/two-person/two-person.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import {
  type NewTarget,
  NewTargetSchema,
  type Target,
  TargetChangeSchema,
  TargetPauseSchema,
  TargetRemovalSchema,
  TargetSchema,
  TargetsAnswerSchema,
  TestOutcomeSchema,
} from '../contract-forwarding.ts'
import type { Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import { readForwardAgreement } from '../view/forward-agreement.ts'
import { answers } from './answers.ts'

export interface ForwardingRoutesOptions {
  readonly store: Store
  readonly forwarding: Forwarding
  readonly acts: TwoPerson
  readonly note: NoteAction
}

const closed = { additionalProperties: false } as const
const IdParamsSchema = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) }, closed)

export function registerForwarding(api: Api, options: ForwardingRoutesOptions): void {
  const { store, forwarding, acts, note } = options
  const recorded = recordedBy(note)
  const view = async (state: TargetState): Promise<Target> =>
    viewOf(
      state,
      (await forwarding.awaitsAgreement(state.id)) ? await readForwardAgreement(store, state.id) : null,
    )
  const views = async () => ({ targets: await Promise.all((await forwarding.targets()).map(view)) })
  /** Saved, it stands still until a second person agrees to the evidence that it would be sent. */
  const askWhereNeeded = async (id: string, reason: string, by: ActingAccount): Promise<void> => {
    if (await forwarding.awaitsAgreement(id)) await acts.ask('forward-evidence', { target: id }, reason, by)
  }

  api.get(
    '/api/forwarding',
    {
      config: { access: 'forwarding.read' },
      schema: {
        summary: 'Targets of forwarding and how far each is',
        response: answers(TargetsAnswerSchema),
      },
    },
    views,
  )
  api.post(
    '/api/forwarding',
    {
      config: { access: 'forwarding.write' },
      schema: { summary: 'Add a target', body: NewTargetSchema, response: answers(TargetSchema) },
    },
    async (request) => {
      const { reason, ...draft } = request.body
      const { account } = signedInOf(request)
      const made = await recorded(request, ['forwarding-add', 'forwarding-add-refused'], {
        object: draft.name,
        detail: draft.settings.kind,
        after: noted(draft),
        reason,
        act: () => forwarding.add(draft, account.name),
      })
      await askWhereNeeded(made.id, reason, account)
      return view(made)
    },
  )
  api.put(
    '/api/forwarding/:id',
    {
      config: { access: 'forwarding.write' },
      schema: {
        summary: 'Change a target',
        params: IdParamsSchema,
        body: TargetChangeSchema,
        response: answers(TargetSchema),
      },
    },
    async (request) => {
      const { reason, version, ...draft } = request.body
      const { id } = request.params
      const before = (await forwarding.targets()).find((one) => one.id === id)
      const changed = await recorded(request, ['forwarding-change', 'forwarding-change-refused'], {
        object: draft.name,
        detail: id,
        ...(before === undefined ? {} : { before: noted(before) }),
        after: noted(draft),
        reason,
        act: () => forwarding.change(id, version, draft),
      })
      await askWhereNeeded(id, reason, signedInOf(request).account)
      return view(changed)
    },
  )
  api.post(
    '/api/forwarding/:id/pause',
    {
      config: { access: 'forwarding.write' },
      schema: {
        summary: 'Pause a target, or let it go on; what happens meanwhile waits',
        params: IdParamsSchema,
        body: TargetPauseSchema,
        response: answers(TargetSchema),
      },
    },
    async (request) => {
      const { isPaused, reason } = request.body
      const { id } = request.params
      const words = isPaused
        ? (['forwarding-pause', 'forwarding-pause-refused'] as const)
        : (['forwarding-resume', 'forwarding-resume-refused'] as const)
      const changed = await recorded(request, words, {
        object: id,
        detail: '',
        reason,
        act: async () => {
          // To let it go on is to ask: whoever agrees lets it.
          if (!isPaused) await askWhereNeeded(id, reason, signedInOf(request).account)
          const state = (await forwarding.targets()).find((one) => one.id === id)
          if (!isPaused && state !== undefined && (await forwarding.awaitsAgreement(id))) return state
          return forwarding.setPaused(id, isPaused)
        },
      })
      return view(changed)
    },
  )
  api.post(
    '/api/forwarding/:id/test',
    {
      config: { access: 'forwarding.write' },
      schema: {
        summary: 'Send one test message beside the queue',
        params: IdParamsSchema,
        response: answers(TestOutcomeSchema),
      },
    },
    async (request) =>
      recorded(request, ['forwarding-test', 'forwarding-test-refused'], {
        object: request.params.id,
        detail: '',
        act: () => forwarding.test(request.params.id),
      }),
  )
  api.post(
    '/api/forwarding/:id/remove',
    {
      config: { access: 'forwarding.write' },
      schema: {
        summary: 'Remove a target and its place in the queue',
        params: IdParamsSchema,
        body: TargetRemovalSchema,
        response: answers(TargetsAnswerSchema),
      },
    },
    async (request) => {
      const { id } = request.params
      const before = (await forwarding.targets()).find((one) => one.id === id)
      await recorded(request, ['forwarding-remove', 'forwarding-remove-refused'], {
        object: before?.name ?? id,
        detail: id,
        ...(before === undefined ? {} : { before: noted(before) }),
        reason: request.body.reason,
        act: () => forwarding.remove(id),
      })
      return views()
    },
  )
}

function viewOf(state: TargetState, agreement: Target['agreement']): Target {
  return {
    ...state,
    agreement,
    events: [...state.events],
    severities: [...state.severities],
    types: [...state.types],
    hasSecrets: [...state.hasSecrets],
    settings:
      state.settings.kind === 'smtp' ? { ...state.settings, to: [...state.settings.to] } : state.settings,
  }
}

/** What the log keeps of a target: where to, and what. Certificates are long, and secrets are not there. */
function noted(target: Omit<NewTarget, 'secrets' | 'reason'> | TargetState) {
  const { name, content, language, events, severities, types, settings } = target
  const short = 'ca' in settings ? { ...settings, ca: settings.ca === '' ? '' : '…' } : settings
  const shorter =
    'clientCertificate' in short
      ? { ...short, clientCertificate: short.clientCertificate === '' ? '' : '…' }
      : short
  return { name, content, language, events, severities, types, settings: shorter }
}
