#!/usr/bin/env node
/** The agent's command line: finds the command, runs it, and turns an operating error into one sentence. */
import { parseArgs } from 'node:util'
import { COMMANDS, type CommandName, isCommandName } from './commands.ts'
import { faultSentence } from './fault-sentence.ts'
import { languageOf, messages } from './messages.ts'
import { printable } from './table.ts'

// Sensors wait for the kernel in threads of the pool; the journal's syncs must never queue behind them.
process.env['UV_THREADPOOL_SIZE'] ??= '16'

const language = languageOf(process.env)
const say = messages(language)

async function main(args: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = args
  if (name === 'help' || name === '--help' || name === '-h') return usage(process.stdout)
  if (name === '--version') return await COMMANDS.version.run({ values: {}, say })
  if (!isCommandName(name)) {
    process.stderr.write(`${say.unknownCommand(printable(name))}\n`)
    usage(process.stderr)
    return 2
  }
  const values = parseOptions(name, rest)
  return values === null ? 2 : await COMMANDS[name].run({ values, say })
}

function usage(to: NodeJS.WriteStream): number {
  to.write(`${say.usage}\n`)
  return 0
}

function parseOptions(name: CommandName, args: readonly string[]) {
  const command = COMMANDS[name]
  const positional = 'positional' in command ? command.positional : null
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: command.options,
      strict: true,
      allowPositionals: positional !== null,
    })
    return positional === null || positionals[0] === undefined
      ? values
      : { ...values, [positional]: positionals[0] }
  } catch (fault) {
    const code = fault instanceof Error && 'code' in fault ? String(fault.code) : ''
    if (!code.startsWith('ERR_PARSE_ARGS_')) throw fault
    const known = Object.keys(COMMANDS[name].options).map((option) => `--${option}`)
    process.stderr.write(
      `${say.badOption(name, printable((fault as Error).message.split(/\.\s/u)[0] ?? ''), known.join(' '))}\n`,
    )
    return null
  }
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (fault) {
  process.stderr.write(`shoukou-agent: ${faultSentence(fault, language)}\n`)
  process.exitCode = 1
}
