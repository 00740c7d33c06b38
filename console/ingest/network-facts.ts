/**
 * What one record says of how a computer's network stands now: the newest of each, and what came of isolation. Pure.
 *
 * Kept in reach because a page asks for it: no journal of a million records is searched for it.
 */
import type { FactNamed, NetworkInterface, Record } from '@shoukou/protocol'
import { subjectOfHardware, subjectOfLink } from '../rules/incident-subjects.ts'
import type { IsolationEffect, NetworkFact, NewNetworkFact } from '../store/ports.ts'

export interface Told {
  readonly put: readonly NewNetworkFact[]
  readonly removed: readonly { readonly kind: NetworkFact['kind']; readonly slot: string | null }[]
  readonly isolation: readonly IsolationEffect[]
}

const nothing: Told = { put: [], removed: [], isolation: [] }
const detailCharactersMax = 1_000

export function networkFactsOf(record: Record): Told {
  const { fact, epoch, seq, wallMs } = record
  const place = { epoch, seq, wallMs }
  const put = (slot: string, value: NetworkFact): Told => ({
    ...nothing,
    put: [{ ...place, slot, fact: value }],
  })
  // Only what tells how the network stands; the rest is in the journal.
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check
  switch (fact.kind) {
    case 'agent.started':
      // It tells again what is there, and tries again what failed.
      return {
        ...nothing,
        removed: [
          { kind: 'hardware', slot: null },
          { kind: 'failed-cut', slot: null },
        ],
      }
    case 'network.picture':
      return put('', { kind: 'picture' })
    case 'network.traces':
      return put(`${epoch}:${seq}`, { kind: 'traces' })
    case 'network.counted':
      return put(fact.net, { kind: 'totals', totals: fact.totals })
    case 'network.hardware': {
      const slot = subjectOfHardware(fact.hardware)
      if (fact.change === 'gone') return { ...nothing, removed: [{ kind: 'hardware', slot }] }
      return put(slot, { kind: 'hardware', hardware: fact.hardware })
    }
    case 'network.condition':
      if (fact.state === 'began') return nothing
      return { ...nothing, removed: [cutOf(fact.interface, fact.condition)] }
    case 'network.interface-removed':
      return { ...nothing, removed: [cutOf(fact.interface, '')] }
    case 'network.acted':
      return acted(fact, place)
    case 'control.state':
      return fact.group === 'network' ? controlled(fact, place) : nothing
    case 'command.done':
      return commanded(fact, place)
    default:
      return nothing
  }
}

type Place = Pick<Record, 'epoch' | 'seq' | 'wallMs'>

function acted(fact: FactNamed<'network.acted'>, place: Place): Told {
  const failed = fact.steps.filter(({ result }) => result === 'failed')
  switch (fact.act) {
    case 'cut': {
      const cut = cutOf(fact.interface, fact.cause)
      if (failed.length === 0) return { ...nothing, removed: [cut] }
      const value: NetworkFact = {
        kind: 'failed-cut',
        cause: fact.cause,
        steps: failed.map(({ step }) => step),
      }
      return { ...nothing, put: [{ ...place, slot: cut.slot, fact: value }] }
    }
    case 'restored':
      return { ...nothing, removed: [cutOf(fact.interface, '')], isolation: restored(fact, place) }
    case 'isolated':
    case 'released': {
      // Released, and still isolated for a reason of its own: the way back is not done.
      const words = [...failed, ...fact.steps.filter(({ step }) => step === stillIsolated)]
        .map(({ step, detail }) => (detail === null ? step : `${step}: ${detail}`))
        .join('; ')
      const effect: IsolationEffect = {
        ...place,
        order: fact.order,
        said: fact.act,
        failed: words === '' ? null : words.slice(0, detailCharactersMax),
        cause: fact.cause,
      }
      return { ...nothing, isolation: [effect] }
    }
  }
}

/** It had isolated itself for a condition that is over; an adapter that policy lets be again is none of that. */
function restored({ cause, steps }: FactNamed<'network.acted'>, place: Place): IsolationEffect[] {
  if (cause === 'policy' || steps.some(({ step }) => step === stillIsolated)) return []
  return [{ ...place, order: null, said: 'restored', failed: null, cause }]
}

const stillIsolated = 'still-isolated'

function controlled(fact: FactNamed<'control.state'>, place: Place): Told {
  const layers = fact.layers.map(({ layer, state }) => ({ layer, state }))
  const put = [{ ...place, slot: '', fact: { kind: 'control', state: fact.state, layers } as const }]
  // Told only while the computer is isolated: where it is not among them, nothing of it holds.
  const layer = fact.layers.find((one) => one.layer === 'isolation') ?? { state: 'absent', detail: null }
  const stands = layer.state === 'in-force'
  const effect: IsolationEffect = {
    ...place,
    order: null,
    said: stands ? 'stands' : 'lost',
    failed: stands ? null : (layer.detail ?? `isolation ${layer.state}`).slice(0, detailCharactersMax),
    cause: fact.cause,
  }
  return { ...nothing, put, isolation: [effect] }
}

/** What an agent answers where it did as it was told, or stood like that already. */
const carriedOut: ReadonlySet<string> = new Set(['done', 'no-isolation'])

function commanded({ id, name, outcome }: FactNamed<'command.done'>, place: Place): Told {
  if (name !== 'isolate' && name !== 'end-isolation') return nothing
  const failed = carriedOut.has(outcome) ? null : outcome
  return { ...nothing, isolation: [{ ...place, order: id, said: 'done', failed, cause: name }] }
}

/** One for each interface and what asked for the cut; without a cause, all of that interface. */
function cutOf(
  adapter: NetworkInterface | null,
  cause: string,
): { readonly kind: 'failed-cut'; readonly slot: string } {
  return { kind: 'failed-cut', slot: `${subjectOfLink(adapter)}|${cause}` }
}
