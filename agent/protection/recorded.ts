/**
 * What the agent's own files were when it last looked: kept for the next start, and compared with what stands there then.
 *
 * Somebody with the rights of the agent can write this file, too; what it finds is what a hand leaves that does not know of
 * it. The journal's seals are what such a hand can't make anew.
 */
import type { FactNamed } from '@shoukou/protocol'
import { type Static, Type } from 'typebox'
import { stateFile } from '../base/state-file.ts'
import { differenceOf, type Entry, type OwnPath } from './entries.ts'

const closed = { additionalProperties: false } as const
const hash = Type.String({ pattern: '^[0-9a-f]{64}$' })

const RecordedSchema = Type.Object(
  {
    v: Type.Literal(1),
    agent: Type.String({ maxLength: 64 }),
    version: Type.String({ maxLength: 32 }),
    program: Type.Union([
      Type.Object({ script: Type.String({ maxLength: 4_096 }), digest: hash }, closed),
      Type.Null(),
    ]),
    entries: Type.Array(
      Type.Object(
        {
          path: Type.String({ maxLength: 4_096 }),
          entry: Type.Union([
            Type.Object({ kind: Type.Literal('absent') }, closed),
            Type.Object({ kind: Type.Literal('other') }, closed),
            Type.Object({ kind: Type.Literal('link'), target: Type.String({ maxLength: 4_096 }) }, closed),
            Type.Object(
              {
                kind: Type.Literal('file'),
                hash,
                mode: Type.Integer({ minimum: 0, maximum: 0o7777 }),
                uid: Type.Integer({ minimum: 0 }),
              },
              closed,
            ),
          ]),
        },
        closed,
      ),
      { maxItems: 10_000 },
    ),
  },
  closed,
)
export type Recorded = Static<typeof RecordedSchema>

export const recordedFile = stateFile(RecordedSchema)

type Altered = FactNamed<'agent.altered'>

export interface FoundAtStart {
  readonly agent: string
  readonly version: string
  readonly program: {
    readonly kind: 'package' | 'source'
    readonly script: string
    readonly digest: string
  } | null
  readonly entries: readonly { readonly own: OwnPath; readonly entry: Entry }[]
  /** The run before ended in order: then what it wrote last is what it recorded. */
  readonly wasCleanStop: boolean
}

/** Returns what changed since; nothing where there is no record of this very agent. */
export function changedSince(recorded: Recorded | null, found: FoundAtStart): Altered[] {
  if (recorded === null || recorded.agent !== found.agent) return []
  const isUpgrade = recorded.version !== found.version
  const before = new Map(recorded.entries.map(({ path, entry }) => [path, entry]))
  const facts = found.entries.flatMap(({ own, entry }) => {
    const expected = before.get(own.path)
    if (expected === undefined || !isComparable(own, found.wasCleanStop)) return []
    const difference = differenceOf(own, expected, entry)
    if (difference === null) return []
    const isPart = own.thing === 'unit' || own.thing === 'program'
    return [fact(own, { ...difference, what: isUpgrade && isPart ? 'upgraded' : difference.what })]
  })
  return [...programChange(recorded, found, isUpgrade), ...facts]
}

/** What the agent writes while it runs may have been written after it was recorded, where the run was cut off. */
function isComparable({ thing }: OwnPath, wasCleanStop: boolean): boolean {
  return thing === 'configuration' || thing === 'unit' || wasCleanStop
}

function programChange(
  { program: before }: Recorded,
  { program }: FoundAtStart,
  isUpgrade: boolean,
): Altered[] {
  if (before === null || program === null || before.digest === program.digest) return []
  const what = isUpgrade ? 'upgraded' : program.kind === 'source' ? 'source-changed' : 'content-changed'
  const difference = {
    what,
    expectedHash: before.digest,
    observedHash: program.digest,
    serviceState: null,
  }
  return [fact({ thing: 'program', path: program.script }, difference)]
}

function fact(
  own: OwnPath,
  difference: Pick<Altered, 'what' | 'expectedHash' | 'observedHash' | 'serviceState'>,
): Altered {
  const { thing, path } = own
  return {
    kind: 'agent.altered',
    thing,
    path,
    ...difference,
    found: 'at-start',
    isRestored: false,
    account: null,
  }
}
