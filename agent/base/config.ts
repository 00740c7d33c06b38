/** The agent's configuration, `agent.json`: read once, checked strictly, frozen. */
import { isAbsolute, relative } from 'node:path'
import { type ChainHash, hasHash, LIMITS, ShoukouError } from '@shoukou/protocol'
import { checkOf } from '@shoukou/protocol/schema-check.ts'
import { type Static, Type } from 'typebox'
import { readFileIfThere } from './atomic-file.ts'
import { DEFAULT_STATE_FOLDER } from './state-folder.ts'

const AgentConfigSchema = Type.Object(
  {
    /** The console's web address, as given at enrolment: `https://console.example:8443`. */
    consoleUrl: Type.Optional(Type.String({ maxLength: 2_048, pattern: '^https://' })),
    /** The port for agents, where it is not the one told at enrolment. */
    agentPort: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
    stateDir: Type.Optional(Type.String({ minLength: 1, maxLength: 4_096 })),
    /** Folders watched by the portable sensor, absolute. */
    watchedFolders: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 4_096, pattern: '^/' }), {
        maxItems: 64,
        uniqueItems: true,
      }),
    ),
    /**
     * Whether what programs connect to is watched and controlled on this computer; left out: it is. `false` is for an
     * agent that shares a computer with another one, and is shown at the console as what it is: not watched.
     */
    watchConnections: Type.Optional(Type.Boolean()),
    /**
     * Whether the agent tells the console which machine it stands on, by hashes; left out: it does. `false` is for several
     * agents on one computer; the console says that it is not told.
     */
    tellHardware: Type.Optional(Type.Boolean()),
    /** What the journal may take on disk. */
    journalBytesMax: Type.Optional(Type.Integer({ minimum: 16_777_216, maximum: LIMITS.journalBytesMax })),
    /**
     * What the chain of a journal that begins is made with; left out: SHA-256. A journal that is here keeps its own. SM3 for
     * units that are to use the state's algorithms.
     */
    chainHash: Type.Optional(Type.Union([Type.Literal('sha-256'), Type.Literal('sm3')])),
    logLevel: Type.Optional(
      Type.Union([Type.Literal('debug'), Type.Literal('info'), Type.Literal('warn'), Type.Literal('error')]),
    ),
  },
  { additionalProperties: false },
)
const check = checkOf(AgentConfigSchema)
const knownKeys = Object.keys(AgentConfigSchema.properties)

export type AgentConfigFile = Static<typeof AgentConfigSchema>

export interface AgentConfig {
  readonly consoleUrl: string | null
  readonly agentPort: number | null
  readonly stateDir: string
  readonly watchedFolders: readonly string[]
  readonly watchConnections: boolean
  readonly tellHardware: boolean
  readonly journalBytesMax: number
  readonly chainHash: ChainHash
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
}

/**
 * Fills the defaults in. `stateDir` of the caller wins over the file's.
 *
 * @throws ShoukouError `config-invalid` where a watched folder holds the state folder: each record written would be an
 * activity to record; and where it asks for a hash that this runtime does not have (`has`).
 */
export function configOf(file: AgentConfigFile, stateDir?: string, has = hasHash): AgentConfig {
  const state = stateDir ?? file.stateDir ?? DEFAULT_STATE_FOLDER
  const around = file.watchedFolders?.find((folder) => isWithin(state, folder) || isWithin(folder, state))
  if (around !== undefined) {
    throw new ShoukouError(
      'config-invalid',
      `watchedFolders: ${JSON.stringify(around)} and the state folder ${JSON.stringify(state)} lie in one another; the agent would watch its own writing.`,
      { context: { key: 'watchedFolders' } },
    )
  }
  const chainHash = file.chainHash ?? 'sha-256'
  if (!has(chainHash)) {
    throw new ShoukouError(
      'config-invalid',
      `chainHash: this runtime has no ${chainHash}; use a build of Node.js with it, or set "sha-256".`,
      { context: { key: 'chainHash' } },
    )
  }
  return Object.freeze({
    consoleUrl: file.consoleUrl ?? null,
    agentPort: file.agentPort ?? null,
    stateDir: state,
    watchedFolders: Object.freeze([...(file.watchedFolders ?? [])]),
    watchConnections: file.watchConnections ?? true,
    tellHardware: file.tellHardware ?? true,
    journalBytesMax: file.journalBytesMax ?? LIMITS.journalBytesMax,
    chainHash,
    logLevel: file.logLevel ?? 'info',
  })
}

/**
 * Reads a configuration file; null where there is none.
 *
 * @throws ShoukouError `config-unknown-key` with the key's name, `config-invalid` with the field's.
 */
export async function readConfigFile(path: string): Promise<AgentConfigFile | null> {
  const bytes = await readFileIfThere(path)
  return bytes === null ? null : parseConfig(bytes.toString('utf8'), path)
}

/** Parses a configuration's text; `source` is named in errors. Throws as `readConfigFile`. */
export function parseConfig(text: string, source: string): AgentConfigFile {
  const value = parseJson(text, source)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ShoukouError('config-invalid', `${source}: the configuration must be one JSON object.`)
  }
  const unknownKey = Object.keys(value).find((key) => !knownKeys.includes(key))
  if (unknownKey !== undefined) {
    throw new ShoukouError(
      'config-unknown-key',
      `${source}: there is no setting ${JSON.stringify(unknownKey)}; known are ${knownKeys.join(', ')}.`,
      { context: { key: unknownKey } },
    )
  }
  if (!check.Check(value)) {
    const fault = [...check.Errors(value)][0]
    const key = fault?.instancePath.split('/')[1] ?? ''
    const why = choicesOf(key) ?? fault?.message ?? 'is not valid'
    throw new ShoukouError('config-invalid', `${source}: ${key} ${why}.`, {
      context: { key },
    })
  }
  if (value.stateDir !== undefined && !isAbsolute(value.stateDir)) {
    throw new ShoukouError('config-invalid', `${source}: stateDir must be an absolute path.`, {
      context: { key: 'stateDir' },
    })
  }
  return value
}

/** What is to be said of a setting that takes one of a few words; null where it takes others. */
function choicesOf(key: string): string | null {
  const schema: object | undefined = new Map<string, object>(
    Object.entries(AgentConfigSchema.properties),
  ).get(key)
  if (schema === undefined || !('anyOf' in schema) || !Array.isArray(schema.anyOf)) return null
  const words = schema.anyOf.map((choice: { readonly const?: unknown }) => JSON.stringify(choice.const))
  return `must be one of ${words.join(', ')}`
}

function isWithin(path: string, folder: string): boolean {
  const below = relative(folder, path)
  return below === '' || (below !== '..' && !below.startsWith('../'))
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ShoukouError('config-invalid', `${source}: this is not JSON.`, { cause })
  }
}
