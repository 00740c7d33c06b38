/** `run`: the agent in the foreground until SIGTERM or SIGINT. */
import { setPriority } from 'node:os'
import { installLastResort } from '../base/last-resort.ts'
import { createLog } from '../base/log.ts'
import { runAgent } from '../main.ts'
import { type CommandInput, textOption } from './command-input.ts'
import { configPathOf, loadConfig } from './load-config.ts'

export async function run(input: CommandInput): Promise<number> {
  const asked = { config: textOption(input, 'config'), state: textOption(input, 'state') }
  const config = await loadConfig(asked)
  const configPath = await configPathOf(asked)
  takePrecedence()
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    process.once(signal, () => stop.abort(signal))
  // Started by a program that has a channel to it, the agent ends with that program, however that one ends.
  // It may have gone before this line ran.
  if (process.send !== undefined && !process.connected) stop.abort('disconnect')
  else process.once('disconnect', () => stop.abort('disconnect'))
  try {
    const log = createLog(config.logLevel)
    installLastResort(log)
    await runAgent({ config, configPath, signal: stop.signal, log })
  } finally {
    // The channel alone would keep this process alive.
    if (process.connected) process.disconnect()
  }
  return 0
}

/** Before work and before attackers that keep the processor busy: a late decision is a keyboard that seems dead. */
const NICE = -10

function takePrecedence(): void {
  try {
    setPriority(NICE)
  } catch {
    // An ordinary account may not: then the agent takes its turn like everybody.
  }
}
