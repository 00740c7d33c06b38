/**
 * How network control and isolation stand at one computer, as far as it told, and what of it keeps the computer from
 * being proven. Pure; what it is made from is kept by `store/network`.
 */
import type { FactNamed, PolicySettings } from '@shoukou/protocol'

type Control = FactNamed<'control.state'>

export interface NetworkStanding {
  /** The last `control.state` of the network group; null where there was none. */
  readonly control: Pick<Control, 'state' | 'layers'> | null
  /** Cuts with a failed step, that nothing has mended since. */
  readonly failedCuts: readonly FailedCut[]
  readonly isolation: { readonly state: IsolationState; readonly detail: string | null } | null
}

/** As `contract-network.ts` tells it to pages. */
export type IsolationState = 'ordered' | 'in-force' | 'partly' | 'release-ordered' | 'released' | 'refused'

export interface FailedCut {
  readonly cause: string
  /** Names of the failed steps. */
  readonly steps: readonly string[]
}

export type NetworkReasonCode =
  | 'network-not-in-force'
  | 'cut-failed'
  | 'isolation-waiting'
  | 'release-waiting'
  | 'isolation-failed'

export interface NetworkReason {
  readonly code: NetworkReasonCode
  readonly detail: string | null
}

/** Returns what keeps the computer from being proven, the gravest first. */
export function networkReasons(
  standing: NetworkStanding | null,
  mode: PolicySettings['modes']['network'],
): NetworkReason[] {
  return [
    ...(standing?.failedCuts ?? []).slice(0, reasonsMax).map(
      ({ cause, steps }): NetworkReason => ({
        code: 'cut-failed',
        detail: `${cause}: ${steps.join(', ')}`,
      }),
    ),
    ...controlReasons(standing?.control ?? null, mode),
    ...isolationReasons(standing?.isolation ?? null),
  ]
}

/** More of a kind say nothing more. */
const reasonsMax = 4

/** In observe mode nothing is asked of the kernel but to look: that is the sensor's coverage. */
function controlReasons(
  control: NetworkStanding['control'],
  mode: PolicySettings['modes']['network'],
): NetworkReason[] {
  if (mode === 'observe' || control?.state === 'in-force') return []
  const layers = control?.layers.filter(({ layer, state }) => layer !== 'isolation' && state !== 'in-force')
  const detail = layers?.map(({ layer, state }) => `${layer} ${state}`).join(', ') ?? ''
  return [{ code: 'network-not-in-force', detail: detail === '' ? (control?.state ?? null) : detail }]
}

function isolationReasons(isolation: NetworkStanding['isolation']): NetworkReason[] {
  if (isolation === null) return []
  switch (isolation.state) {
    case 'in-force':
    case 'released':
      return []
    case 'ordered':
      return [{ code: 'isolation-waiting', detail: null }]
    case 'release-ordered':
      return [{ code: 'release-waiting', detail: null }]
    case 'partly':
    case 'refused':
      return [{ code: 'isolation-failed', detail: isolation.detail }]
  }
}
