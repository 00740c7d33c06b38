/** The console's configuration: read once, checked whole, never changed while it runs. */
import { readFile } from 'node:fs/promises'
import { LEVELS, ShoukouError } from '@shoukou/protocol'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

const ConfigSchema = Type.Object(
  {
    /** Where database and keys live. */
    dataDir: Type.String({ minLength: 1, maxLength: 4_096 }),
    listen: Type.String({ minLength: 1, maxLength: 253 }),
    /** Pages, API and enrolment; agents connect to the next one. 0: any free ones. */
    port: Type.Integer({ minimum: 0, maximum: 65_534 }),
    /** Further names and addresses of the certificate. */
    names: Type.Array(Type.String({ minLength: 1, maxLength: 253, pattern: '^[A-Za-z0-9.:_-]+$' }), {
      maxItems: 64,
    }),
    /** How the office calls itself on the console. */
    unit: Type.String({ minLength: 1, maxLength: 64 }),
    /** The console's own level: at least the highest that it shows. */
    level: Type.Enum([...LEVELS]),
    /** Where a signing process of its own account listens; empty: the console starts one itself. */
    signerSocket: Type.String({ maxLength: 100 }),
    logLevel: Type.Enum(['debug', 'info', 'warn', 'error']),
    /** Networks beside private ones that are the unit's own: forwarding may send there (`203.0.113.0/24`). */
    forwardPrefixes: Type.Array(
      Type.String({ minLength: 3, maxLength: 64, pattern: '^[0-9A-Fa-f.:]+/[0-9]{1,3}$' }),
      {
        maxItems: 64,
      },
    ),
  },
  { additionalProperties: false },
)
export type ConsoleConfig = Static<typeof ConfigSchema>

export const DEFAULT_CONFIG: Omit<ConsoleConfig, 'dataDir'> = {
  listen: '127.0.0.1',
  port: 8443,
  names: [],
  unit: '守口 Shoukou',
  level: 'secret',
  signerSocket: '',
  logLevel: 'info',
  forwardPrefixes: [],
}

/**
 * Checks a configuration, defaults filled in.
 *
 * @throws ShoukouError `config-unknown-key` or `config-invalid`, naming the key.
 */
export function checkConfig(given: unknown): ConsoleConfig {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new ShoukouError('config-invalid', 'The configuration is not a JSON object.')
  }
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(ConfigSchema.properties, key)) {
      throw new ShoukouError(
        'config-unknown-key',
        `The configuration key "${key}" does not exist; remove or correct it.`,
      )
    }
  }
  const config: unknown = { ...DEFAULT_CONFIG, ...given }
  if (Value.Check(ConfigSchema, config)) return config
  const [fault] = Value.Errors(ConfigSchema, config)
  const key =
    fault?.instancePath.slice(1).split('/')[0] ||
    String((fault?.params as { requiredProperties?: string[] })?.requiredProperties?.[0] ?? '')
  throw new ShoukouError(
    'config-invalid',
    `The configuration key "${key}" ${fault?.message ?? 'is not valid'}.`,
  )
}

/** Reads a configuration file. Throws as `checkConfig`, and `config-invalid` where it can't be read or is not JSON. */
export async function readConfig(path: string): Promise<ConsoleConfig> {
  let value: unknown
  try {
    value = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new ShoukouError('config-invalid', `${path} can't be read as JSON.`, { cause })
  }
  return checkConfig(value)
}

/** Names and addresses that the server's certificate must carry. */
export function certificateNames(config: ConsoleConfig): string[] {
  const isEverywhere = config.listen === '0.0.0.0' || config.listen === '::'
  const names = ['localhost', '127.0.0.1', '::1', ...(isEverywhere ? [] : [config.listen]), ...config.names]
  return [...new Set(names)]
}
