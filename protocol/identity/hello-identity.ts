/** What an agent says at hello of the machine and the process that it is. Agents before it leave it out. */
import { type Static, Type } from 'typebox'
import { HardwareFactsSchema } from './hardware.ts'

export const HelloIdentitySchema = Type.Object(
  {
    /** Random, of each start of the process: two of them alive at once are two processes with one key. */
    runId: Type.String({ pattern: '^[0-9a-f]{32}$' }),
    /** ms since boot, suspend included. */
    bootMs: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    /** Null where this agent is set not to tell it. */
    hardware: Type.Union([HardwareFactsSchema, Type.Null()]),
  },
  { additionalProperties: false },
)
export type HelloIdentity = Static<typeof HelloIdentitySchema>
