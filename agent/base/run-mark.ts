/** `run.json`: how the last run ended. `running` left behind means that nobody stopped it in order. */
import type { FactNamed } from '@shoukou/protocol'
import { Type } from 'typebox'
import { stateFile } from './state-file.ts'

const runFile = stateFile(
  Type.Object(
    { v: Type.Literal(1), state: Type.Union([Type.Literal('running'), Type.Literal('stopped')]) },
    { additionalProperties: false },
  ),
)

export interface RunMark {
  readonly previous: FactNamed<'agent.started'>['previous']
  running(): Promise<void>
  stopped(): Promise<void>
}

/** Reads the mark. A damaged one counts as an unclean stop. */
export async function openRunMark(path: string, onDamaged: (path: string) => void): Promise<RunMark> {
  let isDamaged = false
  const found = await runFile.read(path, (damaged) => {
    isDamaged = true
    onDamaged(damaged)
  })
  const previous =
    isDamaged || found?.state === 'running' ? 'unclean-stop' : found === null ? 'first-start' : 'clean-stop'
  return {
    previous,
    running: () => runFile.write(path, { v: 1, state: 'running' }),
    stopped: () => runFile.write(path, { v: 1, state: 'stopped' }),
  }
}
