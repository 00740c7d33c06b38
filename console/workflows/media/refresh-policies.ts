/**
 * Brings the policies of computers up to the register after it was written: one new version for each computer that it
 * concerns, however many acts there were. What is due stands in the store until it is done, so an end in between loses nothing.
 */
import { ShoukouError } from '@shoukou/protocol'
import type { Signer } from '../../pki/signer.ts'
import type { DueRow } from '../../store/media-ports.ts'
import type { Store } from '../../store/ports.ts'
import type { CeilingNow } from '../ceiling/assert-within.ts'
import { type BroughtUp, bringUpToRegister } from '../policies.ts'
import { MEDIA_LIMITS } from './limits.ts'
import { type Revoked, readRevoked } from './policy-media.ts'

export interface MediaPolicies {
  /** Something is due: it is done a moment later, with what comes until then. */
  schedule(): void
  /** Does what is due now; resolves when nothing is under way any more. */
  settle(): Promise<void>
  /** Ends what is under way; what is still due is done at the next start. */
  close(): Promise<void>
}

export interface MediaPoliciesOptions {
  readonly store: Store
  readonly signer: Signer
  /** Left out: the unit has none. */
  readonly ceiling?: (() => CeilingNow) | undefined
  readonly now: () => number
  /** A computer has a new version: to send, and to tell the pages. */
  readonly made: (agent: string) => Promise<void>
  readonly log: {
    info(fields: object, message: string): void
    warn(fields: object, message: string): void
    error(fields: object, message: string): void
  }
  readonly debounceMs?: number
}

export function createMediaPolicies(options: MediaPoliciesOptions): MediaPolicies {
  const { log, debounceMs = MEDIA_LIMITS.debounceMs } = options
  let timer: NodeJS.Timeout | null = null
  let working: Promise<void> | null = null
  let isClosed = false

  const schedule = (afterMs: number = debounceMs): void => {
    if (isClosed || timer !== null) return
    timer = setTimeout(() => {
      timer = null
      void run()
    }, afterMs)
    timer.unref()
  }
  const run = async (): Promise<void> => {
    working ??= work().finally(() => {
      working = null
    })
    await working
  }
  const work = async (): Promise<void> => {
    try {
      let done: number
      do done = await doDue(options, () => isClosed)
      while (done > 0)
    } catch (error) {
      log.error({ err: error }, 'policies that the media register asks for could not be made; tried again')
      schedule(MEDIA_LIMITS.retryMs)
    }
  }
  return {
    schedule: () => schedule(),
    settle: async () => {
      // What was written while an earlier round read is done by one of its own.
      await working
      await run()
    },
    close: async () => {
      isClosed = true
      if (timer !== null) clearTimeout(timer)
      await working
    },
  }
}

/** Does one step of what is due; returns how much that was. */
async function doDue(options: MediaPoliciesOptions, isStopped: () => boolean): Promise<number> {
  const { store } = options
  if (isStopped()) return 0
  const due = await store.mediaPolicyDue(MEDIA_LIMITS.dueMax)
  if (due.length === 0) return 0
  const revoked = await readRevoked(store)
  for (const { agent, number } of await store.computers()) {
    const own = due.filter(({ computer }) => computer === null || computer === number)
    if (own.length === 0) continue
    // What is not settled is due at the next start, for all of these computers: those done already find nothing to do.
    if (isStopped()) return 0
    await bringUp(options, { agent, number, revoked, own })
  }
  await store.settleMediaPolicyDue(due.map(({ id }) => id))
  return due.length
}

async function bringUp(
  { store, signer, ceiling, now, made, log }: MediaPoliciesOptions,
  computer: {
    readonly agent: string
    readonly number: string
    readonly revoked: Revoked
    readonly own: readonly DueRow[]
  },
): Promise<void> {
  const { agent, number, revoked, own } = computer
  const by = {
    account: own.at(-1)?.account ?? '',
    reason: reasonFor(own),
    signer,
    now: now(),
    ceiling: ceiling?.(),
  }
  let done: BroughtUp
  try {
    done = await triedAgain(() => bringUpToRegister(store, agent, revoked, by))
  } catch (error) {
    if (!(error instanceof ShoukouError) || error.retryable) throw error
    log.error({ computer: number, code: error.code, reason: error.message }, 'a policy without the register')
    return
  }
  const { row, plan } = done
  if (plan.revocationsLeftOut > 0) {
    log.error({ computer: number, leftOut: plan.revocationsLeftOut }, 'revocations found no room in a policy')
  }
  if (plan.sealsLeftOut > 0) {
    log.warn({ computer: number, leftOut: plan.sealsLeftOut }, 'seals found no room in a policy')
  }
  if (row === null) return
  log.info({ computer: number, version: row.version }, 'policy brought up to the media register')
  await made(agent)
}

/** Somebody may change the same policy at this moment: what counts is read anew then. */
async function triedAgain(act: () => Promise<BroughtUp>): Promise<BroughtUp> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await act()
    } catch (error) {
      const isConflict = error instanceof ShoukouError && error.code === 'edit-conflict'
      if (!isConflict || tries >= MEDIA_LIMITS.policyTriesMax) throw error
    }
  }
}

/** `media register: YM-0001 registered, YM-0002 suspended`; each account's acts with its name where there are several. */
export function reasonFor(due: readonly DueRow[]): string {
  const accounts = new Set(due.map(({ account }) => account))
  const acts = [
    ...new Set(due.map(({ account, reason }) => (accounts.size > 1 ? `${reason} (${account})` : reason))),
  ]
  let words = `media register: ${acts[0] ?? ''}`
  for (const [at, act] of acts.entries()) {
    if (at === 0) continue
    const more = `${words}, ${act}`
    if (more.length > MEDIA_LIMITS.reasonCharactersMax - 30) return `${words}, and ${acts.length - at} more`
    words = more
  }
  return words.slice(0, MEDIA_LIMITS.reasonCharactersMax)
}
