/** Enrols this computer at the console beside it, once: 秘密, `classified-lan`, observe mode. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { projectRoot } from './child.ts'
import { words } from './words.ts'

const run = promisify(execFile)
const flags = ['--disable-warning=ExperimentalWarning']
const enrolMsMax = 60_000

/** Resolves to a word where it was enrolled before. Rejects with the program's own sentence. */
export async function enrolTrialComputer(data: string, port: number): Promise<string> {
  const state = join(data, 'agent')
  if (existsSync(join(state, 'identity', 'identity.json'))) return words.alreadyEnrolled
  const { token } = JSON.parse(
    await output('console/cli/shoukou-console.ts', ['token', '--data', data, '--json']),
  ) as { token: string }
  const address = `https://localhost:${port}`
  await output('agent/cli/shoukou-agent.ts', [
    'enroll',
    '--console',
    address,
    '--token',
    token,
    '--state',
    state,
  ])
  return ''
}

async function output(program: string, parameters: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run(process.execPath, [...flags, join(projectRoot, program), ...parameters], {
      timeout: enrolMsMax,
      cwd: projectRoot,
    })
    return stdout
  } catch (error) {
    const { stderr } = error as { stderr?: string }
    throw new Error(stderr?.trim() || String(error), { cause: error })
  }
}
