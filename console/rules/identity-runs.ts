/**
 * Whether a process that says hello is the agent that was there, its successor, or a second one with the same key. Pure.
 *
 * An agent that starts anew names another run, and the earlier one is gone for good. So a run that answers while another
 * says hello, and a run that comes back after it was replaced, prove two processes with one key: a copied image, or an
 * earlier one that was brought back.
 */
export interface Runs {
  readonly current: string | null
  /** Latest first. */
  readonly replaced: readonly string[]
}

export type RunVerdict =
  | { readonly kind: 'goes-on'; readonly runs: Runs }
  /** It came back although another had its place. Who of the two is the copy, nobody can tell from here. */
  | { readonly kind: 'came-back'; readonly runs: Runs }
  /** Both are alive: the known one keeps its place. */
  | { readonly kind: 'two-alive'; readonly runs: Runs }

/** More starts than anyone makes while a copy is out of reach. */
const replacedMax = 16

export const NO_RUNS: Runs = { current: null, replaced: [] }

/** Judges a run; `isCurrentAlive`: the current one has answered since this one spoke. */
export function judgeRun(runs: Runs, runId: string, isCurrentAlive: boolean): RunVerdict {
  if (runs.current === runId) return { kind: 'goes-on', runs }
  if (isCurrentAlive) return { kind: 'two-alive', runs }
  const others = runs.current === null ? runs.replaced : [runs.current, ...runs.replaced]
  const next: Runs = {
    current: runId,
    replaced: others.filter((one) => one !== runId).slice(0, replacedMax),
  }
  return { kind: runs.replaced.includes(runId) ? 'came-back' : 'goes-on', runs: next }
}
