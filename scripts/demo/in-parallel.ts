/** Does something with each of many, so many at a time. */

/** Rejects with the first failure, once what was under way has ended. */
export async function inParallel<T>(
  list: readonly T[],
  atOnce: number,
  act: (one: T) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const work = async (): Promise<void> => {
    for (let one = list[next++]; one !== undefined; one = list[next++]) await act(one)
  }
  const results = await Promise.allSettled(Array.from({ length: Math.min(atOnce, list.length) }, work))
  for (const result of results) if (result.status === 'rejected') throw result.reason
}
