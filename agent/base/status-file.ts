/** `status.json`: what the running agent says of itself, for `shoukou-agent status`. Written whole, every two seconds and at changes. */
import { CoverageSchema, LevelSchema, NetworkModeSchema } from '@shoukou/protocol'
import { type Static, Type } from 'typebox'
import { stateFile } from './state-file.ts'

const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const closed = { additionalProperties: false } as const

const AgentStatusSchema = Type.Object(
  {
    v: Type.Literal(1),
    pid: count,
    agentVersion: Type.String(),
    startedAtMs: count,
    writtenAtMs: count,
    isStopped: Type.Boolean(),
    agent: Type.String(),
    computer: Type.String(),
    console: Type.String(),
    link: Type.Object(
      {
        phase: Type.String(),
        trouble: nullable(
          Type.Object({ code: Type.String(), message: Type.String(), needsSomebody: Type.Boolean() }, closed),
        ),
      },
      closed,
    ),
    journal: Type.Object(
      {
        epoch: Type.String(),
        seq: count,
        ackedSeq: nullable(count),
        bytes: count,
        bytesMax: count,
        waitingRecords: count,
        writeFault: nullable(Type.String()),
        lost: count,
        gaps: count,
      },
      closed,
    ),
    policy: Type.Object(
      {
        version: count,
        level: LevelSchema,
        networkMode: NetworkModeSchema,
        modes: Type.Record(Type.String(), Type.String()),
      },
      closed,
    ),
    coverage: Type.Array(CoverageSchema),
    /** Null where the network is not controlled; left out by agents before it was. */
    network: Type.Optional(
      nullable(
        Type.Object(
          {
            mode: Type.String(),
            isIsolated: Type.Boolean(),
            isolationReason: nullable(Type.String()),
            layers: Type.Array(
              Type.Object(
                { layer: Type.String(), state: Type.String(), detail: nullable(Type.String()) },
                closed,
              ),
            ),
            /** What is so and forbidden now. */
            conditions: count,
          },
          closed,
        ),
      ),
    ),
  },
  closed,
)
export type AgentStatus = Static<typeof AgentStatusSchema>

export const statusFile = stateFile(AgentStatusSchema)

export type Liveness = 'running' | 'hanging' | 'stopped' | 'not-running'

/** The agent writes each 2 s: older than this, it hangs. */
const freshMs = 15_000

/** Tells from the last status, and from the process it names, whether an agent runs. */
export function livenessOf(found: AgentStatus, now: number): Liveness {
  if (found.isStopped) return 'stopped'
  if (!isAlive(found.pid)) return 'not-running'
  return now - found.writtenAtMs > freshMs ? 'hanging' : 'running'
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (fault) {
    // Another user's process lives all the same.
    return fault instanceof Error && 'code' in fault && fault.code === 'EPERM'
  }
}
