/** All targets: kept in the store, each run by itself, offered to the API. */
import { randomUUID } from 'node:crypto'
import { type Prefix, ShoukouError } from '@shoukou/protocol'
import type { ForwardStore, ForwardTargetRow } from '../store/forward-ports.ts'
import type { ViolationRow } from '../store/ports.ts'
import { checkCount, checkDraft } from './check-target.ts'
import { createTransport } from './create-transport.ts'
import { needsAgreement } from './evidence-agreement.ts'
import { failureOf } from './failures.ts'
import { FORWARD_LIMITS } from './limits.ts'
import { messageOf, testMessage } from './message.ts'
import {
  type Forwarding,
  SECRET_NAMES,
  type SecretName,
  type TargetDraft,
  type TargetSettings,
  type TargetState,
  type TestOutcome,
} from './ports.ts'
import { openSecret, readSealed, type SealedSecrets, sealSecret } from './secrets.ts'
import { type RunnerLog, TargetRunner } from './target-runner.ts'
import type { Transport } from './transport.ts'
import { type WatchedNow, watchChanges } from './watch-changes.ts'

export interface ForwardingOptions {
  readonly store: ForwardStore
  /** 32 bytes, of the data folder. */
  readonly key: Uint8Array
  /** What this console is called in ids: letters, digits, dashes. */
  readonly console: string
  readonly hostname: string
  readonly prefixes: readonly Prefix[]
  readonly dataDir: string
  readonly headlineOf: (row: ViolationRow) => { readonly zh: string; readonly en: string }
  /** How each computer is watched now. */
  readonly watchedNow: () => Promise<readonly WatchedNow[]>
  /** Whether a second person agreed to this target as it stands; asked of those alone that need it. */
  readonly isAgreed: (target: ForwardTargetRow) => Promise<boolean>
  readonly log: RunnerLog
  readonly now: () => number
  readonly random?: () => number
  /** For tests: waits shorter than those of a unit. */
  readonly pace?: {
    readonly pollMs?: number
    readonly watchMs?: number
    readonly retryDelay?: (failures: number) => number
  }
}

export interface RunningForwarding extends Forwarding {
  /** Something was stored: targets look at once. */
  wake(): void
  /** A target was changed in the store: it goes on as it stands there. */
  reload(id: string): Promise<void>
  close(): Promise<void>
}

/** Starts every target that is not paused. */
export async function startForwarding(options: ForwardingOptions): Promise<RunningForwarding> {
  const { store, now, log } = options
  const runners = new Map<string, TargetRunner>()
  let isClosed = false

  const transportOf = (row: ForwardTargetRow): Transport =>
    createTransport(settingsOf(row), {
      hostname: options.hostname,
      prefixes: options.prefixes,
      ownFolder: options.dataDir,
      secret: (name) => openSecret(options.key, row.id, name, readSealed(row.secrets)),
      now,
      language: row.language,
    })
  const run = (row: ForwardTargetRow): void => {
    if (isClosed) return
    const { console, headlineOf, pace } = options
    const runner = new TargetRunner({
      store,
      target: row,
      transport: transportOf(row),
      toMessage: (event) =>
        messageOf(event, { console, content: row.content, language: row.language, headlineOf }),
      now,
      random: options.random ?? Math.random,
      log,
      ...pace,
    })
    runners.set(row.id, runner)
  }
  const rerun = async (row: ForwardTargetRow): Promise<void> => {
    await runners.get(row.id)?.close()
    run(row)
  }
  const found = async (id: string): Promise<ForwardTargetRow> => {
    const row = await store.forwardTarget(id)
    if (row === null) throw new ShoukouError('not-found', 'There is no such target.')
    return row
  }
  const stateOf = async (row: ForwardTargetRow): Promise<TargetState> => {
    const progress = await store.forwardProgress(row.id)
    const { waitingCountedMax: max } = FORWARD_LIMITS
    const counted = progress === null ? 0 : await store.countForwardWaiting(row, progress.cursor, max + 1)
    const isSending = runners.get(row.id)?.isSending === true
    return {
      id: row.id,
      version: row.version,
      name: row.name,
      kind: row.kind,
      content: row.content,
      language: row.language,
      events: row.events,
      severities: row.severities,
      types: row.types,
      settings: settingsOf(row),
      hasSecrets: Object.keys(readSealed(row.secrets)) as SecretName[],
      state: row.isPaused
        ? 'paused'
        : (progress?.failures ?? 0) > 0
          ? 'failing'
          : isSending
            ? 'sending'
            : counted > 0
              ? 'waiting'
              : 'idle',
      waiting: Math.min(counted, max),
      isWaitingMore: counted > max,
      sent: progress?.sent ?? 0,
      lastSentAt: progress?.lastSentAt ?? null,
      lastAnswer: progress?.lastAnswer ?? null,
      failure: progress?.failure ?? null,
      failedAt: progress?.failedAt ?? null,
      nextTryAt: progress?.nextTryAt ?? null,
    }
  }
  const change = async (row: ForwardTargetRow): Promise<TargetState> => {
    if (!(await store.changeForwardTarget(row)))
      throw new ShoukouError('edit-conflict', 'Somebody else changed this target; open it anew.')
    // What failed with the old settings is tried with the new ones at once.
    await runners.get(row.id)?.close()
    const progress = await store.forwardProgress(row.id)
    if (progress !== null && progress.failures > 0)
      await store.setForwardProgress({
        ...progress,
        failure: null,
        failedAt: null,
        failures: 0,
        nextTryAt: null,
      })
    await rerun(row)
    return stateOf(row)
  }
  const awaits = async (row: ForwardTargetRow): Promise<boolean> =>
    needsAgreement(row) && !(await options.isAgreed(row))
  // One change at a time: each one ends a runner and begins another.
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work)
    last = next.catch(() => undefined)
    return next
  }

  for (const row of await store.forwardTargets()) run(row)
  const watching = watchChanges({
    store,
    watchedNow: options.watchedNow,
    changed: () => wakeAll(runners),
    now,
    log,
    everyMs: options.pace?.watchMs ?? FORWARD_LIMITS.watchMs,
  })

  return {
    targets: async () => Promise.all((await store.forwardTargets()).map(stateOf)),
    add: (draft, account) =>
      inTurn(async () => {
        checkCount((await store.forwardTargets()).length)
        checkDraft(draft, [])
        const id = randomUUID()
        const row: ForwardTargetRow = {
          ...columnsOf(draft),
          id,
          secrets: JSON.stringify(sealed(options.key, id, draft, {})),
          isPaused: false,
          version: 1,
          createdAt: now(),
          createdBy: account,
        }
        const added = { ...row, isPaused: await awaits(row) }
        await store.addForwardTarget(added)
        run(added)
        return stateOf(added)
      }),
    change: (id, version, draft) =>
      inTurn(async () => {
        const stored = await found(id)
        const before = readSealed(stored.secrets)
        if (stored.kind !== draft.settings.kind)
          throw new ShoukouError('invalid-request', 'A target keeps its kind; add another one.')
        if (stored.version !== version)
          throw new ShoukouError('edit-conflict', 'Somebody else changed this target; open it anew.')
        // A secret goes where it was meant to go: another receiver needs it typed anew.
        const kept = isSameReceiver(settingsOf(stored), draft.settings) ? before : {}
        checkDraft(draft, Object.keys(kept) as SecretName[])
        const changed = {
          ...stored,
          ...columnsOf(draft),
          secrets: JSON.stringify(sealed(options.key, id, draft, kept)),
          version: version + 1,
        }
        return change({ ...changed, isPaused: stored.isPaused || (await awaits(changed)) })
      }),
    setPaused: (id, isPaused) =>
      inTurn(async () => {
        const stored = await found(id)
        if (!isPaused && (await awaits(stored)))
          throw new ShoukouError(
            'second-person-needed',
            'Evidence goes nowhere before a security administrator agrees; ask for it, and see the approvals.',
          )
        return change({ ...stored, isPaused, version: stored.version + 1 })
      }),
    remove: (id) =>
      inTurn(async () => {
        await found(id)
        await runners.get(id)?.close()
        runners.delete(id)
        await store.removeForwardTarget(id)
      }),
    test: async (id) => {
      const row = await found(id)
      return sendTest(transportOf(row), testMessage(options.console, row.language, now()))
    },
    awaitsAgreement: async (id) => awaits(await found(id)),
    wake: () => wakeAll(runners),
    reload: (id) =>
      inTurn(async () => {
        const row = await store.forwardTarget(id)
        if (row !== null) await rerun(row)
      }),
    async close() {
      isClosed = true
      await watching.close()
      await last
      await Promise.all([...runners.values()].map((runner) => runner.close()))
    },
  }
}

async function sendTest(transport: Transport, message: ReturnType<typeof testMessage>): Promise<TestOutcome> {
  const started = performance.now()
  const took = (): number => Math.round(performance.now() - started)
  const context = { signal: AbortSignal.timeout(FORWARD_LIMITS.sendMsMax), sequence: 0, lastHash: null }
  try {
    const { answer } = await (transport.test?.(message, context) ?? transport.send([message], context))
    return { isSent: true, answer, failure: null, tookMs: took() }
  } catch (error) {
    const { code, detail } = failureOf(error)
    return { isSent: false, answer: '', failure: { code, detail }, tookMs: took() }
  }
}

function wakeAll(runners: ReadonlyMap<string, TargetRunner>): void {
  for (const runner of runners.values()) runner.wake()
}

function settingsOf(row: ForwardTargetRow): TargetSettings {
  return JSON.parse(row.settings) as TargetSettings
}

function columnsOf(draft: TargetDraft) {
  return {
    name: draft.name.trim(),
    kind: draft.settings.kind,
    settings: JSON.stringify(draft.settings),
    content: draft.content,
    language: draft.language,
    events: draft.events,
    severities: draft.severities,
    types: draft.types,
  }
}

function sealed(key: Uint8Array, id: string, { secrets }: TargetDraft, kept: SealedSecrets): SealedSecrets {
  const made: Record<string, string> = {}
  for (const name of SECRET_NAMES) {
    const given = secrets[name]
    const stays = kept[name]
    if (given === undefined && stays !== undefined) made[name] = stays
    if (given !== undefined && given !== '') made[name] = sealSecret(key, id, name, given)
  }
  return made
}

/** Reports whether secrets would go to the same receiver, proven by the same authority. */
function isSameReceiver(before: TargetSettings, after: TargetSettings): boolean {
  const receiver = (settings: TargetSettings): string => {
    switch (settings.kind) {
      case 'syslog':
      case 'json-lines':
        return JSON.stringify([settings.host, settings.port, settings.protection, settings.ca])
      case 'smtp':
        return JSON.stringify([settings.host, settings.port, settings.protection, settings.ca, settings.user])
      case 'webhook':
        return JSON.stringify([new URL(settings.url).origin, settings.ca])
      case 'json-file':
      case 'folder':
        return settings.folder
    }
  }
  return receiver(before) === receiver(after)
}
