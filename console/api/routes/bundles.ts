/** Bundles: what was brought, bringing one, the way home, enrolment of a computer that no network reaches. */
import { Readable } from 'node:stream'
import { authorityMark, BUNDLE_LIMITS, ShoukouError } from '@shoukou/protocol'
import { Type } from 'typebox'
import type { Store } from '../../store/ports.ts'
import type { Bundles, StandaloneComputer } from '../../workflows/bundles/create-bundles.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import {
  BundlesAnswerSchema,
  OfflineEnrolledSchema,
  OfflineEnrolmentSchema,
  SlipParamsSchema,
  SlipQuerySchema,
  SlipSchema,
  type Standalone,
  TakenSchema,
} from '../contract-bundles.ts'
import type { Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import { slipView, slipWords } from '../view/slip-view.ts'
import { answers } from './answers.ts'
import { AgentParamsSchema, computerOf } from './computers.ts'
import { registerUploads } from './uploads.ts'

export interface BundlesOptions {
  readonly store: Store
  readonly bundles: Bundles
  /** PEM: the certificate that enrolments by files are held against. */
  readonly authority: string
  readonly note: NoteAction
}

const slipsPerPage = 50
const packageType = 'application/octet-stream'

export async function registerBundles(api: Api, options: BundlesOptions): Promise<void> {
  const { store, bundles, note } = options
  const recorded = recordedBy(note)
  const mark = authorityMark(options.authority)

  api.get(
    '/api/bundles',
    {
      config: { access: 'bundles.read' },
      schema: {
        summary: 'Computers that report by bundles, and slips, newest first',
        querystring: SlipQuerySchema,
        response: answers(BundlesAnswerSchema),
      },
    },
    async (request) => {
      const { before, agent } = request.query
      const rows = await store.slips({ beforeId: before, agent, limit: slipsPerPage + 1 })
      const slips = rows.slice(0, slipsPerPage)
      return {
        computers: (await bundles.standalone()).map(standaloneView),
        slips: slips.map(slipView),
        before: rows.length > slipsPerPage ? (slips.at(-1)?.id ?? null) : null,
        mark,
        bytesMax: BUNDLE_LIMITS.bundleBytesMax,
      }
    },
  )
  api.get(
    '/api/bundles/slips/:slip',
    {
      config: { access: 'bundles.read' },
      schema: { summary: 'One slip', params: SlipParamsSchema, response: answers(SlipSchema) },
    },
    async (request) => {
      const row = await store.slip(request.params.slip)
      if (row === null) throw new ShoukouError('not-found', 'There is no slip of this number.')
      return slipView(row)
    },
  )
  api.post(
    '/api/bundles/packages/:agent',
    {
      config: { access: 'bundles.import' },
      schema: { summary: 'Make the package for the way home of one computer', params: AgentParamsSchema },
    },
    async (request, reply) => {
      const { agent, number } = await computerOf(store, request.params.agent)
      const { account } = signedInOf(request)
      const made = await recorded(request, ['return-package', 'return-package-refused'], {
        object: number,
        detail: '',
        act: () => bundles.returnPackage(agent, account.name),
      })
      return reply
        .type(packageType)
        .header('content-disposition', `attachment; filename="${made.fileName}"`)
        .header('x-package-number', made.row.number)
        .send(made.bytes)
    },
  )
  api.post(
    '/api/bundles/enrolments',
    {
      config: { access: 'enrolment.create' },
      bodyLimit: 2 * BUNDLE_LIMITS.enrolmentFileBytesMax,
      schema: {
        summary: 'Enrol a computer that no network reaches, from its request file',
        body: OfflineEnrolmentSchema,
        response: answers(OfflineEnrolledSchema),
      },
    },
    async (request) => {
      const { file, number, settings } = request.body
      const { account } = signedInOf(request)
      const done = await recorded(request, ['enrol-offline', 'enrol-offline-refused'], {
        object: number ?? '',
        detail: '',
        act: () =>
          bundles.enrol(
            { file: Buffer.from(file, 'base64'), number, settings },
            { account: account.name, address: request.peerAddress },
          ),
      })
      return { ...done, answer: done.answer.toString('base64') }
    },
  )
  await registerUploads(api, { uploads: bundles.uploads, note })
  await api.register(async (scope) => {
    // In this scope alone: the bytes of a bundle go to a file as they come, and are never in memory together.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(packageType, (_request, payload, done) => done(null, payload))
    scope.post(
      '/api/bundles',
      {
        config: { access: 'bundles.import' },
        bodyLimit: BUNDLE_LIMITS.bundleBytesMax,
        schema: {
          summary:
            'Bring a bundle: its bytes are the body. Answers with its slip, whether it was taken or not',
          consumes: [packageType],
          body: Type.Any(),
          response: answers(TakenSchema),
        },
      },
      async (request) => {
        const { account } = signedInOf(request)
        const { body } = request
        if (!(body instanceof Readable))
          throw new ShoukouError('invalid-request', `Send the bundle’s bytes as ${packageType}.`)
        const slips = await recorded(request, ['bundle-import', 'bundle-import-refused'], {
          object: '',
          detail: `${request.headers['content-length'] ?? '?'} bytes`,
          act: () => bundles.take(body, account.name),
        })
        await note(request, { action: 'bundle-slip', ...slipWords(slips[0]) })
        return { slips: slips.map(slipView) }
      },
    )
  })
}

function standaloneView({
  computer,
  sender,
  package: made,
  dueAt,
  isOverdue,
}: StandaloneComputer): Standalone {
  return {
    agent: computer.agent,
    computer: computer.number,
    lastNumber: sender?.lastNumber ?? null,
    lastTakenAt: sender?.lastTakenAt ?? null,
    lastCreatedWallMs: sender?.lastCreatedWallMs ?? null,
    dueAt,
    isOverdue,
    packageNumber: made?.number ?? null,
    packageMadeAt: made?.madeAt ?? null,
    packageTaken: sender === null || sender.packageNumber === 0 ? null : sender.packageNumber,
  }
}
