/** Lets acts on one thing run one after another: each sees what the one before it wrote. */

/** Runs an act once all that were asked for earlier have ended, however they ended. */
export type InTurn = <T>(act: () => Promise<T>) => Promise<T>

export function oneAtATime(): InTurn {
  let last: Promise<unknown> = Promise.resolve()
  return (act) => {
    const done = last.then(act, act)
    // Whoever asked is told of the failure; the next one only waits for the end.
    last = done.catch(() => undefined)
    return done
  }
}
