/** Starts the console as a process of its own and waits until it answers. */
import { once } from 'node:events'
import { join } from 'node:path'
import type { FailedMessage, ReadyMessage } from '../../console/cli/run.ts'
import { projectRoot, startChild, stopChild } from './child.ts'

export interface ConsoleProcess {
  readonly port: number
  readonly firstAccounts: ReadyMessage['firstAccounts']
  readonly ended: Promise<void>
  stop(): Promise<void>
}

export interface ConsoleStart {
  readonly data: string
  readonly port: number
  readonly listen: string
  readonly names: readonly string[]
  /** A configuration file, which says all of it; left out: what stands here. */
  readonly config?: string
}

/** Rejects with the console's own sentence where it could not start. */
export async function startConsole({
  data,
  port,
  listen,
  names,
  config,
}: ConsoleStart): Promise<ConsoleProcess> {
  const child = await startChild(
    join(projectRoot, 'console', 'cli', 'shoukou-console.ts'),
    [
      'run',
      ...(config === undefined
        ? [
            ...['--data', data, '--port', String(port), '--listen', listen],
            ...names.flatMap((name) => ['--name', name]),
          ]
        : ['--config', config]),
    ],
    join(data, 'logs', 'console.log'),
  )
  const ended = once(child, 'exit').then(() => undefined)
  const message = await Promise.race([
    once(child, 'message').then(([first]) => first as ReadyMessage | FailedMessage),
    ended.then(
      (): FailedMessage => ({ kind: 'failed', message: `see ${join(data, 'logs', 'console.log')}` }),
    ),
  ])
  if (message.kind === 'failed') {
    await stopChild(child)
    throw new Error(message.message)
  }
  return { port: message.port, firstAccounts: message.firstAccounts, ended, stop: () => stopChild(child) }
}
