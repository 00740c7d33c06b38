/** Opens the journal at the agent's start. */
import { join } from 'node:path'
import { ShoukouError } from '@shoukou/protocol'
import { createEpoch, listEpochs, readOpened, sweepUnfinished } from './epoch-folder.ts'
import { Journal } from './journal.ts'
import { LossLedger } from './loss-ledger.ts'
import { OldEpochs } from './old-epochs.ts'
import { type JournalOptions, openEpochStore } from './open-epoch-store.ts'

/**
 * Opens the journal, recovering what the last end left. Where the folder has no epoch a new one begins: `enrolled`
 * right after enrolment, `journal-lost` later.
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { folder, log } = options
  let epochs = await listEpochs(folder)
  await sweepUnfinished(folder)
  if (epochs.length === 0) {
    log.error({}, 'journal lost: a new epoch begins')
    const none = { previousEpoch: null, previousSeq: null, carryAfterSeq: null }
    await createEpoch(folder, { reason: 'journal-lost', ...none }, options.chainHash ?? 'sha-256')
    epochs = await listEpochs(folder)
  }
  const epoch = epochs.at(-1)
  if (epoch === undefined) throw new ShoukouError('internal-error', 'The journal has no epoch.')
  const onDamaged = (path: string) => log.error({ path }, 'state file damaged, set aside')
  const opened = await readOpened(join(folder, epoch), epoch, onDamaged)
  const store = await openEpochStore(options, epoch)
  const loss = await LossLedger.open(join(folder, 'loss.json'), onDamaged, (fault) =>
    log.error({ fault: String(fault) }, 'loss count not written'),
  )
  const old = await OldEpochs.open({ folder, agent: options.agent, epochs: epochs.slice(0, -1), onDamaged })
  const journal = new Journal({ options, store, loss, old })
  await journal.begin(opened)
  return journal
}
