/** Release from isolation: carried out once a second person has agreed. Isolating needs one alone; it must be quick. */
import { createHash } from 'node:crypto'
import { ShoukouError } from '@shoukou/protocol'
import { checkOf } from '@shoukou/protocol/schema-check.ts'
import { Type } from 'typebox'
import type { ComputerRow, IsolationRow, Store } from '../../store/ports.ts'
import type { ActExecutor, ActWords } from '../two-person/executor.ts'
import type { Isolation } from './isolation.ts'

export interface ReleasePayload {
  readonly agents: readonly string[]
}

/** As many as one order may be for. */
const agentsMax = 1_000

const ReleasePayloadSchema = Type.Object(
  {
    agents: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
      minItems: 1,
      maxItems: agentsMax,
      uniqueItems: true,
    }),
  },
  { additionalProperties: false },
)
const check = checkOf(ReleasePayloadSchema)

const numbersShownMax = 50

export function releaseExecutor(
  store: Pick<Store, 'computer' | 'isolation'>,
  isolation: Isolation,
): ActExecutor<ReleasePayload> {
  return {
    act: 'isolation-release',
    // Ordered a second time, a release finds that the computer is on its way already.
    isRepeatable: true,
    async prepare(payload) {
      if (!check.Check(payload)) throw new ShoukouError('invalid-request', 'This is no release of computers.')
      const found: { readonly computer: ComputerRow; readonly row: IsolationRow | null }[] = []
      for (const agent of payload.agents) {
        const computer = await store.computer(agent)
        if (computer === null)
          throw new ShoukouError(
            'not-found',
            'One of these computers is not enrolled; see the list of computers.',
          )
        found.push({ computer, row: await store.isolation(agent) })
      }
      const isolated = found.filter(({ row }) => row !== null && isHeld(row))
      if (isolated.length === 0)
        throw new ShoukouError(
          'edit-conflict',
          'None of these computers is isolated; nothing is to be released.',
        )
      return {
        object: objectOf(payload.agents),
        // Orders, not what has come of them: an isolation that takes force meanwhile is the same one.
        basis: found
          .map(({ computer, row }) => `${computer.agent} ${row?.act ?? ''} ${row?.orderId ?? ''}`)
          .join('\n'),
        words: wordsOf(isolated.map(({ computer }) => computer.number)),
      }
    },
    async carryOut({ payload, reason, askedBy, agreedBy }) {
      const orders = await isolation.order(
        { agents: payload.agents, act: 'release', reason },
        `${askedBy}, ${agreedBy}`,
      )
      return { detail: orders.map(({ agent, result }) => `${agent}: ${result}`).join(', ') }
    },
  }
}

/** What a computer isolates itself for must end first: no order could release it. */
function isHeld({ state, orderedBy }: IsolationRow): boolean {
  return orderedBy !== '' && state !== 'released' && state !== 'release-ordered'
}

function objectOf(agents: readonly string[]): string {
  const [only, ...others] = agents
  if (only !== undefined && others.length === 0) return only
  return `computers ${createHash('sha256').update(agents.toSorted().join('\n')).digest('hex').slice(0, 32)}`
}

function wordsOf(numbers: readonly string[]): ActWords {
  const shown = numbers.slice(0, numbersShownMax)
  const [zhMore, enMore] =
    numbers.length === shown.length
      ? ['', '']
      : [`等 ${numbers.length} 台`, ` and ${numbers.length - shown.length} more`]
  return {
    zh: `解除网络隔离：${shown.join('、')}${zhMore}`,
    en: `Release from network isolation: ${shown.join(', ')}${enMore}`,
  }
}
