/**
 * Takes a bundle: proves it, judges it, hands its records to the same ingest that the link's go through, and writes a slip.
 *
 * A slip is written for whatever was brought: what was refused is as much a fact as what was taken. A fault of the console's
 * own (its store, its disk) makes none: the bundle is as good as before, and is brought again.
 */
import { randomUUID } from 'node:crypto'
import { stat } from 'node:fs/promises'
import {
  type BundleFault,
  type BundleHeader,
  type BundleManifest,
  type BundleReaderOptions,
  bundleError,
  bundleFaultOf,
  type ErrorCode,
  type HelloFrame,
  PROTOCOL_VERSION,
  ShoukouError,
} from '@shoukou/protocol'
import { fingerprintOf } from '../../pki/authority.ts'
import type { NewSlip, SenderRow, SlipGap, SlipNote, SlipRow } from '../../store/bundles-ports.ts'
import { heldPath, holdFile, letGo } from './hold-bundles.ts'
import { type JudgedBundle, judgeBundle } from './judge-bundle.ts'
import type { BundleParts } from './ports.ts'
import { framesOf, type ProvenBundle, proveBundle } from './read-file.ts'
import type { ReceivedFile } from './receive-file.ts'

/** Errors of ingest that say something of the bundle; any other is the console's own. */
const chainFaults: ReadonlySet<ErrorCode> = new Set([
  'chain-broken',
  'replayed-differently',
  'foreign-record',
  'out-of-sequence',
  'malformed-frame',
  'limit-exceeded',
  'unsupported-version',
])
/** Frames handed over together: each is at most 2 MiB. */
const framesTogether = 4

/** Takes one file; returns its slip, and those of held bundles that could be taken after it. */
export async function takeBundle(
  parts: BundleParts,
  file: ReceivedFile,
  account: string,
): Promise<readonly SlipRow[]> {
  const slip = await takeOne(parts, file, { account, isHeld: false })
  if (slip.verdict === 'refused' || slip.verdict === 'held' || slip.agent === null) return [slip]
  const released: SlipRow[] = []
  for (const held of await parts.store.heldSlips(slip.agent)) {
    const path = heldPath(parts.heldFolder, held.fileHash)
    const found = await stat(path).catch(() => null)
    if (found === null) continue
    const again = await takeOne(
      parts,
      { path, hash: held.fileHash, bytes: found.size },
      { account, isHeld: true },
    )
    if (again.verdict === 'held') break
    await letGo(parts.heldFolder, held.fileHash)
    released.push(again)
  }
  return [slip, ...released]
}

async function takeOne(
  parts: BundleParts,
  file: ReceivedFile,
  by: { readonly account: string; readonly isHeld: boolean },
): Promise<SlipRow> {
  const { store, now } = parts
  const draft: Draft = { header: null, proven: null, computer: null, notes: [] }
  try {
    const reading = readingOf(parts)
    draft.proven = await proveBundle(file.path, reading, (header) => {
      draft.header = header
    })
    const { header, manifest } = draft.proven
    const judged = await judgeBundle(parts, header, manifest)
    draft.computer = judged.computer.number
    await judgeMachine(parts, header.agent, manifest)
    // A console that was set back meets here what it once gave.
    if (manifest.witness) await parts.witnesses.shown(header.agent, manifest.witness)
    draft.notes = [
      ...judged.notes,
      ...(by.isHeld ? [{ code: 'released-from-hold', from: null, to: null } as const] : []),
    ]
    const missing = await missingBefore(parts, draft.proven)
    if (missing !== null) return await hold(parts, file, { draft, missing, account: by.account })
    return await takeRecords(parts, file, { draft, judged, account: by.account })
  } catch (error) {
    const fault = bundleFaultOf(error)
    if (fault === null) throw error
    return await store.addSlip(
      refusedSlip(file, draft, { fault, error, account: by.account, at: now() }),
      null,
    )
  }
}

/** The same key on another machine is a violation, and no takeover: nothing of its bundle is taken. */
async function judgeMachine(
  { identity }: BundleParts,
  agent: string,
  manifest: BundleManifest,
): Promise<void> {
  try {
    await identity.admitCarried({ agent, hardware: manifest.identity?.hardware ?? null })
  } catch (cause) {
    if (!(cause instanceof ShoukouError) || cause.code !== 'identity-conflict') throw cause
    throw bundleError('other-machine', cause.message, { cause })
  }
}

interface Draft {
  header: BundleHeader | null
  proven: ProvenBundle | null
  computer: string | null
  notes: readonly SlipNote[]
}

/** Records between what is stored and what the bundle begins with, which nobody says are gone for good. */
async function missingBefore(
  { store }: BundleParts,
  { header, firstGap, records }: ProvenBundle,
): Promise<SlipGap | null> {
  const storedSeq = (await store.position(header.agent, header.epoch))?.seq ?? 0
  if (records === 0 || header.firstSeq <= storedSeq + 1) return null
  if (firstGap !== null && firstGap.firstSeq <= storedSeq + 1) return null
  return { firstSeq: storedSeq + 1, lastSeq: header.firstSeq - 1, state: 'pending' }
}

async function hold(
  { store, now, heldFolder }: BundleParts,
  file: ReceivedFile,
  { draft, missing, account }: { draft: Draft; missing: SlipGap; account: string },
): Promise<SlipRow> {
  const isKept = await holdFile(heldFolder, file)
  const slip: NewSlip = {
    ...slipOf(file, draft, { account, at: now() }),
    verdict: isKept ? 'held' : 'refused',
    fault: 'records-missing',
    gaps: [missing],
  }
  return await store.addSlip(slip, null)
}

async function takeRecords(
  parts: BundleParts,
  file: ReceivedFile,
  { draft, judged, account }: { draft: Draft; judged: JudgedBundle; account: string },
): Promise<SlipRow> {
  const { store, ingest, now } = parts
  const { proven } = draft
  if (proven === null) throw new Error('a bundle is proven before it is taken')
  const { header, manifest } = proven
  const { agent, epoch } = header
  const violationsBefore = await violationsOf(parts, agent)
  const session = await ingest.open(agent, helloOf(header, manifest), {
    kind: 'bundle',
    isNewest: judged.isNewest,
  })
  const storedSeq = session.stored?.seq ?? 0
  let recordsNew = 0
  let fault: BundleFault | null = null
  try {
    let waiting: Parameters<typeof session.records>[0] = []
    const flush = async (): Promise<void> => {
      const frames = waiting
      waiting = []
      if (frames.length > 0) await session.records(frames)
      for (const { header: at } of frames)
        recordsNew += Math.max(0, at.firstSeq + at.count - Math.max(at.firstSeq, storedSeq + 1))
    }
    for await (const frame of framesOf(file.path, readingOf(parts))) {
      waiting = [...waiting, frame]
      if (waiting.length >= framesTogether) await flush()
    }
    await flush()
  } catch (error) {
    if (!(error instanceof ShoukouError) || !chainFaults.has(error.code)) throw error
    parts.log.warn({ agent, code: error.code, reason: error.message }, 'records of a bundle refused')
    fault = 'chain'
  } finally {
    await session.closed()
  }
  const isNews = judged.isNewest || recordsNew > 0
  const slip: NewSlip = {
    ...slipOf(file, draft, { account, at: now() }),
    verdict: fault !== null ? 'refused' : isNews ? 'taken' : 'nothing-new',
    fault,
    recordsNew,
    recordsKnown: proven.records - recordsNew,
    gaps: (await store.gaps(agent))
      .filter((gap) => gap.epoch === epoch && gap.state !== 'declared')
      .map(({ firstSeq, lastSeq, state }) => ({ firstSeq, lastSeq, state })),
    violations: Math.max(0, (await violationsOf(parts, agent)) - violationsBefore),
    seal: await sealWord(parts, agent),
  }
  return await store.addSlip(slip, judged.isNewest && fault === null ? senderOf(proven, now()) : null)
}

async function violationsOf({ store }: BundleParts, agent: string): Promise<number> {
  const counts = await store.countViolations({ agent })
  return counts.reduce((sum, { count }) => sum + count, 0)
}

/** What stands of the agent's seals after the records; null where it says nothing of them. */
async function sealWord({ store }: BundleParts, agent: string): Promise<string | null> {
  const row = await store.sealRow(agent)
  if (row === null) return null
  const { areSealsBroken, unsealedSince } = await store.protectionStanding(agent)
  if (areSealsBroken) return 'broken'
  return unsealedSince === null && row.heldAt !== null ? 'holds' : 'unsealed'
}

/** What the agent would have said at the door. */
function helloOf(header: BundleHeader, manifest: BundleManifest): HelloFrame {
  return {
    v: PROTOCOL_VERSION,
    type: 'hello',
    agentVersion: manifest.agentVersion,
    bootId: manifest.bootId,
    journal: { epoch: header.epoch, seq: header.lastSeq, head: header.headAfter },
    policyVersion: manifest.policyVersion,
    wallMs: header.createdWallMs,
    receipt: manifest.receipt,
    ceilingVersion: manifest.ceilingVersion,
  }
}

function readingOf({ keys }: BundleParts): BundleReaderOptions {
  return { console: fingerprintOf(keys.authority.certificate), privateKeys: [keys.bundleKey.privateKey] }
}

function senderOf({ header, manifest }: ProvenBundle, at: number): SenderRow {
  return {
    agent: header.agent,
    lastNumber: header.number,
    lastBundle: header.bundle,
    lastTakenAt: at,
    lastCreatedWallMs: header.createdWallMs,
    epoch: header.epoch,
    renewal: manifest.renewal,
    ceilingVersion: manifest.ceilingVersion,
    packageNumber: manifest.packageNumber,
  }
}

function slipOf(
  file: ReceivedFile,
  { header, proven, computer, notes }: Draft,
  by: { readonly account: string; readonly at: number },
): NewSlip {
  return {
    slip: randomUUID(),
    verdict: 'refused',
    fault: null,
    faultAtByte: null,
    faultChunk: null,
    fileHash: file.hash,
    fileBytes: file.bytes,
    bundle: header?.bundle ?? null,
    agent: header?.agent ?? null,
    computer: computer ?? header?.computer ?? null,
    number: header?.number ?? null,
    previous: header?.previous ?? null,
    consoleHost: header?.consoleHost ?? null,
    epoch: header?.epoch ?? null,
    firstSeq: header?.firstSeq ?? null,
    lastSeq: header?.lastSeq ?? null,
    createdWallMs: header?.createdWallMs ?? null,
    fromWallMs: proven?.fromWallMs ?? null,
    toWallMs: proven?.toWallMs ?? null,
    medium: proven?.manifest.medium ?? null,
    agentVersion: proven?.manifest.agentVersion ?? null,
    recordsNew: 0,
    recordsKnown: 0,
    gaps: [],
    violations: 0,
    seal: null,
    notes,
    takenAt: by.at,
    takenBy: by.account,
  }
}

function refusedSlip(
  file: ReceivedFile,
  draft: Draft,
  refusal: { fault: BundleFault; error: unknown; account: string; at: number },
): NewSlip {
  const { fault, error, account, at } = refusal
  const context = error instanceof ShoukouError ? error.context : {}
  const { atByte, chunk } = context
  return {
    ...slipOf(file, draft, { account, at }),
    fault,
    faultAtByte: typeof atByte === 'number' ? atByte : null,
    faultChunk: typeof chunk === 'number' ? chunk : null,
  }
}
