/** The unit's departments as tiles of a wall: sizes, worst open severity, how well they are watched. Pure. */
import type { OpenCount } from '../../store/wall-ports.ts'
import { type Computer, SEVERITIES } from '../contract.ts'
import { WALL_TILES_MAX, type WallTile } from '../contract-wall.ts'

type Watched = Pick<Computer, 'agent' | 'department'> & { readonly watch: Pick<Computer['watch'], 'state'> }

/** What no computer did, as a missing medium, by its department. */
type OfRegisters = Omit<OpenCount, 'agent'> & { readonly department: string | null }

/**
 * Returns the tiles, the largest first. Where there are more departments than fit, the smallest are one tile together,
 * which has the worst severity of them: nothing is hidden by being small.
 */
export function wallTiles(
  computers: readonly Watched[],
  open: readonly OpenCount[],
  ofRegisters: readonly OfRegisters[] = [],
  tilesMax = WALL_TILES_MAX,
): WallTile[] {
  const openOf = Map.groupBy(open, ({ agent }) => agent)
  const byDepartment = Map.groupBy(computers, ({ department }) => department)
  for (const { department } of ofRegisters)
    if (!byDepartment.has(department)) byDepartment.set(department, [])
  const tiles = [...byDepartment].map(([name, members]) => {
    const states = members.map(({ watch }) => watch.state)
    const found = [
      ...members.flatMap(({ agent }) => openOf.get(agent) ?? []),
      ...ofRegisters.filter(({ department }) => department === name),
    ]
    return {
      name,
      computers: members.length,
      proven: states.filter((state) => state === 'proven').length,
      unproven: states.filter((state) => state === 'unproven').length,
      broken: states.filter((state) => state === 'broken').length,
      worst: SEVERITIES.find((severity) => found.some((one) => one.severity === severity)) ?? null,
      open: found.reduce((sum, { count }) => sum + count, 0),
    }
  })
  const sorted = tiles.toSorted(
    (a, b) => b.computers - a.computers || (a.name ?? '\uffff').localeCompare(b.name ?? '\uffff', 'zh-CN'),
  )
  if (sorted.length <= tilesMax) return sorted
  const shown = sorted.slice(0, tilesMax - 1)
  return [...shown, sorted.slice(tilesMax - 1).reduce(together, { ...nothing })]
}

const nothing: WallTile = {
  name: '',
  computers: 0,
  proven: 0,
  unproven: 0,
  broken: 0,
  worst: null,
  open: 0,
}

function together(one: WallTile, other: WallTile): WallTile {
  return {
    name: '',
    computers: one.computers + other.computers,
    proven: one.proven + other.proven,
    unproven: one.unproven + other.unproven,
    broken: one.broken + other.broken,
    worst: SEVERITIES.find((severity) => severity === one.worst || severity === other.worst) ?? null,
    open: one.open + other.open,
  }
}
