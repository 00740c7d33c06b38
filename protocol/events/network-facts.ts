/** The facts of the network beyond interfaces and routes: conditions, connections, hardware, cuts, traces. */
import { Type } from 'typebox'
import { LIMITS } from '../limits.ts'
import {
  CONDITIONS,
  ConfidenceSchema,
  FlowSchema,
  HardwareSchema,
  NetSchema,
  NetTotalsSchema,
  PeerSchema,
  PictureSchema,
  ProgramSchema,
  TraceSchema,
} from '../network/shapes.ts'
import { RawTextSchema } from '../raw-text.ts'
import { actionSteps } from './action-steps.ts'
import { NetworkInterfaceSchema, OriginSchema } from './shapes.ts'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const code = Type.String({ maxLength: 100, pattern: '^[a-zA-Z0-9][a-zA-Z0-9._:-]*$' })
const sentence = Type.String({ maxLength: 1_000 })
const key = Type.String({ minLength: 1, maxLength: 200 })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])

/** What differs between two pictures. `before` null: it came; `after` null: it went. In the system's own words. */
const difference = Type.Object(
  {
    what: Type.Union([
      Type.Literal('interface'),
      Type.Literal('address'),
      Type.Literal('mac'),
      Type.Literal('route'),
      Type.Literal('gateway'),
      Type.Literal('rule'),
      Type.Literal('lease'),
      Type.Literal('dns'),
      Type.Literal('wireless'),
      Type.Literal('sharing'),
      Type.Literal('hardware'),
    ]),
    interfaceName: nullable(RawTextSchema),
    before: nullable(RawTextSchema),
    after: nullable(RawTextSchema),
  },
  closed,
)

export const NETWORK_FACTS = {
  /** The whole network, after a burst of changes and at each start. */
  'network.picture': {
    cause: Type.Union([Type.Literal('start'), Type.Literal('changed'), Type.Literal('policy')]),
    picture: PictureSchema,
  },
  /** Worked out from the picture before and after: nobody saw it happen. */
  'network.changed-while-away': {
    sinceWallMs: count,
    sinceBootId: Type.String({ maxLength: 64 }),
    /** Between the two lies a start of the computer. */
    hasRebooted: Type.Boolean(),
    differences: Type.Array(difference, { maxItems: LIMITS.differencesPerFactMax }),
    /** Beyond the limit. */
    omitted: count,
  },
  /** Something is so that a policy may forbid: from `began` to `ended` it has one key. */
  'network.condition': {
    origin: OriginSchema,
    condition: Type.Enum([...CONDITIONS]),
    state: Type.Union([Type.Literal('began'), Type.Literal('ended')]),
    key,
    interface: nullable(NetworkInterfaceSchema),
    /** The others that it takes to be so: the second network. */
    others: Type.Array(NetworkInterfaceSchema, { maxItems: 16 }),
    peer: nullable(PeerSchema),
    peerMac: nullable(Type.String({ pattern: '^[0-9a-f]{2}(:[0-9a-f]{2}){0,31}$' })),
    /** SSID, rule, listening address: what it is about, in the system's own words. */
    text: nullable(RawTextSchema),
    /** What the register or policy has in its place. */
    expected: nullable(RawTextSchema),
    program: nullable(ProgramSchema),
    confidence: ConfidenceSchema,
    /** Null where it was so before the agent looked. */
    sinceWallMs: nullable(count),
    /** The proof: everything around it at that moment. Null where it ended. */
    picture: nullable(PictureSchema),
  },
  /**
   * Connections of one program that are not approved. `series` names this program's doings until it has been quiet for
   * a while; `isFirst` is its first record.
   */
  'network.connections': {
    net: NetSchema,
    series: Type.String({ minLength: 1, maxLength: 64 }),
    isFirst: Type.Boolean(),
    program: nullable(ProgramSchema),
    flows: Type.Array(FlowSchema, { minItems: 1, maxItems: LIMITS.flowsPerFactMax }),
    /** More of the same span follow in the next record. */
    continues: Type.Boolean(),
    /** With the first record of a series. */
    picture: nullable(PictureSchema),
  },
  /** The kernel's own counters of one net: after each burst, and each hour. */
  'network.counted': { net: NetSchema, netId: key, sinceWallMs: count, totals: NetTotalsSchema },
  'network.hardware': {
    origin: OriginSchema,
    change: Type.Union([Type.Literal('found'), Type.Literal('changed'), Type.Literal('gone')]),
    before: nullable(HardwareSchema),
    hardware: HardwareSchema,
  },
  /** What was done against a connection, step by step. */
  'network.acted': {
    act: Type.Union([
      Type.Literal('cut'),
      Type.Literal('isolated'),
      Type.Literal('released'),
      Type.Literal('restored'),
    ]),
    /** The condition or rule that asked for it, or `command`. */
    cause: code,
    interface: nullable(NetworkInterfaceSchema),
    /** The command's id, where the console ordered it. */
    order: nullable(Type.String({ maxLength: 64 })),
    reason: nullable(sentence),
    steps: actionSteps,
  },
  'network.traces': {
    cause: Type.Union([Type.Literal('enrolment'), Type.Literal('absence')]),
    /** The span that was looked at. */
    fromWallMs: nullable(count),
    toWallMs: count,
    traces: Type.Array(TraceSchema, { maxItems: LIMITS.tracesPerFactMax }),
    continues: Type.Boolean(),
    /** Sources that could not be read, with why: `wtmp: permission denied`. */
    unread: Type.Array(Type.String({ maxLength: 300 }), { maxItems: 32 }),
  },
  /** What came of asking the unit's own address, where policy orders that. */
  'network.probed': {
    target: PeerSchema,
    result: Type.Union([Type.Literal('answered'), Type.Literal('refused'), Type.Literal('silent')]),
    tookMs: count,
    interfaceName: nullable(RawTextSchema),
  },
  /** A layer of control was altered by somebody else; whether it could be put back. */
  'control.tampered': {
    group: Type.Union([Type.Literal('media'), Type.Literal('network')]),
    layer: code,
    /** `rules-flushed`, `rules-altered`, `pin-removed`, `program-detached`, `map-altered`. */
    what: code,
    detail: nullable(sentence),
    isRestored: Type.Boolean(),
    /** ms for which it was not in force, as far as known. */
    openMs: nullable(count),
  },
} as const
