/** Reads the passport of an examination out of the agent's own record: never from what a page sent. */
import { type Passport, parseRecord, ShoukouError } from '@shoukou/protocol'
import type { Store } from '../../store/ports.ts'

/** Names one stored record. */
export interface RecordName {
  readonly agent: string
  readonly epoch: string
  readonly seq: number
}

/**
 * Returns what the examination in a record found.
 *
 * @throws ShoukouError `not-found` where no such record is stored, `invalid-request` where it is of another kind or nothing
 * could be read of the medium.
 */
export async function readExaminedPassport(
  store: Store,
  { agent, epoch, seq }: RecordName,
): Promise<Passport> {
  const stored = await store.record(agent, epoch, seq)
  if (stored === null) {
    throw new ShoukouError(
      'not-found',
      'No such record is stored; plug the medium in again, and begin there.',
    )
  }
  const { fact } = parseRecord(stored.raw)
  if (fact.kind !== 'media.examined') {
    throw new ShoukouError('invalid-request', `Record ${seq} is no examination of a medium (${fact.kind}).`)
  }
  if (fact.passport === null) {
    throw new ShoukouError(
      'invalid-request',
      'Nothing could be read of this medium, so it could not be known again; plug it in anew.',
    )
  }
  return fact.passport
}
