/** The network of one computer; and isolation of one or many, with a reason. */
import type { Store } from '../../store/ports.ts'
import type { Isolation } from '../../workflows/network/isolation.ts'
import type { TwoPerson } from '../../workflows/two-person/two-person.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import { IsolationOrderAnswerSchema, IsolationOrderSchema, NetworkAnswerSchema } from '../contract-network.ts'
import type { Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import { readNetwork } from '../read-network.ts'
import { answers } from './answers.ts'
import { AgentParamsSchema, computerOf } from './computers.ts'

export interface NetworkOptions {
  readonly store: Store
  readonly isolation: Isolation
  readonly acts: TwoPerson
  readonly note: NoteAction
}

export function registerNetwork(api: Api, { store, isolation, acts, note }: NetworkOptions): void {
  const recorded = recordedBy(note)

  api.get(
    '/api/computers/:agent/network',
    {
      config: { access: 'network.read', scope: 'computer' },
      schema: {
        summary: 'Its network: the newest picture, what is open, hardware, totals, traces, isolation',
        params: AgentParamsSchema,
        response: answers(NetworkAnswerSchema),
      },
    },
    async (request) => readNetwork(store, (await computerOf(store, request.params.agent)).agent),
  )
  api.post(
    '/api/isolations',
    {
      config: { access: 'network.isolate' },
      schema: {
        summary: 'Isolate computers at once; or ask for their release, to which a second person must agree',
        body: IsolationOrderSchema,
        response: answers(IsolationOrderAnswerSchema),
      },
    },
    async (request) => {
      const { account } = signedInOf(request)
      const { agents, act, reason } = request.body
      const object = agents.length === 1 ? (agents[0] ?? '') : `${agents.length}`
      const intent = { object, detail: detailOf(agents), reason }
      if (act === 'release') {
        const asked = await recorded(request, ['isolation-release-ask', 'isolation-release-ask-refused'], {
          ...intent,
          act: () => acts.ask('isolation-release', { agents }, reason, account),
        })
        return { orders: [], proposal: asked.id }
      }
      const orders = await recorded(request, ['isolate', 'isolate-refused'], {
        ...intent,
        act: () => isolation.order({ agents, act, reason }, account.name),
      })
      return { orders: [...orders], proposal: null }
    },
  )
}

const detailCharactersMax = 4_000

/** A list of a thousand computers does not fit; each of them is in the history of orders. */
function detailOf(agents: readonly string[]): string {
  if (agents.length === 1) return ''
  const whole = agents.join(', ')
  return whole.length <= detailCharactersMax ? whole : `${whole.slice(0, detailCharactersMax - 1)}…`
}
