/** Enrolment of an agent: the secret of a one-time token stands for an account. */
import { EnrolmentAnswerSchema, EnrolmentRequestSchema, LIMITS, ShoukouError } from '@shoukou/protocol'
import type { NoteAction } from '../action-note.ts'
import type { Api } from '../fastify.ts'
import type { Enrol } from '../ports.ts'
import { answers } from './answers.ts'

export interface EnrolOptions {
  readonly enrol: Enrol
  readonly note: NoteAction
  readonly perMinute: number
}

export function registerEnrol(api: Api, { enrol, note, perMinute }: EnrolOptions): void {
  api.post(
    '/api/enroll',
    {
      config: { access: 'enrolment-secret', rateLimit: { max: perMinute, timeWindow: 60_000 } },
      bodyLimit: LIMITS.enrolmentBytesMax,
      schema: {
        summary: 'Enrol an agent with a one-time token',
        body: EnrolmentRequestSchema,
        response: answers(EnrolmentAnswerSchema),
      },
    },
    async (request) => {
      try {
        const answer = await enrol(request.body, request.peerAddress)
        await note(request, { action: 'enrol', object: answer.agent, detail: answer.computer })
        return answer
      } catch (error) {
        const code = error instanceof ShoukouError ? error.code : 'internal-error'
        await note(request, { action: 'enrol-refused', object: '', detail: code })
        throw error
      }
    },
  )
}
