/** `shoukou-console run`: until a signal, or until the program that started it goes away. */
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { ShoukouError } from '@shoukou/protocol'
import { type ConsoleConfig, checkConfig, readConfig } from '../base/config.ts'
import { installLastResort } from '../base/last-resort.ts'
import { createLog } from '../base/log.ts'
import { startConsole } from '../main.ts'
import { type Arguments, dataDirOf } from './arguments.ts'

/** What the starting program is told over its channel, once. */
export interface ReadyMessage {
  readonly kind: 'ready'
  readonly port: number
  readonly agentPort: number
  readonly firstAccounts: readonly {
    readonly name: string
    readonly role: string
    readonly password: string
  }[]
}
export interface FailedMessage {
  readonly kind: 'failed'
  readonly message: string
}

export async function run(values: Arguments): Promise<void> {
  const config = await configOf(values)
  const log = createLog(config.logLevel)
  installLastResort(log)
  // Database, its write-ahead log and keys are nobody else's to read, whatever folder was named.
  process.umask(0o077)
  const stop = new AbortController()
  const asked = (): void => stop.abort()
  process.on('SIGINT', asked)
  process.on('SIGTERM', asked)
  process.on('disconnect', asked)
  // The starting program may have gone before this line ran.
  if (process.send !== undefined && !process.connected) asked()
  try {
    const console = await startConsole({ config, log })
    const { port, agentPort, firstAccounts } = console
    tell({ kind: 'ready', port, agentPort, firstAccounts })
    if (process.send === undefined) announce(port, firstAccounts)
    const asking = stop.signal.aborted ? Promise.resolve() : once(stop.signal, 'abort')
    const failed = await Promise.race([asking.then(() => null), console.failed])
    await console.close()
    if (failed !== null) throw failed
  } catch (error) {
    tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
    throw error
  } finally {
    process.removeListener('disconnect', asked)
    if (process.connected) process.disconnect()
  }
}

function tell(message: ReadyMessage | FailedMessage): void {
  process.send?.(message)
}

function announce(port: number, accounts: ReadyMessage['firstAccounts']): void {
  process.stdout.write(`https://localhost:${port}\n`)
  for (const { name, role, password } of accounts) {
    process.stdout.write(`${name} (${role})  one-time password: ${password}\n`)
  }
}

async function configOf(values: Arguments): Promise<ConsoleConfig> {
  if (values.config !== undefined) return readConfig(values.config)
  return checkConfig({
    dataDir: join(resolve(dataDirOf(values)), 'console'),
    ...(values.port === undefined ? {} : { port: portOf(values.port) }),
    ...(values.listen === undefined ? {} : { listen: values.listen }),
    ...(values.name === undefined ? {} : { names: values.name }),
  })
}

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_534) {
    throw new ShoukouError('config-invalid', `--port takes a number from 0 to 65534, not "${text}".`)
  }
  return port
}
