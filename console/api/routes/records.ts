/** A computer's records: pages of them, and the very bytes of one. */
import { FACT_KINDS, ShoukouError } from '@shoukou/protocol'
import { Type } from 'typebox'
import type { RecordFilter, Store, StoredRecord } from '../../store/ports.ts'
import { type RecordsAnswer, RecordsAnswerSchema, RecordsQuerySchema } from '../contract.ts'
import type { Api } from '../fastify.ts'
import { API_LIMITS } from '../limits.ts'
import type { NoteSeen } from '../seen-note.ts'
import { parsePlace, placeOf, recordItem, withinBytes } from '../view/record-view.ts'
import { answers } from './answers.ts'
import { AgentParamsSchema, computerOf } from './computers.ts'
import { parseList } from './list-parameter.ts'

const RecordParamsSchema = Type.Object(
  {
    agent: Type.String({ minLength: 1, maxLength: 64 }),
    epoch: Type.String({ minLength: 1, maxLength: 64 }),
    seq: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  },
  { additionalProperties: false },
)

export interface RecordsOptions {
  readonly store: Store
  readonly seen: NoteSeen
}

export function registerRecords(api: Api, { store, seen }: RecordsOptions): void {
  api.get(
    '/api/computers/:agent/records',
    {
      config: { access: 'records.read', scope: 'computer' },
      schema: {
        summary: 'Records of a computer, newest first; `from` and `to` are times of receipt',
        params: AgentParamsSchema,
        querystring: RecordsQuerySchema,
        response: answers(RecordsAnswerSchema),
      },
    },
    async (request): Promise<RecordsAnswer> => {
      const { agent } = await computerOf(store, request.params.agent)
      const { from, to, before, kinds, limit = API_LIMITS.recordsPerPage } = request.query
      const listed = kinds === undefined ? undefined : parseList('kinds', kinds, FACT_KINDS)
      const { rows, isEnd } = await readPage(store, {
        agent,
        limit,
        ...(from === undefined ? {} : { receivedFrom: from }),
        ...(to === undefined ? {} : { receivedTo: to }),
        ...(before === undefined ? {} : { before: parsePlace(before) }),
        ...(listed === undefined ? {} : { kinds: listed }),
      })
      await seen(request, { action: 'computer-records-read', object: agent, detail: kinds ?? '' })
      const last = rows.at(-1)
      return { records: rows.map(recordItem), nextBefore: isEnd || last === undefined ? null : placeOf(last) }
    },
  )

  api.get(
    '/api/records/:agent/:epoch/:seq/raw',
    {
      config: { access: 'records.read', scope: 'computer' },
      schema: { summary: "A record's very bytes, as the agent wrote them", params: RecordParamsSchema },
    },
    async (request, reply) => {
      const { agent, epoch, seq } = request.params
      const record = await store.record(agent, epoch, seq)
      const place = record === null ? await store.archivedPlace(agent, epoch, seq) : null
      if (place !== null)
        throw new ShoukouError(
          'not-found',
          `This record is in the archive ${place.name}; it is no longer in the database.`,
        )
      if (record === null)
        throw new ShoukouError('not-found', 'No such record is stored; check computer, epoch and number.')
      await seen(request, {
        action: 'record-raw-read',
        object: `${agent}/${epoch}/${seq}`,
        detail: record.kind,
      })
      return reply
        .type('application/octet-stream')
        .header('content-disposition', `attachment; filename="record-${seq}.json"`)
        .send(Buffer.from(record.raw))
    },
  )
}

/** Reads in small steps: a page of the largest records would be hundreds of megabytes at once. */
async function readPage(
  store: Store,
  filter: RecordFilter,
): Promise<{ rows: StoredRecord[]; isEnd: boolean }> {
  const rows: StoredRecord[] = []
  let before = filter.before
  while (rows.length < filter.limit) {
    const limit = Math.min(filter.limit - rows.length, API_LIMITS.recordsPerReadMax)
    const read = await store.records({ ...filter, limit, ...(before === undefined ? {} : { before }) })
    rows.push(...read)
    const fitting = withinBytes(rows, API_LIMITS.recordBytesPerAnswerMax)
    if (fitting.length < rows.length) return { rows: fitting, isEnd: false }
    const last = read.at(-1)
    if (read.length < limit || last === undefined) return { rows, isEnd: true }
    before = { receivedAt: last.receivedAt, seq: last.seq }
  }
  return { rows, isEnd: false }
}
