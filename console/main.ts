/** Builds the console in flow order (keys → store → feed → ingest → link → API) and stops it in reverse. */
import { mkdir } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ShoukouError } from '@shoukou/protocol'
import type { Enrol, PolicyPort } from './api/ports.ts'
import { createApi } from './api/server.ts'
import { violationItem } from './api/view/violation-view.ts'
import { writeFileAtomically } from './base/atomic-file.ts'
import { type ConsoleConfig, certificateNames } from './base/config.ts'
import { assertDatabaseNotLost, assertKeysNotLost, readDataFolder } from './base/data-folder.ts'
import type { Log } from './base/log.ts'
import { createFeed } from './feed/feed.ts'
import type { RunningForwarding } from './forward/forwarding.ts'
import { createIngest } from './ingest/ingest.ts'
import { watchSilence } from './ingest/silence-watch.ts'
import { watchStops } from './ingest/stop-watch.ts'
import { switchIfAgreed } from './keeping/staged-restore.ts'
import { type AgentServer, listenForAgents } from './link/agent-server.ts'
import { openArchives, removeArchivedExecutor } from './open-archives.ts'
import { openBundles } from './open-bundles.ts'
import { forwardEvidenceExecutor } from './open-evidence.ts'
import { openIdentity } from './open-identity.ts'
import { openForwarding, openKeeping, restoreExecutor, restorePort } from './open-keeping.ts'
import { protectionPort } from './open-protection.ts'
import { type ConsoleKeys, openKeys, signerFiles } from './pki/key-store.ts'
import { openLogKey } from './pki/log-key.ts'
import { protectionKeysWith } from './pki/protection-keys.ts'
import { receiptsWith } from './pki/receipts.ts'
import type { Signer } from './pki/signer.ts'
import type { RunningSigner } from './signer/signer-client.ts'
import { connectSigner, startSigner } from './signer/start-signer-linux.ts'
import { takeDataLock } from './store/data-lock.ts'
import { openSqliteStore } from './store/open-store.ts'
import type { Store, ViolationRow } from './store/ports.ts'
import { createCheckpoints } from './trail/checkpoints.ts'
import { noteStart } from './trail/note-start.ts'
import { createVerification } from './trail/verification.ts'
import { createWitnesses } from './trail/witnesses.ts'
import { createFirstAccounts } from './workflows/accounts/first-accounts.ts'
import { issueCertificate } from './workflows/accounts/issue-certificate.ts'
import { LEAKED_FILE, leakedPasswordsAt } from './workflows/accounts/leaked-passwords.ts'
import { signInKeysOf } from './workflows/accounts/sign-in-keys.ts'
import type { CeilingNow } from './workflows/ceiling/assert-within.ts'
import { watchBringBox } from './workflows/ceiling/bring-box.ts'
import { CeilingBook } from './workflows/ceiling/ceiling-book.ts'
import { createCeilings } from './workflows/ceiling/create-ceilings.ts'
import { createClocks } from './workflows/clocks/create-clocks.ts'
import { watchClocks } from './workflows/clocks/watch-clocks.ts'
import { noRealComputer } from './workflows/demonstration.ts'
import { createToken, enrol } from './workflows/enrolment.ts'
import { watchFindings } from './workflows/findings/create-findings.ts'
import { watchExceptions } from './workflows/handling/watch-exceptions.ts'
import { createMedia, type Media } from './workflows/media/create-media.ts'
import { createSealRenewal } from './workflows/media/renew-seals.ts'
import { createIsolation } from './workflows/network/isolation.ts'
import { changePolicy, rescanCommand } from './workflows/policies.ts'
import { type OpenRegisters, openRegisters } from './workflows/registers/open-registers.ts'
import { answerRemoval } from './workflows/removal/answer-removal.ts'
import { type AccessPort, createAccess, watchOverdue } from './workflows/two-person/create-access.ts'

export interface RunningConsole {
  readonly port: number
  readonly agentPort: number
  readonly store: Store
  readonly keys: ConsoleKeys
  /** What agents pin: the daily key's public half. */
  readonly signer: Signer
  /** Made at the very first start: the only time that these passwords are known. */
  readonly firstAccounts: readonly {
    readonly name: string
    readonly role: string
    readonly password: string
  }[]
  readonly workflows: RunningWorkflows
  /** Resolves where the console can't go on: it is to be closed, and started anew. */
  readonly failed: Promise<ShoukouError>
  close(): Promise<void>
}

/** What administrators do by the API: for who fills a demonstration as they would. */
export interface RunningWorkflows {
  readonly registers: OpenRegisters
  readonly media: Media
  readonly access: AccessPort
  readonly policies: PolicyPort
}

export interface ConsoleClock {
  /** Unix ms. */
  readonly now: () => number
  /** One that nobody sets, ms. */
  readonly monotonicMs: () => number
}

export interface ConsoleOptions {
  readonly config: ConsoleConfig
  readonly log: Log
  /** The built pages; left out, those beside this file. */
  readonly webRoot?: string
  /** Left out: this computer's. Another one is for a demonstration, whose year passes in minutes. */
  readonly clock?: ConsoleClock
  /** Makes an empty data folder a demonstration's, for good. */
  readonly isDemonstration?: boolean
}

const ownPages = fileURLToPath(new URL('./web/dist', import.meta.url))

/** Starts the console; resolves once it answers on both ports. What was started is stopped again where a part fails. */
export async function startConsole(options: ConsoleOptions): Promise<RunningConsole> {
  const started = new AsyncDisposableStack()
  try {
    return await build(options, started)
  } catch (error) {
    await started.disposeAsync()
    throw error
  }
}

async function build(options: ConsoleOptions, started: AsyncDisposableStack): Promise<RunningConsole> {
  const { config, log } = options
  const { now, monotonicMs } = options.clock ?? ownClock
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 })
  const names = certificateNames(config)
  const lock = takeDataLock(config.dataDir)
  started.defer(() => lock.release())
  const aside = await switchIfAgreed(config.dataDir, now())
  if (aside !== null) log.warn({ aside }, 'a backup took the place of the data; what was there is aside')
  const folder = await readDataFolder(config.dataDir)
  assertDatabaseNotLost(folder)
  const failed = Promise.withResolvers<ShoukouError>()
  const store = await openSqliteStore(folder.database, failed.resolve)
  started.defer(() => store.close())
  log.info({ durability: store.durability }, 'store open')
  const isDemonstration = await openDemonstration(store, options)
  assertKeysNotLost(folder, (await store.computers()).length)
  // The signing process starts beside what follows: it takes a second.
  await mkdir(folder.keys, { recursive: true, mode: 0o700 })
  const signing = openSigner(config, folder.keys, (await store.computers()).length === 0, log)
  // Awaited below; what it fails with before that is told there.
  signing.catch(() => undefined)
  started.defer(() =>
    signing.then(
      (signer) => signer.close(),
      () => undefined,
    ),
  )
  const keys = await openKeys(folder.keys, config.unit, names, now())
  const signer = await signing
  const book = await CeilingBook.open(store)
  // Where the console ended between the two, or another signing process is in its place.
  for (const { ceiling } of book.sentTo(signer.ceilingVersion)) await signer.takeCeiling(ceiling)
  const ceiling = () => book.now
  const logKey = await openLogKey(folder.keys, (await store.checkpoints(1)).length === 0)
  const checkpoints = createCheckpoints({ store, logKey, log, now })
  await noteStart(store, { policyKey: signer.publicKey, logKeyName: checkpoints.keyName, now: now() })
  const verification = createVerification({ path: folder.database, logKey, now })
  started.defer(() => verification.close())
  // Whoever was online when the console ended has not been heard by this one.
  await store.forgetOnline()
  await store.forgetUnanswered()

  const feed = createFeed()
  const protectionKeys = protectionKeysWith(keys.protectionKey)
  const ingest = createIngest({
    store,
    feed,
    log,
    now,
    monotonicMs,
    receipts: receiptsWith(keys.receiptKey),
    protection: protectionKeys,
  })
  let agents: AgentServer | undefined
  const tellComputer = async (agent: string): Promise<void> => {
    const computer = await store.computer(agent)
    if (computer !== null) feed.publish({ kind: 'computer', computer })
  }
  const tellPolicy = async (agent: string): Promise<void> => {
    await agents?.sendPolicy(agent)
    await tellComputer(agent)
  }
  const send = (agent: string, envelope: string): boolean => agents?.sendCommand(agent, envelope) ?? false
  const media = createMedia({
    store,
    keys,
    signer,
    ceiling,
    now,
    log,
    send,
    made: tellPolicy,
  })
  const isolation = createIsolation({ store, signer, ceiling, now, send, changed: tellComputer })
  started.defer(() => media.policies.close())
  const seals = createSealRenewal({ store, signer, register: media.register, now, log })
  started.defer(() => seals.close())
  const ceilings = createCeilings({
    store,
    book,
    signer,
    now,
    due: () => media.policies.schedule(),
    brought: () => {
      agents?.sendCeilings()
      seals.due()
      return Promise.resolve()
    },
  })
  const box = watchBringBox({
    ...{ folder: config.dataDir, ceilings, store, now, log },
    write: (path, text) => writeFileAtomically(path, text),
  })
  started.defer(() => box.close())
  const archives = openArchives({ store, dataDir: config.dataDir, logKey, now })
  let forwarding: RunningForwarding | undefined
  const access = createAccess({
    store,
    now,
    log,
    isolation,
    headlineOf: (violation) => violationItem(violation).headline,
    handled: (violation) => feed.publish({ kind: 'violation-changed', violation }),
    executors: [
      restoreExecutor(config.dataDir),
      removeArchivedExecutor(archives),
      forwardEvidenceExecutor(store, async (id) => forwarding?.reload(id)),
    ],
  })
  // What was agreed to when the console ended, before anybody can ask for more.
  await access.acts.resume()
  started.defer(watchOverdue(access.acts, log))
  started.defer(watchExceptions(access.exceptions, log))

  const identity = await openIdentity({
    ...{ store, keys, feed, log, now, monotonicMs },
    agents: () => agents,
    changed: tellComputer,
  })
  started.defer(() => identity.close())

  const forwards = await openForwarding({ store, keys, config, log, now, feed })
  forwarding = forwards
  started.defer(() => forwards.close())
  const keeping = openKeeping({ store, keys, config, log, now })
  started.defer(() => keeping.close())

  const registers = openRegisters({
    ...{ store, now },
    changed: (violation) => feed.publish({ kind: 'violation', violation }),
  })
  started.defer(watchFindings(registers.findings, log))
  const enrolOne: Enrol = async (request, address) => {
    if (isDemonstration) throw noRealComputer()
    const agentPort = agents?.port ?? config.port + 1
    const raised = (violation: ViolationRow) => feed.publish({ kind: 'violation', violation })
    const known = { agentPort, now: now(), signer, ceiling: book.now, address, raised }
    const answer = await enrol(store, keys, request, known)
    media.policies.schedule()
    await registers.filing.judge(answer.agent)
    return answer
  }
  const policies = policyPort({
    ...{ store, keys, signer, ceiling, config, tellPolicy, now, isDemonstration },
    agents: () => agents,
  })
  const witnesses = createWitnesses({ store, logKey, log, now })
  const bundles = await openBundles({
    ...{ store, keys, signer, ingest, witnesses, config, log, now, policies, enrol: enrolOne },
    identity: identity.gate,
    ceilingsAfter: (version) => book.sentTo(version),
  })
  started.defer(() => bundles.close())
  const api = await createApi({
    store,
    feed,
    tls: { cert: keys.server.certificate, key: keys.server.key },
    names,
    unit: config.unit,
    level: config.level,
    webRoot: options.webRoot ?? ownPages,
    isDemonstration,
    enrol: enrolOne,
    signIn: {
      authority: keys.authority.certificate,
      keys: signInKeysOf(keys.signInKey),
      leaked: leakedPasswordsAt(join(config.dataDir, LEAKED_FILE)),
      issueCertificate: (asked, account) =>
        issueCertificate(store, keys.authority, asked, { account, now: now() }),
    },
    policies,
    bundles,
    media,
    registers,
    isolation,
    removal: (agent, challenge) => answerRemoval(protectionKeys, agent, challenge),
    ceilings,
    identities: identity.identities,
    access,
    forwarding: forwards,
    trail: { checkpoints, verification },
    keeping,
    restore: restorePort(config.dataDir, now),
    archives,
    log,
    now,
  })
  started.defer(() => api.close())
  const port = await listen(() => api.listen({ host: config.listen, port: config.port }), config.port).then(
    () => (api.server.address() as AddressInfo).port,
  )

  const agentPort = config.port === 0 ? 0 : config.port + 1
  const revoked = await identity.identities.revokedList()
  const agentServer = await listen(
    () =>
      listenForAgents({
        tls: {
          key: keys.server.key,
          certificate: keys.server.certificate,
          authority: keys.authority.certificate,
          revoked,
        },
        identity: identity.gate,
        host: config.listen,
        port: agentPort,
        store,
        ingest,
        log,
        now,
        monotonicMs,
        protection: protectionPort({ store, keys: protectionKeys, now, tellComputer, log }),
        ceilingsFor: (version) => book.sentTo(version),
        welcomed: (agent) => isolation.welcomed(agent),
        witnesses,
      }),
    agentPort,
  )
  agents = agentServer
  started.defer(() => agentServer.close())
  started.defer(
    watchSilence({
      store,
      feed,
      log,
      lastHeardMs: (agent) => agentServer.lastHeardMs(agent),
      now,
      monotonicMs,
    }),
  )
  started.defer(checkpoints.watch())
  const clocks = createClocks({ store, now, headlineOf: (violation) => violationItem(violation).headline })
  started.defer(
    watchClocks({
      ...{ store, log, clocks, now },
      raised: (violation) => feed.publish({ kind: 'violation', violation }),
      ended: (violation) => feed.publish({ kind: 'violation-changed', violation }),
    }),
  )
  started.defer(watchStops({ store, feed, log, now, monotonicMs }))
  // What an end of the console left undone, and what an earlier daily key signed.
  media.policies.schedule()
  seals.due()
  // Last: their passwords are shown only by a console that did start.
  const firstAccounts = await createFirstAccounts(store, now())
  log.info({ port, agentPort: agentServer.port }, 'console started')
  return {
    port,
    agentPort: agentServer.port,
    store,
    keys,
    signer,
    firstAccounts,
    workflows: { registers, media, access, policies },
    failed: failed.promise,
    close: async () => {
      await started.disposeAsync()
      log.info({}, 'console stopped')
    },
  }
}

const ownClock: ConsoleClock = { now: Date.now, monotonicMs: () => performance.now() }

/** Reports whether everything here is made up. @throws ShoukouError `config-invalid` where a unit's own data would become so. */
async function openDemonstration(store: Store, { isDemonstration, clock }: ConsoleOptions): Promise<boolean> {
  const isMarked = (await store.demonstrationSince()) !== null
  // Only made-up records may have made-up times.
  if (isDemonstration !== true && clock !== undefined)
    throw new ShoukouError('config-invalid', 'Only a demonstration has a clock of its own.')
  if (isDemonstration !== true || isMarked) return isMarked
  if (await store.markDemonstration(Date.now())) return true
  throw new ShoukouError(
    'config-invalid',
    'The data folder has data of a unit’s own, and is never made a demonstration; choose another one.',
  )
}

/** The signing process of this console, or the one that the unit runs under an account of its own. */
function openSigner(
  config: ConsoleConfig,
  keys: string,
  mayMakeKey: boolean,
  log: Log,
): Promise<RunningSigner> {
  if (config.signerSocket !== '') return connectSigner(config.signerSocket, log)
  return startSigner({ ...signerFiles(keys), mayMakeKey }, log)
}

function policyPort(parts: {
  readonly store: Store
  readonly keys: ConsoleKeys
  readonly signer: Signer
  readonly ceiling: () => CeilingNow
  readonly agents: () => AgentServer | undefined
  readonly config: ConsoleConfig
  readonly tellPolicy: (agent: string) => Promise<void>
  readonly now: () => number
  readonly isDemonstration: boolean
}): PolicyPort {
  const { store, keys, signer, ceiling, agents, config, tellPolicy, now, isDemonstration } = parts
  return {
    change: async (agent, change, account) => {
      const row = await changePolicy(store, agent, change, {
        account,
        signer,
        now: now(),
        ceiling: ceiling(),
      })
      await tellPolicy(agent)
      return row
    },
    sendRescan: async (agent) =>
      agents()?.sendCommand(agent, JSON.stringify(await rescanCommand(agent, signer, now()))) ?? false,
    createToken: async (request, account) => {
      if (isDemonstration) throw noRealComputer()
      const made = await createToken(store, keys, request, { account, now: now(), ceiling: ceiling() })
      const host = config.names[0] ?? config.listen
      return {
        ...made,
        command: `shoukou-agent enroll --console https://${host}:${config.port} --token ${made.token}`,
      }
    },
  }
}

/** Words a port that can't be had. */
async function listen<T>(start: () => Promise<T>, port: number): Promise<T> {
  try {
    return await start()
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') {
      throw new ShoukouError('config-invalid', `Port ${port} is in use; choose another one.`, {
        cause,
        context: { port },
      })
    }
    if (code === 'EACCES') {
      throw new ShoukouError(
        'config-invalid',
        `Port ${port} may not be used by this account; choose one above 1023.`,
        {
          cause,
        },
      )
    }
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new ShoukouError('config-invalid', 'This computer does not have the address to listen on.', {
        cause,
      })
    }
    throw cause
  }
}
