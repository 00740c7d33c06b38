/**
 * The folders of a journal, one per epoch: `0001-<random>`, or `sm3.0001-<random>` where its chain is made with SM3. An
 * epoch is one unbroken numbering; its folder appears whole (made beside, renamed), with `opened.json` saying why it exists.
 */
import { randomBytes } from 'node:crypto'
import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type ChainHash, epochName } from '@shoukou/protocol'
import { type Static, Type } from 'typebox'
import { makeFolder, syncFolder, writeJsonAtomic } from '../base/atomic-file.ts'
import { stateFile } from '../base/state-file.ts'

const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const epochId = Type.String({ pattern: '^(?:sm3\\.)?\\d{4,10}-[0-9a-f]{16}$' })

const OpenedSchema = Type.Object(
  {
    v: Type.Literal(1),
    epoch: epochId,
    reason: Type.Union([
      Type.Literal('enrolled'),
      Type.Literal('journal-lost'),
      Type.Literal('console-ahead'),
    ]),
    previousEpoch: Type.Union([epochId, Type.Null()]),
    previousSeq: Type.Union([count, Type.Null()]),
    /** Records of the previous epoch after this number are written again here; null where none are. */
    carryAfterSeq: Type.Union([count, Type.Null()]),
  },
  { additionalProperties: false },
)
export type Opened = Static<typeof OpenedSchema>

const openedFile = stateFile(OpenedSchema)

const folderPattern = /^(?:sm3\.)?(\d{4,10})-[0-9a-f]{16}$/

/** Lists a journal's epochs, oldest first. */
export async function listEpochs(journal: string): Promise<string[]> {
  await makeFolder(journal)
  const names = (await readdir(journal)).filter((name) => folderPattern.test(name))
  return names.sort((a, b) => numberOf(a) - numberOf(b))
}

/** Makes a new epoch behind the existing ones, chained with a hash. Its folder is there wholly or not at all. */
export async function createEpoch(
  journal: string,
  why: Omit<Opened, 'v' | 'epoch'>,
  hash: ChainHash,
): Promise<Opened> {
  const epochs = await listEpochs(journal)
  const last = epochs.at(-1)
  const number = last === undefined ? 1 : numberOf(last) + 1
  const unique = `${String(number).padStart(4, '0')}-${randomBytes(8).toString('hex')}`
  const epoch = epochName(hash, unique)
  const beside = join(journal, `.new-${epoch}`)
  const opened: Opened = { v: 1, epoch, ...why }
  await makeFolder(beside)
  await writeJsonAtomic(join(beside, 'opened.json'), opened)
  await rename(beside, join(journal, epoch))
  await syncFolder(journal)
  return opened
}

/** Makes the journal of a computer just enrolled, chained with a hash. */
export async function createJournal(journal: string, hash: ChainHash = 'sha-256'): Promise<void> {
  const none = { previousEpoch: null, previousSeq: null, carryAfterSeq: null }
  await createEpoch(journal, { reason: 'enrolled', ...none }, hash)
}

/** Removes what an interrupted creation left. */
export async function sweepUnfinished(journal: string): Promise<void> {
  for (const name of await readdir(journal)) {
    if (name.startsWith('.new-')) await rm(join(journal, name), { recursive: true })
  }
}

/** Reads why an epoch exists; a lost file reads as a lost journal, because nothing better is known. */
export async function readOpened(
  folder: string,
  epoch: string,
  onDamaged: (path: string) => void,
): Promise<Opened> {
  const opened = await openedFile.read(join(folder, 'opened.json'), onDamaged)
  if (opened !== null) return opened
  return { v: 1, epoch, reason: 'journal-lost', previousEpoch: null, previousSeq: null, carryAfterSeq: null }
}

function numberOf(name: string): number {
  return Number(folderPattern.exec(name)?.[1])
}
