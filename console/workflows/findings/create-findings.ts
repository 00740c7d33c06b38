/**
 * The work list of the ledger against reality: looked at anew every minute, kept with who took what on. What is no longer so is
 * resolved by itself, and comes back by itself.
 */
import { ShoukouError } from '@shoukou/protocol'
import { FINDING_SEVERITY, findDifferences } from '../../ledger/reality.ts'
import type { FindingAct, FindingsChange } from '../../store/findings-ports.ts'
import type { Store, ViolationRow } from '../../store/ports.ts'
import { CrossUseWatch } from './cross-use-watch.ts'
import { gatherReality } from './gather.ts'
import { FINDING_LIMITS } from './limits.ts'
import { MeasuredWatch } from './measured-watch.ts'

export interface Findings {
  /** Compares everything once. Two never run at once: who asks while one runs waits for it. */
  look(): Promise<FindingsChange>
  unseenDays(): Promise<number>
  /** @throws ShoukouError `invalid-request` */
  setUnseenDays(days: number): Promise<void>
  /** @throws ShoukouError `invalid-request`, `not-found`, `edit-conflict`: then nothing of it was done. */
  act(
    of: readonly { readonly id: string; readonly version: number }[],
    act: FindingAct,
    account: string,
  ): Promise<void>
}

export interface FindingsOptions {
  readonly store: Store
  readonly now: () => number
  /** Called with violations that the comparison made. */
  readonly changed: (violation: ViolationRow) => void
  /** Looks anew at an agent of a computer that is not filed: that it was heard again is nobody's act, and told nowhere else. */
  readonly unfiled?: (agent: string) => Promise<void>
}

const dayMs = 86_400_000
const unseenMark = 'unseen-days'
const unregisteredMs = 60 * 60_000

export function createFindings({ store, now, changed, unfiled }: FindingsOptions): Findings {
  const crossUse = new CrossUseWatch({ store, now, changed })
  const measured = new MeasuredWatch(store)
  let running: Promise<FindingsChange> | null = null
  /** When each computer that stands in no register was looked at; all of them again once the register has its first entry. */
  let lookedAt: {
    readonly firstEntryAt: number | null
    readonly unregistered: ReadonlyMap<string, number>
  } = { firstEntryAt: null, unregistered: new Map() }
  const unseenDays = async () => (await store.findingMark(unseenMark)) ?? FINDING_LIMITS.unseenDaysDefault
  const lookOnce = async (): Promise<FindingsChange> => {
    await crossUse.look()
    const at = now()
    const rules = { unseenDays: await unseenDays() }
    const reality = await gatherReality(store, measured, at - rules.unseenDays * dayMs)
    const found = findDifferences(reality, rules, at)
    const firstEntryAt = await store.firstLedgerEntryAt('computers')
    if (firstEntryAt !== lookedAt.firstEntryAt) lookedAt = { firstEntryAt, unregistered: new Map() }
    const unregistered = new Map<string, number>()
    for (const { kind, told } of found) {
      const agent = told['agent'] ?? ''
      if (kind === 'computer-unregistered') {
        // What stands in no register is told of when it is filed or linked: thousands of them need no look each minute.
        const last = lookedAt.unregistered.get(agent)
        const isDue = last === undefined || Math.abs(at - last) >= unregisteredMs
        unregistered.set(agent, isDue ? at : last)
        if (isDue) await unfiled?.(agent)
      } else if (kind === 'computer-ended-seen') await unfiled?.(agent)
    }
    lookedAt = { firstEntryAt, unregistered }
    return store.syncFindings(
      found.map((one) => ({ ...one, severity: FINDING_SEVERITY[one.kind] })),
      at,
    )
  }
  return {
    unseenDays,
    look: () => {
      running ??= lookOnce().finally(() => {
        running = null
      })
      return running
    },
    setUnseenDays: async (days) => {
      if (!Number.isInteger(days) || days < 1 || days > FINDING_LIMITS.unseenDaysMax)
        throw new ShoukouError('invalid-request', `Days are 1 to ${FINDING_LIMITS.unseenDaysMax}.`)
      await store.setFindingMark(unseenMark, days)
    },
    act: async (of, act, account) => {
      if (of.length > FINDING_LIMITS.bulkMax)
        throw new ShoukouError('invalid-request', `At most ${FINDING_LIMITS.bulkMax} findings at once.`)
      await store.actOnFindings(of, checked(act, now()), { account, at: now() })
    },
  }
}

function checked(act: FindingAct, now: number): FindingAct {
  if (act.kind === 'take' || act.kind === 'release') return act
  const text = act.text.normalize('NFC').trim()
  if (text.length > FINDING_LIMITS.noteCharactersMax)
    throw new ShoukouError('invalid-request', 'The text is too long; shorten it.')
  if (act.kind === 'note') return { ...act, text }
  if (act.until === null) return { ...act, text }
  if (text === '') throw new ShoukouError('invalid-request', 'Say why it may rest: the reason is kept.')
  const most = now + FINDING_LIMITS.snoozeDaysMax * dayMs
  if (act.until <= now || act.until > most) {
    throw new ShoukouError(
      'invalid-request',
      `A finding rests until a day within ${FINDING_LIMITS.snoozeDaysMax} days; choose one.`,
    )
  }
  return { ...act, text }
}

/** Looks at once, then again and again; returns what stops it, once the last look has ended. */
export function watchFindings(
  findings: Pick<Findings, 'look'>,
  log: { error(fields: object, message: string): void },
): () => Promise<void> {
  const lookOnce = () =>
    findings.look().then(
      () => undefined,
      (error: unknown) => log.error({ err: error }, 'the ledger could not be compared with reality'),
    )
  let look = lookOnce()
  const timer = setInterval(() => {
    look = look.then(lookOnce)
  }, FINDING_LIMITS.lookMs)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await look
  }
}
