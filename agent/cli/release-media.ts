/**
 * What `release` does once it has been asked: the denial of media and of connections goes, the record and the mark of it stay. The kernel comes as
 * an argument, because what is done here is done to the whole computer.
 */
import { type ChainHash, type Fact, type FactNamed, ShoukouError } from '@shoukou/protocol'
import { writeRelease } from '../actions/hold-marks-linux.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { StateFolder } from '../base/state-folder.ts'
import { takeStateLock } from '../base/state-lock.ts'
import { openJournal } from '../journal/open-journal.ts'
import { readIdentity } from '../link/identity.ts'
import { PolicyStore } from '../link/policy-store.ts'
import { recordMaker } from '../pipeline.ts'

type LayerReport = FactNamed<'control.state'>['layers'][number]

export interface ReleaseOptions {
  readonly folder: StateFolder
  readonly reason: string
  /** Lifts the denial; what it returns are the layers that were lifted. */
  readonly lift: () => Promise<readonly LayerReport[]>
  /** Takes the nets of network control out of the kernel. */
  readonly liftNetwork?: () => Promise<readonly LayerReport[]>
  /** What the records name as the cause of the release. */
  readonly cause?: 'released-by-hand' | 'removal'
  readonly clock: Clock
  readonly journalBytesMax: number
  readonly chainHash?: ChainHash
  readonly log: Log
}

export interface Released {
  readonly policyVersion: number
  readonly layers: readonly LayerReport[]
}

/** How long the journal may take to be on the disk, ms. */
const closeMsMax = 3_000

/**
 * Lifts the denial until a newer policy arrives. What is about to be done is on the disk before it is done.
 *
 * @throws ShoukouError `not-enrolled`; `journal-locked` while the agent runs; `journal-full` where the release could not
 * be recorded: then nothing was lifted.
 */
export async function releaseMedia(options: ReleaseOptions): Promise<Released> {
  const { folder } = options
  const identity = await readIdentity(folder)
  if (identity === null)
    throw new ShoukouError('not-enrolled', undefined, { context: { folder: folder.root } })
  const lock = takeStateLock(folder)
  try {
    return await releaseLocked(options, identity)
  } finally {
    lock.release()
  }
}

async function releaseLocked(
  options: ReleaseOptions,
  identity: { readonly agent: string; readonly policyKey: string },
): Promise<Released> {
  const { folder, reason, lift, liftNetwork, clock, log } = options
  const onDamaged = (path: string) => log.error({ path }, 'state file damaged, set aside')
  const policy = await PolicyStore.open(folder, identity, onDamaged)
  const makeRecord = recordMaker({ agent: identity.agent, clock, policy: () => policy.current })
  const journal = await openJournal({
    folder: folder.journal,
    agent: identity.agent,
    bytesMax: options.journalBytesMax,
    ...(options.chainHash === undefined ? {} : { chainHash: options.chainHash }),
    buildOwn: (fact) => makeRecord('agent', fact, null),
    wallMs: () => clock.wallMs(),
    log,
  })
  const record = async (fact: Fact): Promise<void> => {
    const bytes = Buffer.byteLength(JSON.stringify(fact)) + 600
    if ((await journal.append(fact.kind, bytes, makeRecord('agent', fact, null))) === null)
      throw new ShoukouError('journal-full', 'The release could not be recorded; nothing was released.')
  }
  const liftOne = async (
    group: 'media' | 'network',
    work: () => Promise<readonly LayerReport[]>,
  ): Promise<readonly LayerReport[]> => {
    const about = { kind: 'control.state', group, reason } as const
    await record({ ...about, state: 'in-force', cause: 'release-begins', layers: [] })
    const layers = await work()
    const isWhole = layers.every(({ state }) => state === 'absent')
    const state = isWhole ? 'released' : 'partly'
    await record({ ...about, state, cause: options.cause ?? 'released-by-hand', layers: [...layers] })
    return layers
  }
  try {
    const media = await liftOne('media', lift)
    const network = liftNetwork === undefined ? [] : await liftOne('network', liftNetwork)
    const layers = [...media, ...network]
    const { version: policyVersion } = policy.current
    await writeRelease(folder, { v: 1, policyVersion, releasedAtMs: clock.wallMs(), reason })
    return { policyVersion, layers }
  } finally {
    await journal.close(closeMsMax)
  }
}
