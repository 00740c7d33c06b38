/** What may stand on the command line, for all commands. */
import { parseArgs } from 'node:util'
import { ShoukouError } from '@shoukou/protocol'

const options = {
  data: { type: 'string' },
  port: { type: 'string' },
  listen: { type: 'string' },
  name: { type: 'string', multiple: true },
  config: { type: 'string' },
  number: { type: 'string' },
  level: { type: 'string' },
  'network-mode': { type: 'string' },
  account: { type: 'string' },
  request: { type: 'string' },
  revoke: { type: 'string' },
  reason: { type: 'string' },
  copy: { type: 'string' },
  checkpoint: { type: 'string' },
  archive: { type: 'string', multiple: true },
  agent: { type: 'string' },
  to: { type: 'string' },
  from: { type: 'string' },
  year: { type: 'string' },
  'passphrase-file': { type: 'string' },
  'second-passphrase-file': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

/** What the command line said, unchecked. */
export type Arguments = ReturnType<typeof parseArguments>['values']

/** Splits a command line. Throws Node's ERR_PARSE_ARGS_* with a sentence that names the option. */
export function parseArguments(argv: readonly string[]) {
  return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
}

/** The data folder is never guessed: two consoles on one database would be two truths. */
export function dataDirOf(values: Arguments): string {
  if (values.data === undefined)
    throw new ShoukouError('config-invalid', 'Name the data folder with --data DIR.')
  return values.data
}
