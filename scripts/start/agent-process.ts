/** Starts the agent as a process of its own; one that ends by itself is started again. */
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { projectRoot, startChild, stopChild } from './child.ts'
import { words } from './words.ts'

const restartDelayMs = 2_000

export async function startAgent(data: string): Promise<{ stop(): Promise<void> }> {
  const log = join(data, 'logs', 'agent.log')
  let child: ChildProcess
  let isStopping = false
  const start = async (): Promise<void> => {
    child = await startChild(
      join(projectRoot, 'agent', 'cli', 'shoukou-agent.ts'),
      ['run', '--state', join(data, 'agent')],
      log,
    )
    child.once('exit', () => {
      if (isStopping) return
      process.stderr.write(words.agentEnded(log))
      setTimeout(() => {
        if (!isStopping) start().catch((error: unknown) => process.stderr.write(`${String(error)}\n`))
      }, restartDelayMs)
    })
  }
  await start()
  return {
    stop: async () => {
      isStopping = true
      await stopChild(child)
    },
  }
}
