/** The network of one computer; and isolation of one or many, with a reason. */
import type { Store } from '../../store/ports.ts'
import type { Isolation } from '../../workflows/network/isolation.ts'
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
  readonly note: NoteAction
}

export function registerNetwork(api: Api, { store, isolation, note }: NetworkOptions): void {
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
        summary: 'Isolate computers, or release them',
        body: IsolationOrderSchema,
        response: answers(IsolationOrderAnswerSchema),
      },
    },
    async (request) => {
      const { name } = signedInOf(request).account
      const { agents, act, reason } = request.body
      const object = agents.length === 1 ? (agents[0] ?? '') : `${agents.length}`
      const orders = await recorded(
        request,
        act === 'isolate' ? ['isolate', 'isolate-refused'] : ['isolation-end', 'isolation-end-refused'],
        {
          object,
          detail: detailOf(agents, reason),
          act: () => isolation.order({ agents, act, reason }, name),
        },
      )
      return { orders: [...orders] }
    },
  )
}

const detailCharactersMax = 4_000

/** The reason first: a list of a thousand computers does not fit, and each of them is in the history of orders. */
function detailOf(agents: readonly string[], reason: string): string {
  if (agents.length === 1) return reason
  const whole = `${reason}: ${agents.join(', ')}`
  return whole.length <= detailCharactersMax ? whole : `${whole.slice(0, detailCharactersMax - 1)}…`
}
