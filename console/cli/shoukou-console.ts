#!/usr/bin/env node
/** `shoukou-console`: runs the console, and what only someone at its own machine may do. */
import { ShoukouError } from '@shoukou/protocol'
import { resetPassword } from './accounts.ts'
import { parseArguments } from './arguments.ts'
import { run } from './run.ts'
import { makeToken } from './token.ts'

const usage = `shoukou-console run      --data DIR [--port N] [--listen ADDR] [--name NAME]… [--config FILE]
shoukou-console token    --data DIR [--number NUMBER] [--level LEVEL] [--network-mode MODE] [--json]
shoukou-console password --data DIR --account NAME

  run       starts the console: pages and API on N (8443), agents on N+1
  token     makes a one-time enrolment token (good for an hour)
  password  gives an account a new one-time password, and unlocks it
`

async function main(argv: readonly string[]): Promise<void> {
  const { values, positionals } = parseArguments(argv)
  const [command] = positionals
  if (values.help === true || command === undefined) {
    process.stdout.write(usage)
    return
  }
  switch (command) {
    case 'run':
      return run(values)
    case 'token':
      return makeToken(values)
    case 'password':
      return resetPassword(values)
    default:
      throw new ShoukouError(
        'config-invalid',
        `There is no command "${command}"; see shoukou-console --help.`,
      )
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const isOrderly =
    error instanceof ShoukouError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')
  process.stderr.write(
    `shoukou-console: ${error instanceof Error ? (isOrderly ? error.message : error.stack) : String(error)}\n`,
  )
  process.exitCode = 1
})
