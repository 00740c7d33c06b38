/** The wall display, and who may have one, as the API speaks of them. Part of the contract: see `contract.ts`. */
import { LEVELS } from '@shoukou/protocol'
import { type Static, Type } from 'typebox'
import { BilingualSchema, SEVERITIES } from './contract.ts'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const severity = Type.Enum([...SEVERITIES])
const reason = Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' })

/** So many tiles stand on a wall: what is more is one tile of all the others, with the worst of them. */
export const WALL_TILES_MAX = 60
export const WALL_HEADLINES = 5

export const WallTileSchema = Type.Object(
  {
    /** Null: computers that belong to no department. Empty: all that have no tile of their own. */
    name: nullable(Type.String()),
    computers: count,
    proven: count,
    unproven: count,
    broken: count,
    worst: nullable(severity),
    /** Open violations. */
    open: count,
  },
  closed,
)
export type WallTile = Static<typeof WallTileSchema>

// GET /api/wall — small on purpose: names of departments, sums, five headlines; no evidence
export const WallAnswerSchema = Type.Object(
  {
    now: count,
    unit: Type.String(),
    level: Type.Enum([...LEVELS]),
    coverage: Type.Object({ proven: count, unproven: count, broken: count }, closed),
    /** Agents by their connection; `told`: those that bring bundles, and are never connected. */
    agents: Type.Object({ connected: count, expected: count, told: count }, closed),
    counts: Type.Array(Type.Object({ severity, count }, closed)),
    lastViolationAt: nullable(count),
    departments: Type.Array(WallTileSchema, { maxItems: WALL_TILES_MAX }),
    newest: Type.Array(
      Type.Object(
        {
          id: count,
          severity,
          number: Type.String(),
          department: nullable(Type.String()),
          headline: BilingualSchema,
          receivedAt: count,
        },
        closed,
      ),
      { maxItems: WALL_HEADLINES },
    ),
    /** Until when this screen may show it, where it is one that nobody sits at. */
    until: nullable(count),
  },
  closed,
)
export type WallAnswer = Static<typeof WallAnswerSchema>

// GET /api/wall/feed — text/event-stream; the event `changed` (data: {}): look again. At most four a second.

// POST /api/wall/session
export const OpenWallSchema = Type.Object({ code: Type.String({ minLength: 1, maxLength: 64 }) }, closed)
export const WallOpenedSchema = Type.Object({ until: count }, closed)

// GET, POST /api/walls, POST /api/walls/:wall/end
export const WallItemSchema = Type.Object(
  {
    id: count,
    account: Type.String(),
    address: Type.String(),
    reason: Type.String(),
    madeBy: Type.String(),
    madeAt: count,
    expiresAt: count,
    openedAt: nullable(count),
    /** Of its session. */
    lastUsedAt: nullable(count),
    state: Type.Enum(['waiting', 'open', 'over', 'never-opened']),
    endedAt: nullable(count),
    endedBy: nullable(Type.String()),
    endedWhy: nullable(Type.String()),
  },
  closed,
)
export type WallItem = Static<typeof WallItemSchema>
export const WallsAnswerSchema = Type.Object(
  {
    walls: Type.Array(WallItemSchema),
    /** What the rules of signing in allow; 0: none. */
    daysMax: count,
    /** Accounts that may be on a wall. */
    accounts: Type.Array(Type.String()),
  },
  closed,
)
export type WallsAnswer = Static<typeof WallsAnswerSchema>
export const NewWallSchema = Type.Object(
  {
    account: Type.String({ minLength: 1, maxLength: 64 }),
    address: Type.String({ minLength: 1, maxLength: 64 }),
    days: Type.Integer({ minimum: 1, maximum: 90 }),
    reason,
  },
  closed,
)
export type NewWall = Static<typeof NewWallSchema>
export const NewWallAnswerSchema = Type.Object({ code: Type.String(), codeUntil: count }, closed)
export type NewWallAnswer = Static<typeof NewWallAnswerSchema>
export const EndWallSchema = Type.Object({ reason }, closed)

// GET /api/watch-days — how well the unit was watched, day by day, as the console saw it then
export const WatchDaysAnswerSchema = Type.Object(
  {
    days: Type.Array(
      Type.Object({ day: count, looks: count, proven: count, unproven: count, broken: count }, closed),
      { maxItems: 40 },
    ),
  },
  closed,
)
export type WatchDaysAnswer = Static<typeof WatchDaysAnswerSchema>
