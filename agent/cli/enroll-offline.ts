/** `enroll --request-to` and `enroll --answer`: enrolment of a computer that no network reaches, by two files. */
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { BUNDLE_LIMITS, bundleError, ShoukouError } from '@shoukou/protocol'
import { isErrno, writeJsonAtomic } from '../base/atomic-file.ts'
import { type AgentConfigFile, configOf, parseConfig, readConfigFile } from '../base/config.ts'
import { readHardware } from '../base/hardware-linux.ts'
import { DEFAULT_STATE_FOLDER, stateFolder } from '../base/state-folder.ts'
import { makeStateFolder } from '../base/state-lock.ts'
import { writeWhole } from '../bundle/bundle-file.ts'
import { createJournal } from '../journal/epoch-folder.ts'
import { answerOffline, requestOffline } from '../link/enrol-offline.ts'
import { takeBaseline } from '../sensors/take-baseline-linux.ts'
import { type CommandInput, textOption } from './command-input.ts'
import { printable } from './table.ts'

/** Writes the request. */
export async function requestEnrolment(input: CommandInput): Promise<number> {
  const say = input.say.bundles
  const to = resolve(textOption(input, 'request-to') ?? '')
  const stateDir = stateOf(input)
  const { tellHardware } = await writeConfig(input, stateDir, null)
  const request = await requestOffline({
    stateDir,
    takeBaseline,
    ...(tellHardware === false ? {} : { readHardware }),
    force: input.values['force'] === true,
  })
  const name = `shoukou-enrolment-${request.request.slice(0, 8)}.skq`
  try {
    const path = await writeWhole(to, name, once(Buffer.from(JSON.stringify(request))))
    process.stdout.write(`${say.requestWritten(printable(path))}\n`)
    return 0
  } catch (fault) {
    if (isErrno(fault, 'ENOSPC', 'EDQUOT')) return refuse(say.exportFull(printable(to)))
    if (isErrno(fault, 'ENOENT', 'ENOTDIR', 'EACCES', 'EROFS'))
      return refuse(say.folderMissing(printable(to)))
    throw fault
  }
}

/** Takes the answer. */
export async function takeEnrolmentAnswer(input: CommandInput): Promise<number> {
  const say = input.say.bundles
  const path = resolve(textOption(input, 'answer') ?? '')
  const mark = textOption(input, 'mark')
  if (mark === undefined) throw new ShoukouError('config-invalid', input.say.missingOption('mark'))
  const answer = await readBounded(path)
  if (answer === null) return refuse(say.fileMissing(printable(path)))
  const stateDir = stateOf(input)
  const { chainHash } = configOf((await readConfigFile(stateFolder(stateDir).configFile)) ?? {}, stateDir)
  const done = await answerOffline({
    stateDir,
    answer,
    mark,
    makeJournal: (journal) => createJournal(journal, chainHash),
    force: input.values['force'] === true,
  })
  await writeConfig(input, stateDir, done.consoleUrl)
  process.stdout.write(`${say.enrolledOffline(done)}\n`)
  return 0
}

function stateOf(input: CommandInput): string {
  return resolve(textOption(input, 'state') ?? DEFAULT_STATE_FOLDER)
}

/** Checked before anything is made, as online: what is not good would only be seen at the first start. */
async function writeConfig(
  input: CommandInput,
  stateDir: string,
  consoleUrl: string | null,
): Promise<AgentConfigFile> {
  const watch = input.values['watch']
  const watched = Array.isArray(watch) ? watch.map((folder) => resolve(String(folder))) : undefined
  await makeStateFolder({ root: stateDir })
  const { configFile } = stateFolder(stateDir)
  const config: AgentConfigFile = {
    ...(await readConfigFile(configFile)),
    stateDir,
    ...(consoleUrl === null ? {} : { consoleUrl }),
    ...(watched === undefined ? {} : { watchedFolders: watched }),
  }
  configOf(parseConfig(JSON.stringify(config), configFile))
  await writeJsonAtomic(configFile, config, 0o644)
  return config
}

async function readBounded(path: string): Promise<Buffer | null> {
  try {
    const handle = await open(path, 'r')
    try {
      const found = await handle.stat()
      if (!found.isFile()) return null
      if (found.size > BUNDLE_LIMITS.enrolmentFileBytesMax)
        throw bundleError('too-large', 'This file is too large to be an enrolment answer.')
      return await handle.readFile()
    } finally {
      await handle.close()
    }
  } catch (fault) {
    if (isErrno(fault, 'ENOENT', 'EACCES', 'ENOTDIR', 'EISDIR')) return null
    throw fault
  }
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}

function refuse(words: string): number {
  process.stderr.write(`${words}\n`)
  return 1
}
