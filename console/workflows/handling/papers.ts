/**
 * What lies beside a violation: attached files, and what whoever sat at the computer says of it.
 *
 * An agent takes no text from the console to show, so a statement is asked for on paper: the form carries a code, and what
 * comes back is entered under it, once. Nothing of it is ever changed; what is said later is added.
 */
import { createHash, randomInt } from 'node:crypto'
import { type RawText, ShoukouError } from '@shoukou/protocol'
import type {
  AttachmentRow,
  NewStatement,
  StatementRequestRow,
  StatementRow,
} from '../../store/handling-ports.ts'
import type { Store, ViolationRow } from '../../store/ports.ts'
import { fileTypeOf } from './file-type.ts'
import type { Handling } from './handle-violation.ts'

export const PAPER_LIMITS = {
  attachmentBytesMax: 10_485_760,
  attachmentsMax: 20,
  requestsMax: 20,
  /** A statement is asked for within a year. */
  dueMsMax: 31_536_000_000,
} as const

export interface Papers {
  /** @throws ShoukouError `invalid-request`, `limit-exceeded`, `edit-conflict` where the same file is attached already. */
  attach(violation: ViolationRow, file: NewFile, account: string): Promise<AttachmentRow>
  /** @throws ShoukouError `invalid-request`, `limit-exceeded` */
  ask(violation: ViolationRow, asked: StatementAsked, account: string): Promise<StatementRequestRow>
  /** The request that a form's code names. @throws ShoukouError `not-found` */
  request(code: string): Promise<StatementRequestRow>
  /** @throws ShoukouError `edit-conflict` where it is answered already; `invalid-request` */
  enter(
    request: StatementRequestRow,
    written: Pick<NewStatement, 'writer' | 'writtenAt' | 'text'>,
    account: string,
  ): Promise<StatementRow>
}

export interface NewFile {
  readonly name: RawText
  readonly note: string
  readonly bytes: Uint8Array
}
export interface StatementAsked {
  readonly person: string
  readonly question: string
  readonly dueAt: number
}

export interface PapersOptions {
  readonly store: Store
  readonly handling: Handling
  readonly now: () => number
  /** Below `max`; for tests. */
  readonly random?: (max: number) => number
}

const codesMax = 100_000_000
const triesMax = 20

export function createPapers({ store, handling, now, random = randomInt }: PapersOptions): Papers {
  return {
    async attach(violation, { name, note, bytes }, account) {
      if (bytes.length === 0)
        throw new ShoukouError('invalid-request', 'The file is empty; choose another one.')
      if (bytes.length > PAPER_LIMITS.attachmentBytesMax)
        throw new ShoukouError('limit-exceeded', 'The file is above 10 MiB; attach a smaller one.')
      if ((await store.attachments(violation.id)).length >= PAPER_LIMITS.attachmentsMax)
        throw new ShoukouError(
          'limit-exceeded',
          'A violation carries 20 files at most; put several into one.',
        )
      const row = await store.addAttachment(
        {
          ...{ violation: violation.id, at: now(), account, name, note },
          ...{ type: fileTypeOf(bytes), bytes: bytes.length, hash: hashOf(bytes) },
        },
        bytes,
      )
      if (row === null)
        throw new ShoukouError('edit-conflict', 'The very same file is attached already; see the list.')
      await handling.note(violation, { kind: 'attach', account, reason: note, detail: String(row.id) })
      return row
    },
    async ask(violation, { person, question, dueAt }, account) {
      const at = now()
      if (dueAt <= at || dueAt > at + PAPER_LIMITS.dueMsMax)
        throw new ShoukouError('invalid-request', 'The day until when is to be ahead, within a year.')
      if ((await store.statementRequests(violation.id)).length >= PAPER_LIMITS.requestsMax)
        throw new ShoukouError('limit-exceeded', 'Twenty statements were asked for already.')
      for (let tries = 0; tries < triesMax; tries += 1) {
        const code = String(random(codesMax)).padStart(8, '0')
        const asked = { violation: violation.id, at, account, person, question, code, dueAt }
        const row = await store.addStatementRequest(asked)
        if (row === null) continue
        await handling.note(violation, {
          ...{ kind: 'ask-statement', account, detail: String(row.id) },
          reason: `${person}: ${question}`,
        })
        return row
      }
      throw new Error('no code is free')
    },
    async request(code) {
      const request = await store.statementRequest(code.replace('-', ''))
      if (request === null)
        throw new ShoukouError('not-found', 'No form carries this code; read it again from the paper.')
      return request
    },
    async enter(request, { writer, writtenAt, text }, account) {
      const at = now()
      if (writtenAt > at)
        throw new ShoukouError('invalid-request', 'It can’t be written later than today; look at the date.')
      const { id, violation } = request
      const row = await store.addStatement({
        ...{ request: id, violation, at, writer, writtenAt, account, text },
      })
      if (row === null)
        throw new ShoukouError(
          'edit-conflict',
          'This form was entered already and stays as it is; for more, ask for another statement.',
        )
      const about = await store.violation(violation)
      if (about !== null)
        await handling.note(about, { kind: 'statement', account, reason: writer, detail: String(row.id) })
      return row
    },
  }
}

/** SHA-256, hex: what the history and the administrators' log name the file by. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
