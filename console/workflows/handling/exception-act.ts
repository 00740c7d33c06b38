/** An exception for what may be a leak, made once a second person has agreed. */
import { ShoukouError } from '@shoukou/protocol'
import { checkOf } from '@shoukou/protocol/schema-check.ts'
import { Type } from 'typebox'
import type { Store } from '../../store/ports.ts'
import type { ActExecutor } from '../two-person/executor.ts'
import type { HeadlineOf } from './closing-acts.ts'
import { addException, assertException } from './exceptions.ts'

export interface ExceptionPayload {
  readonly violation: number
  readonly until: number
}

const number = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
const check = checkOf(Type.Object({ violation: number, until: number }, { additionalProperties: false }))

export interface ExceptionActOptions {
  readonly store: Store
  readonly headlineOf: HeadlineOf
  readonly now: () => number
  readonly changed: (violation: number) => Promise<void>
}

export function exceptionExecutor({
  store,
  headlineOf,
  now,
  changed,
}: ExceptionActOptions): ActExecutor<ExceptionPayload> {
  return {
    act: 'violation-exception',
    isRepeatable: true,
    async prepare(payload) {
      if (!check.Check(payload)) throw new ShoukouError('invalid-request', 'This is no exception.')
      const violation = await store.violation(payload.violation)
      if (violation === null)
        throw new ShoukouError('not-found', 'There is no violation of this number; see the list.')
      assertException(violation, payload.until, now())
      const headline = headlineOf(violation)
      const day = new Date(payload.until).toISOString().slice(0, 16).replace('T', ' ')
      return {
        object: String(violation.id),
        basis: JSON.stringify([violation.type, violation.agent, violation.standing?.subject ?? null]),
        words: {
          zh: `在 ${day}（UTC）之前允许同类情况：违规 ${violation.id}，${headline.zh}`,
          en: `Allow the like until ${day} (UTC): violation ${violation.id}, ${headline.en}`,
        },
      }
    },
    async carryOut({ payload, reason, askedBy, agreedBy, proposal, now: at }) {
      const violation = await store.violation(payload.violation)
      if (violation === null) throw new ShoukouError('not-found', 'The violation is gone.')
      const made = { from: at, until: payload.until, reason, account: `${askedBy}, ${agreedBy}`, proposal }
      const { id } = await addException({ store, changed }, violation, made)
      return { detail: `exception ${id} of violation ${payload.violation}` }
    },
  }
}
