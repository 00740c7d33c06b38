/** Finds import cycles. Pure. */

/**
 * Returns one shortest cycle for each group of files that all reach each other, without repeating the first at the
 * end; each cycle begins with its first name in order.
 */
export function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const done = new Set<string>()
  const cycles: string[][] = []
  for (const start of [...graph.keys()].toSorted()) {
    if (done.has(start)) continue
    const cycle = shortestCycle(start, graph)
    if (cycle === null) continue
    cycles.push(cycle)
    for (const name of sharers(start, graph)) done.add(name)
  }
  return cycles
}

function shortestCycle(start: string, graph: ReadonlyMap<string, readonly string[]>): string[] | null {
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    for (const next of graph.get(name) ?? []) {
      if (next === start) return pathTo(name, cameFrom)
      if (cameFrom.has(next)) continue
      cameFrom.set(next, name)
      queue.push(next)
    }
  }
  return null
}

function pathTo(end: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const path = [end]
  for (let name = cameFrom.get(end); name !== undefined; name = cameFrom.get(name)) path.unshift(name)
  return path
}

/** All that `start` reaches and that reach it: its own group. */
function sharers(start: string, graph: ReadonlyMap<string, readonly string[]>): string[] {
  return [...reachable(start, graph)].filter((name) => reachable(name, graph).has(start))
}

function reachable(start: string, graph: ReadonlyMap<string, readonly string[]>): Set<string> {
  const seen = new Set<string>()
  const stack = [start]
  for (let name = stack.pop(); name !== undefined; name = stack.pop()) {
    for (const next of graph.get(name) ?? []) {
      if (seen.has(next)) continue
      seen.add(next)
      stack.push(next)
    }
  }
  return seen
}
