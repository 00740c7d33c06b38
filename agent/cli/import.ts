/**
 * `import`: takes what the console gave for the way home. The running agent does it; where none runs, the package is checked
 * here and waits for the next start. Exit code 0 taken, known or waiting, 1 refused.
 */
import { randomBytes } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BUNDLE_LIMITS, bundleError, bundleFaultOf, ShoukouError } from '@shoukou/protocol'
import { isErrno, makeFolder, readFileIfThere, writeFileAtomic } from '../base/atomic-file.ts'
import { DEFAULT_STATE_FOLDER, type StateFolder, stateFolder } from '../base/state-folder.ts'
import { livenessOf, statusFile } from '../base/status-file.ts'
import { answerNameOf } from '../bundle/bundle-desk.ts'
import { openPackage, type TakenPackage } from '../bundle/take-package.ts'
import { type Identity, readIdentity } from '../link/identity.ts'
import { PolicyStore } from '../link/policy-store.ts'
import { type CommandInput, textOption } from './command-input.ts'
import type { BundleMessages } from './messages-bundles.ts'
import { printable } from './table.ts'

/** The agent looks once a second; policies and isolation take their time. */
const answerMsMax = 30_000
const lookEveryMs = 200

export async function importPackage(input: CommandInput): Promise<number> {
  const say = input.say.bundles
  const asked = textOption(input, 'file')
  if (asked === undefined) throw new ShoukouError('config-invalid', input.say.missingOption('file'))
  const bytes = await readBounded(resolve(asked))
  if (bytes === null) return refuse(say.fileMissing(printable(asked)))
  const folder = stateFolder(resolve(textOption(input, 'state') ?? DEFAULT_STATE_FOLDER))
  const identity = await readIdentity(folder)
  if (identity === null) throw new ShoukouError('not-enrolled', input.say.verifyEmpty(folder.root))
  const found = await statusFile.peek(folder.statusFile)
  const liveness = found === null || found === 'damaged' ? 'not-running' : livenessOf(found, Date.now())
  const runs = liveness === 'running' || liveness === 'hanging'
  try {
    if (!runs) await check(bytes, folder, identity)
  } catch (fault) {
    const reason = bundleFaultOf(fault)
    if (reason === null) throw fault
    return refuse(say.importRefused(say.faults[reason]))
  }
  const name = `${randomBytes(16).toString('hex')}.skr`
  await makeFolder(folder.inbox)
  await writeFileAtomic(join(folder.inbox, name), bytes)
  if (!runs) {
    process.stdout.write(`${say.importWaits}\n`)
    return 0
  }
  const answer = await waitFor(join(folder.inbox, answerNameOf(name)))
  if (answer === null) {
    process.stderr.write(`${say.importNoAnswer}\n`)
    return 0
  }
  return tell(answer, say)
}

/** Where no agent runs, whoever stands here learns at once that a package is not good. */
async function check(bytes: Buffer, folder: StateFolder, identity: Identity): Promise<void> {
  const policy = await PolicyStore.open(folder, identity, () => {})
  openPackage(bytes, { identity, policy })
}

function tell(taken: TakenPackage, say: BundleMessages): number {
  switch (taken.result) {
    case 'taken':
      process.stdout.write(`${say.imported(taken)}\n`)
      if (taken.reason !== null) process.stdout.write(`${say.importPartly(printable(taken.reason))}\n`)
      return 0
    case 'known':
      process.stdout.write(`${say.importedKnown(taken.number)}\n`)
      return 0
    case 'refused': {
      if (taken.reason === 'older') return refuse(say.importOlder(taken.number))
      const words = say.faults as Readonly<Record<string, string>>
      return refuse(say.importRefused(words[taken.reason ?? ''] ?? printable(taken.reason ?? '')))
    }
  }
}

async function waitFor(path: string): Promise<TakenPackage | null> {
  for (let waited = 0; waited < answerMsMax; waited += lookEveryMs) {
    const bytes = await readFileIfThere(path)
    if (bytes !== null) {
      await rm(path, { force: true })
      // Written by this computer's own agent, in a folder that only root may enter.
      return JSON.parse(bytes.toString('utf8')) as TakenPackage
    }
    await sleep(lookEveryMs)
  }
  return null
}

/** Reads a file up to the bound of a package; null where there is none. @throws ShoukouError `bundle-refused`. */
async function readBounded(path: string): Promise<Buffer | null> {
  try {
    const handle = await open(path, 'r')
    try {
      const found = await handle.stat()
      if (!found.isFile()) return null
      if (found.size > BUNDLE_LIMITS.packageBytesMax)
        throw bundleError('too-large', 'This file is too large to be a return package.')
      return await handle.readFile()
    } finally {
      await handle.close()
    }
  } catch (fault) {
    if (isErrno(fault, 'ENOENT', 'EACCES', 'ENOTDIR', 'EISDIR')) return null
    throw fault
  }
}

function refuse(words: string): number {
  process.stderr.write(`${words}\n`)
  return 1
}
