/** Bundles in parts: begun, sent piece by piece, taken, looked after; what one request is too short for. */

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { ShoukouError } from '@shoukou/protocol'
import { UPLOAD_LIMITS, type UploadState, type Uploads } from '../../workflows/bundles/uploads.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import {
  PART_HASH_HEADER,
  type Upload,
  UploadBeginSchema,
  UploadParamsSchema,
  UploadPartHeadersSchema,
  UploadPartParamsSchema,
  UploadSchema,
} from '../contract-bundles.ts'
import type { Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import { slipView, slipWords } from '../view/slip-view.ts'
import { answers } from './answers.ts'

export interface UploadsOptions {
  readonly uploads: Uploads
  readonly note: NoteAction
}

const partType = 'application/octet-stream'

export async function registerUploads(api: Api, { uploads, note }: UploadsOptions): Promise<void> {
  const recorded = recordedBy(note)
  api.post(
    '/api/bundles/uploads',
    {
      config: { access: 'bundles.import' },
      schema: {
        summary: 'Begin to bring a bundle in parts',
        body: UploadBeginSchema,
        response: answers(UploadSchema),
      },
    },
    async (request) => {
      const { bytes } = request.body
      const { account } = signedInOf(request)
      const begun = await recorded(request, ['bundle-import', 'bundle-import-refused'], {
        object: '',
        detail: `${bytes} bytes`,
        act: () => uploads.begin(bytes, account.name),
      })
      return view(begun)
    },
  )
  api.get(
    '/api/bundles/uploads/:upload',
    {
      config: { access: 'bundles.import' },
      schema: {
        summary: 'How far an upload of one’s own is, and what came of it',
        params: UploadParamsSchema,
        response: answers(UploadSchema),
      },
    },
    async (request) => view(uploads.state(request.params.upload, signedInOf(request).account.name)),
  )
  api.post(
    '/api/bundles/uploads/:upload/finish',
    {
      config: { access: 'bundles.import' },
      schema: {
        summary: 'Take the bundle, now that all parts are here; ask how far it is until it is done',
        params: UploadParamsSchema,
        response: answers(UploadSchema),
      },
    },
    async (request) =>
      view(
        uploads.finish(request.params.upload, signedInOf(request).account.name, async (outcome) => {
          if (outcome.kind === 'done')
            await note(request, { action: 'bundle-slip', ...slipWords(outcome.slips[0]) })
          else await note(request, { action: 'bundle-import-refused', object: '', detail: outcome.code })
        }),
      ),
  )
  api.post(
    '/api/bundles/uploads/:upload/abandon',
    {
      config: { access: 'bundles.import' },
      schema: { summary: 'Leave an upload: what came of it is removed', params: UploadParamsSchema },
    },
    async (request, reply) => {
      const { account } = signedInOf(request)
      await recorded(request, ['bundle-abandon', 'bundle-abandon-refused'], {
        object: '',
        detail: '',
        act: () => uploads.abandon(request.params.upload, account.name),
      })
      return reply.status(204).send()
    },
  )
  await api.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(partType, { parseAs: 'buffer' }, (_request, bytes, done) => done(null, bytes))
    scope.withTypeProvider<TypeBoxTypeProvider>().put(
      '/api/bundles/uploads/:upload/parts/:at',
      {
        config: { access: 'bundles.import' },
        bodyLimit: UPLOAD_LIMITS.partBytesMax,
        schema: {
          summary: 'Send the next part: its bytes are the body, their SHA-256 is in a header',
          consumes: [partType],
          params: UploadPartParamsSchema,
          headers: UploadPartHeadersSchema,
          response: answers(UploadSchema),
        },
      },
      async (request) => {
        const body: unknown = request.body
        if (!Buffer.isBuffer(body))
          throw new ShoukouError('invalid-request', `Send the part’s bytes as ${partType}.`)
        const { upload, at } = request.params
        const hash = request.headers[PART_HASH_HEADER]
        return view(await uploads.part(upload, { at, bytes: body, hash }, signedInOf(request).account.name))
      },
    )
  })
}

function view(state: UploadState): Upload {
  return { ...state, partBytesMax: UPLOAD_LIMITS.partBytesMax, slips: state.slips.map(slipView) }
}
