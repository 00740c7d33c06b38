/**
 * A record: one fact with everything needed to judge it years later, as one line of JSON in the agent's journal.
 *
 * Its raw bytes are the evidence. Whoever needs the values parses a copy; nothing ever writes a record again from
 * its values.
 */
import { type Static, Type } from 'typebox'
import { LevelSchema } from '../levels.ts'
import { FACT_SCHEMAS, type Fact, SensorNameSchema } from './facts.ts'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

/**
 * What the agent decided by its policy, and did. In observe mode nothing is ever blocked: `would` says what enforce
 * would have done.
 */
export const DecisionSchema = Type.Object(
  {
    outcome: Type.Union([Type.Literal('allowed'), Type.Literal('detected'), Type.Literal('blocked')]),
    would: Type.Union([Type.Literal('allow'), Type.Literal('block')]),
    /** The policy's rule that decided, in words of the violation catalogue or of the policy's lists. */
    rule: Type.String({ maxLength: 100 }),
    /** What somebody should look at although, or beside what, the rule decided: a second keyboard, a camera. */
    alarms: Type.Optional(
      Type.Array(Type.String({ maxLength: 64, pattern: '^[a-z][a-z-]*$' }), { maxItems: 16 }),
    ),
  },
  closed,
)
export type Decision = Static<typeof DecisionSchema>

export const RecordSchema = Type.Object(
  {
    v: Type.Literal(1),
    agent: Type.String({ minLength: 1, maxLength: 64 }),
    epoch: Type.String({ minLength: 1, maxLength: 64 }),
    seq: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    /** The computer's wall clock, Unix ms: a claim, never used for order. */
    wallMs: count,
    /** CLOCK_BOOTTIME in ms: time since boot, suspend included. Order within one boot. */
    bootMs: Type.Number({ minimum: 0 }),
    bootId: Type.String({ maxLength: 64 }),
    agentVersion: Type.String({ maxLength: 32 }),
    policyVersion: count,
    level: LevelSchema,
    networkMode: Type.Union([Type.Literal('standalone'), Type.Literal('classified-lan')]),
    sensor: Type.Union([SensorNameSchema, Type.Literal('agent')]),
    fact: Type.Unsafe<Fact>(Type.Union(Object.values(FACT_SCHEMAS))),
    decision: Type.Union([DecisionSchema, Type.Null()]),
  },
  closed,
)
export type Record = Static<typeof RecordSchema>
