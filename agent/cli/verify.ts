/** `verify`: checks the journal's chain from its files. Exit code 0 where it holds (declared gaps included), 1 where not. */
import { join, resolve } from 'node:path'
import { HASH_NAMES, ShoukouError } from '@shoukou/protocol'
import { DEFAULT_STATE_FOLDER, stateFolder } from '../base/state-folder.ts'
import { livenessOf, statusFile } from '../base/status-file.ts'
import { listEpochs } from '../journal/epoch-folder.ts'
import { type EpochVerdict, type JournalFault, verifyEpoch } from '../journal/verify-journal.ts'
import { readIdentity } from '../link/identity.ts'
import { type CommandInput, textOption } from './command-input.ts'
import type { Messages } from './messages.ts'
import { alignColumns } from './table.ts'

export async function verify(input: CommandInput): Promise<number> {
  const { say, values } = input
  const folder = stateFolder(resolve(textOption(input, 'state') ?? DEFAULT_STATE_FOLDER))
  const identity = await readIdentity(folder)
  if (identity === null) throw new ShoukouError('not-enrolled', say.verifyEmpty(folder.root))
  const last = await statusFile.peek(folder.statusFile)
  const isLive = last !== null && last !== 'damaged' && livenessOf(last, Date.now()) === 'running'
  const verdicts: EpochVerdict[] = []
  for (const epoch of await listEpochs(folder.journal))
    verdicts.push(await verifyEpoch(join(folder.journal, epoch), epoch, identity.agent))
  const isGood = verdicts.every(({ faults }) => faults.every(isExcused))
  if (values['json'] === true)
    process.stdout.write(`${JSON.stringify({ isGood, isLive, epochs: verdicts })}\n`)
  else process.stdout.write(`${verifyLines(verdicts, { say, isLive, journal: folder.journal }).join('\n')}\n`)
  return isGood ? 0 : 1
}

/** Returns the lines that a terminal shows. Pure. */
export function verifyLines(
  verdicts: readonly EpochVerdict[],
  view: { readonly say: Messages; readonly isLive: boolean; readonly journal: string },
): string[] {
  const { say } = view
  if (verdicts.length === 0) return [say.verifyEmpty(view.journal)]
  const lines = verdicts.flatMap((verdict) => [
    say.verifyEpoch(verdict.epoch, verdict.reason, HASH_NAMES[verdict.hash]),
    ...segmentLines(verdict, say),
    `  ${verdict.sealed === null ? say.removal.notSealed : say.removal.sealed(verdict.sealed.upToSeq, verdict.sealed.index)}`,
    '',
  ])
  const faults = verdicts.flatMap((verdict) => verdict.faults)
  const bad = faults.find((fault) => !isExcused(fault))
  const records = verdicts.reduce((sum, verdict) => sum + verdict.records, 0)
  const end =
    bad !== undefined
      ? say.verifyBad(`${bad.segment}: ${faultText(bad, say)}`)
      : faults.some(({ isDeclared }) => isDeclared)
        ? say.verifyDeclaredOnly(records)
        : say.verifyGood(records)
  return [...lines, ...(view.isLive ? [say.locked] : []), end]
}

function segmentLines(verdict: EpochVerdict, say: Messages): string[] {
  const rows = verdict.segments.flatMap(({ name, firstSeq, lastSeq, faults }) => {
    const range = firstSeq === null ? say.verifyEmptySegment : `${firstSeq}-${lastSeq}`
    const texts = faults.length === 0 ? [say.verifyWhole] : faults.map((fault) => faultText(fault, say))
    return texts.map((text, index) => (index === 0 ? [name, range, text] : ['', '', text]))
  })
  return alignColumns([say.verifyHeading, ...rows]).map((line) => `  ${line}`)
}

function faultText(fault: JournalFault, say: Messages): string {
  switch (fault.kind) {
    case 'torn-tail':
      return say.verifyTail(fault.atByte ?? 0)
    case 'damaged':
      return withDeclared(say.verifyDamaged(fault.atByte ?? 0, fault.firstSeq), fault, say)
    case 'chain-mismatch':
      return withDeclared(say.verifyMismatch(fault.atByte ?? 0, fault.firstSeq), fault, say)
    case 'missing':
      return withDeclared(say.verifyMissing(fault.firstSeq ?? 0, fault.lastSeq ?? 0), fault, say)
  }
}

function withDeclared(text: string, fault: JournalFault, say: Messages): string {
  return `${text} (${fault.isDeclared ? say.verifyDeclared : say.verifyUndeclared})`
}

function isExcused(fault: JournalFault): boolean {
  return fault.kind === 'torn-tail' || fault.isDeclared
}
