/** Bundles of computers that no network reaches, as one thing for the API and the command line. */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { EXPORT_AFTER_MS_DEFAULT, type PolicySettings } from '@shoukou/protocol'
import type { ReturnPackageRow, SenderRow, SlipRow } from '../../store/bundles-ports.ts'
import type { ComputerRow, Store } from '../../store/ports.ts'
import { oneAtATime } from '../media/one-at-a-time.ts'
import {
  enrolOffline,
  type OfflineEnrolled,
  type OfflineEnrolment,
  type OfflineEnrolmentParts,
} from './enrol-offline.ts'
import type { BundleParts } from './ports.ts'
import { FileReceiver, type ReceivedFile } from './receive-file.ts'
import { type MadePackage, makeReturnPackage, type PackageMaker } from './return-package.ts'
import { takeBundle } from './take-bundle.ts'
import { openUploads, type Uploads } from './uploads.ts'

export interface StandaloneComputer {
  readonly computer: ComputerRow
  readonly sender: SenderRow | null
  readonly package: ReturnPackageRow | null
  /** When it is overdue, Unix ms. */
  readonly dueAt: number
  readonly isOverdue: boolean
}

export interface Bundles {
  /** Takes an uploaded file; the first slip is its own, the others of held ones that could be taken after it. */
  take(from: AsyncIterable<Uint8Array>, account: string): Promise<readonly SlipRow[]>
  /** Files that come in parts; taken as `take` does. */
  readonly uploads: Uploads
  returnPackage(agent: string, account: string): Promise<MadePackage>
  enrol(
    asked: OfflineEnrolment,
    by: { readonly account: string; readonly address: string },
  ): Promise<OfflineEnrolled>
  /** Computers that report by bundles, the longest waited for first. */
  standalone(): Promise<readonly StandaloneComputer[]>
  /** Ends what is being taken, and removes uploads. */
  close(): Promise<void>
}

export type BundlesOptions = Omit<BundleParts, 'heldFolder'> &
  PackageMaker &
  OfflineEnrolmentParts & {
    /** The console's data folder. */
    readonly dataDir: string
  }

/** Opens them: clears what an earlier run left half received. */
export async function createBundles(options: BundlesOptions): Promise<Bundles> {
  const { store, now } = options
  const folder = join(options.dataDir, 'bundles')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const receiver = new FileReceiver(folder)
  await receiver.open()
  const heldFolder = join(folder, 'held')
  const inTurn = oneAtATime()
  const takeFile = (file: ReceivedFile, account: string) =>
    inTurn(() => takeBundle({ ...options, heldFolder }, file, account))
  const uploads = await openUploads({ folder: join(folder, 'uploads'), now, take: takeFile })
  return {
    take: async (from, account) => {
      const file = await receiver.receive(from)
      try {
        return await takeFile(file, account)
      } finally {
        await rm(file.path, { force: true })
      }
    },
    uploads,
    returnPackage: (agent, account) => inTurn(() => makeReturnPackage(options, agent, account)),
    enrol: (asked, by) => enrolOffline(options, asked, by),
    standalone: () => standaloneComputers(store, now()),
    close: () => uploads.close(),
  }
}

async function standaloneComputers(store: Store, now: number): Promise<readonly StandaloneComputer[]> {
  const [computers, senders, packages] = await Promise.all([
    store.computers(),
    store.senders(),
    store.newestPackages(),
  ])
  const senderOf = new Map(senders.map((row) => [row.agent, row]))
  const packageOf = new Map(packages.map((row) => [row.agent, row]))
  const found: StandaloneComputer[] = []
  for (const computer of computers) {
    const sender = senderOf.get(computer.agent) ?? null
    if (!isStandalone(computer, sender)) continue
    const policy = await store.policy(computer.agent, computer.policyVersion)
    const dueAt = dueOf(computer, sender, policy?.settings ?? null)
    found.push({
      computer,
      sender,
      package: packageOf.get(computer.agent) ?? null,
      dueAt,
      isOverdue: dueAt < now,
    })
  }
  return found.toSorted((a, b) => a.dueAt - b.dueAt)
}

/** It reported by bundles last, or was enrolled by files and has never been heard. */
function isStandalone({ status, agentVersion }: ComputerRow, sender: SenderRow | null): boolean {
  if (status === 'standalone') return true
  return status === 'silent' && (sender !== null || agentVersion === null)
}

function dueOf(
  { enrolledAt, lastSeenAt }: ComputerRow,
  sender: SenderRow | null,
  settings: PolicySettings | null,
): number {
  const since = sender?.lastTakenAt ?? lastSeenAt ?? enrolledAt
  return since + (settings?.limits.exportAfterMs ?? EXPORT_AFTER_MS_DEFAULT)
}
