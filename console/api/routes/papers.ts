/**
 * Attached files and statements. A file is never shown as a page of this console: it leaves as bytes to be saved, under a
 * name of the console's own, whatever it calls itself.
 */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { mayReach, ShoukouError } from '@shoukou/protocol'
import { Type } from 'typebox'
import type { StatementRequestRow } from '../../store/handling-ports.ts'
import type { Store } from '../../store/ports.ts'
import type { Papers } from '../../workflows/handling/papers.ts'
import { hashOf } from '../../workflows/handling/papers.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import {
  AskStatementSchema,
  AttachmentQuerySchema,
  AttachmentSchema,
  EnterStatementSchema,
  FormSchema,
  HANDLING_API_LIMITS,
  OpenRequestsSchema,
  StatementRequestSchema,
  StatementSchema,
} from '../contract-handling.ts'
import type { AnyRequest, Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import { departmentFilter, scopeOf } from '../scope.ts'
import type { NoteSeen } from '../seen-note.ts'
import { violationItem } from '../view/violation-view.ts'
import { answers } from './answers.ts'
import { ViolationParamsSchema, violationOf } from './handling.ts'

const fileType = 'application/octet-stream'
const AttachmentParamsSchema = Type.Object(
  {
    id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    attachment: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  },
  { additionalProperties: false },
)
const FormParamsSchema = Type.Object(
  { form: Type.String({ pattern: '^\\d{4}-?\\d{4}$' }) },
  { additionalProperties: false },
)

export interface PapersOptions {
  readonly store: Store
  readonly papers: Papers
  readonly note: NoteAction
  readonly seen: NoteSeen
}

export async function registerPapers(api: Api, options: PapersOptions): Promise<void> {
  const { store, papers, note, seen } = options
  const recorded = recordedBy(note)

  await api.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(fileType, { parseAs: 'buffer' }, (_request, bytes, done) => done(null, bytes))
    scope.withTypeProvider<TypeBoxTypeProvider>().post(
      '/api/violations/:id/attachments',
      {
        config: { access: 'violations.handle', scope: 'violation' },
        bodyLimit: HANDLING_API_LIMITS.attachmentBytesMax,
        schema: {
          summary: 'Attach a file: its bytes are the body',
          consumes: [fileType],
          params: ViolationParamsSchema,
          querystring: AttachmentQuerySchema,
          response: answers(AttachmentSchema),
        },
      },
      async (request) => {
        const body: unknown = request.body
        if (!Buffer.isBuffer(body))
          throw new ShoukouError('invalid-request', `Send the file’s bytes as ${fileType}.`)
        const violation = await violationOf(store, request.params.id)
        const { account } = signedInOf(request)
        const { name } = request.query
        const words = request.query.note?.trim() ?? ''
        const { violation: _violation, ...row } = await recorded(
          request,
          ['violation-attach', 'violation-attach-refused'],
          {
            object: String(violation.id),
            detail: `${body.length} bytes, SHA-256 ${hashOf(body)}`,
            ...(words === '' ? {} : { reason: words }),
            act: () => papers.attach(violation, { name, note: words, bytes: body }, account.name),
          },
        )
        return row
      },
    )
  })
  api.get(
    '/api/violations/:id/attachments/:attachment',
    {
      config: { access: 'violations.read', scope: 'violation' },
      schema: { summary: 'An attached file, to be saved', params: AttachmentParamsSchema },
    },
    async (request, reply) => {
      const { id, attachment } = request.params
      const found = await store.attachment(attachment)
      if (found === null || found.row.violation !== id)
        throw new ShoukouError('not-found', 'No such file is attached; look at the handling anew.')
      const { row, content } = found
      if (hashOf(content) !== row.hash)
        throw new ShoukouError(
          'log-altered',
          'The file is no longer what was attached: its SHA-256 differs. Have the database verified.',
        )
      await note(request, {
        action: 'attachment-read',
        object: String(id),
        detail: `attachment ${attachment}, SHA-256 ${row.hash}`,
      })
      return reply
        .type(fileType)
        .header('content-disposition', `attachment; filename="violation-${id}-attachment-${attachment}.bin"`)
        .header('x-content-type-options', 'nosniff')
        .header('content-security-policy', "sandbox; default-src 'none'")
        .send(Buffer.from(content))
    },
  )
  api.post(
    '/api/violations/:id/statement-requests',
    {
      config: { access: 'violations.handle', scope: 'violation' },
      schema: {
        summary: 'Ask for a statement of whoever sat at the computer: makes a form with a code',
        params: ViolationParamsSchema,
        body: AskStatementSchema,
        response: answers(StatementRequestSchema),
      },
    },
    async (request) => {
      const violation = await violationOf(store, request.params.id)
      const { name } = signedInOf(request).account
      const { person, question, dueAt } = request.body
      const { violation: _violation, ...row } = await recorded(
        request,
        ['statement-ask', 'statement-ask-refused'],
        {
          object: String(violation.id),
          detail: person,
          reason: question,
          act: () => papers.ask(violation, { person: person.trim(), question: question.trim(), dueAt }, name),
        },
      )
      return row
    },
  )
  api.get(
    '/api/statement-requests',
    {
      config: { access: 'statements.enter', scope: 'filtered' },
      schema: {
        summary: 'Statements that were asked for and not entered yet, the soonest due first',
        response: answers(OpenRequestsSchema),
      },
    },
    async (request) => ({
      requests: [
        ...(await store.openStatementRequests(
          departmentFilter(scopeOf(request)).department,
          HANDLING_API_LIMITS.rowsPerPage,
        )),
      ],
    }),
  )
  api.get(
    '/api/statement-requests/:form',
    {
      config: { access: 'statements.enter', scope: 'filtered' },
      schema: {
        summary: 'What a form’s code names',
        params: FormParamsSchema,
        response: answers(FormSchema),
      },
    },
    async (request) => {
      const asked = await reachedRequest(request, options, request.params.form)
      const violation = await violationOf(store, asked.violation)
      await seen(request, {
        action: 'statement-form-read',
        object: String(violation.id),
        detail: `request ${asked.id}`,
      })
      const { violation: _violation, ...form } = asked
      const { id, number, level, occurredAt, headline } = violationItem(violation)
      return { request: form, violation: { id, number, level, occurredAt, headline } }
    },
  )
  api.post(
    '/api/statements',
    {
      config: { access: 'statements.enter', scope: 'filtered' },
      schema: {
        summary: 'Enter what came back on a form, by its code; it stays as it is entered',
        body: EnterStatementSchema,
        response: answers(StatementSchema),
      },
    },
    async (request) => {
      const { code, writer, writtenAt, text } = request.body
      const asked = await reachedRequest(request, options, code)
      const { name } = signedInOf(request).account
      const { violation: _violation, ...row } = await recorded(
        request,
        ['statement-enter', 'statement-enter-refused'],
        {
          object: String(asked.violation),
          detail: `request ${asked.id}, SHA-256 of the text ${hashOf(Buffer.from(text))}`,
          act: () => papers.enter(asked, { writer: writer.trim(), writtenAt, text }, name),
        },
      )
      return row
    },
  )
}

/** A form of another department's computer is refused in the words of one that does not exist. */
async function reachedRequest(
  request: AnyRequest,
  { store, papers }: Pick<PapersOptions, 'store' | 'papers'>,
  code: string,
): Promise<StatementRequestRow> {
  const asked = await papers.request(code)
  const scope = scopeOf(request)
  if (scope.kind === 'unit') return asked
  const place = await store.departmentOf('violation', String(asked.violation))
  if (place === null || !mayReach(scope, place.department))
    throw new ShoukouError('not-found', 'No form carries this code; read it again from the paper.')
  return asked
}
