/** `enroll`: makes this computer one that a console watches. */
import { resolve } from 'node:path'
import { ShoukouError } from '@shoukou/protocol'
import { writeJsonAtomic } from '../base/atomic-file.ts'
import { type AgentConfigFile, configOf, parseConfig, readConfigFile } from '../base/config.ts'
import { readHardware } from '../base/hardware-linux.ts'
import { DEFAULT_STATE_FOLDER, stateFolder } from '../base/state-folder.ts'
import { makeStateFolder } from '../base/state-lock.ts'
import { createJournal } from '../journal/epoch-folder.ts'
import { enrol, parseConsoleUrl } from '../link/enrol.ts'
import { takeBaseline } from '../sensors/take-baseline-linux.ts'
import { type CommandInput, textOption } from './command-input.ts'
import { requestEnrolment, takeEnrolmentAnswer } from './enroll-offline.ts'

export async function enroll(input: CommandInput): Promise<number> {
  const { say, values } = input
  const ways = ['request-to', 'answer', 'token'].filter((name) => textOption(input, name) !== undefined)
  if (ways.length > 1) throw new ShoukouError('config-invalid', say.bundles.notTwoWays)
  if (ways[0] === 'request-to') return await requestEnrolment(input)
  if (ways[0] === 'answer') return await takeEnrolmentAnswer(input)
  const consoleUrl = required(input, 'console')
  const token = required(input, 'token')
  const stateDir = resolve(textOption(input, 'state') ?? DEFAULT_STATE_FOLDER)
  const watched = Array.isArray(values['watch'])
    ? values['watch'].map((folder) => resolve(String(folder)))
    : undefined
  parseConsoleUrl(consoleUrl)
  await makeStateFolder({ root: stateDir })
  const { configFile } = stateFolder(stateDir)
  // Checked before the token is spent: it is good only once.
  const config: AgentConfigFile = {
    ...(await readConfigFile(configFile)),
    consoleUrl,
    stateDir,
    ...(watched === undefined ? {} : { watchedFolders: watched }),
  }
  const { chainHash } = configOf(parseConfig(JSON.stringify(config), configFile))
  const done = await enrol({
    consoleUrl,
    token,
    stateDir,
    takeBaseline,
    ...(config.tellHardware === false ? {} : { readHardware }),
    makeJournal: (journal) => createJournal(journal, chainHash),
    force: values['force'] === true,
  })
  await writeJsonAtomic(configFile, config, 0o644)
  process.stdout.write(`${say.enrolled(done)}\n`)
  return 0
}

function required(input: CommandInput, name: string): string {
  const value = textOption(input, name)
  if (value === undefined) throw new ShoukouError('config-invalid', input.say.missingOption(name))
  return value
}
