/** Builds the agent's own protection: seals, proof of life, pauses, watch over its own files. What it finds it tells. */
import { realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Fact, type FactNamed, type Position, PRODUCT_VERSION } from '@shoukou/protocol'
import type { Clock } from './base/clock.ts'
import type { Log } from './base/log.ts'
import type { StateFolder } from './base/state-folder.ts'
import type { Journal } from './journal/journal.ts'
import { Sealer } from './journal/sealer.ts'
import { LinkProof } from './link/link-proof.ts'
import type { Entry, OwnPath } from './protection/entries.ts'
import { OwnThings } from './protection/own-things.ts'
import {
  findOwnUnits,
  isOwnUnit,
  isSystemRunning,
  type OwnUnits,
  reloadUnits,
} from './protection/own-units-linux.ts'
import { digestOf, findProgram, type Program } from './protection/program-files.ts'
import { readEntry } from './protection/read-entry.ts'
import { changedSince, type Recorded, recordedFile } from './protection/recorded.ts'
import { RemovalTeller } from './protection/removal-teller.ts'
import { watchPauses } from './protection/watch-pauses-linux.ts'

const tellerStopMsMax = 3_000

export interface ProtectionOptions {
  readonly folder: StateFolder
  readonly agent: string
  readonly clock: Clock
  readonly log: Log
  readonly sealer: Sealer
  readonly journal: Journal
  readonly tell: (fact: Fact) => Promise<Position | null>
  /** Resolves to whether the console has everything up to a record, in good time. */
  readonly acknowledged: (seq: number) => Promise<boolean>
  readonly previous: FactNamed<'agent.started'>['previous']
  /** The configuration that was read; null where it was none. */
  readonly configPath: string | null
  /** The script that runs; null where a test stands for it: then program, units and pauses are nobody's. */
  readonly script: string | null
  readonly onDamaged: (path: string) => void
}

export interface Protection {
  readonly proof: LinkProof
  /** Why the agent stops, as far as the service manager says. */
  stopReason(): Promise<FactNamed<'agent.stopping'>['reason']>
  close(): Promise<void>
}

/** Opens the sealer of a journal; there may be no key for it yet. */
export async function openSealer(folder: StateFolder, agent: string, log: Log): Promise<Sealer> {
  const onFault = (fault: unknown) => log.error({ fault: String(fault) }, 'seal key not written')
  return await Sealer.open({ path: folder.sealKeyFile, agent, onFault })
}

/** Opens all of it, and tells what changed while the agent was not there. */
export async function openProtection(options: ProtectionOptions): Promise<Protection> {
  const { folder, clock, log, sealer, journal, tell, script } = options
  const proof = await LinkProof.open({ sealer, folder, log })
  if (sealer.wasDamaged || (sealer.nextIndex === null && journal.foundSeal !== null))
    void tell(sealKeyLost(folder))
  const units: OwnUnits =
    script !== null && (await isOwnUnit()) ? await findOwnUnits() : { paths: [], dropInFolders: [] }
  const program = script === null ? null : await programOf(script, log)
  const paths = [...pathsOf(options), ...units.paths, ...programPaths(program?.program ?? null)]
  const found = (await Promise.all(paths.map((own) => entryOf(own, log)))).filter((each) => each !== null)
  const recorded = await recordedFile.read(folder.protectionFile, options.onDamaged)
  const changes = changedSince(recorded, {
    agent: options.agent,
    version: PRODUCT_VERSION,
    program: program === null ? null : { ...program.program, digest: program.digest },
    entries: found,
    wasCleanStop: options.previous === 'clean-stop',
  })
  for (const change of changes) void tell(change)
  const things = new OwnThings({
    paths,
    sealedFolders: units.dropInFolders.map((dropIns) => ({ folder: dropIns, thing: 'unit' as const })),
    setAside: join(folder.root, 'set-aside'),
    tell: (fact) => void tell(fact),
    unitsRestored: async () => {
      await reloadUnits().catch((fault: unknown) =>
        log.error({ fault: String(fault) }, 'units could not be read again'),
      )
    },
    log,
  })
  await things.start()
  const record = async (): Promise<void> => {
    const value: Recorded = {
      v: 1,
      agent: options.agent,
      version: PRODUCT_VERSION,
      program: program === null ? null : { script: program.program.script, digest: program.digest },
      entries: things.entries.map(({ path, entry }) => ({ path, entry })),
    }
    const failed = (fault: unknown) => log.error({ fault: String(fault) }, 'own files not recorded')
    await recordedFile.write(folder.protectionFile, value).catch(async (fault: unknown) => {
      failed(fault)
      // An older record would accuse the agent's own work of this run: without one nothing is compared.
      await rm(folder.protectionFile, { force: true }).catch(failed)
    })
  }
  await record()
  const teller = new RemovalTeller({
    path: folder.removalFile,
    toldPath: folder.removalToldFile,
    tell,
    acknowledged: options.acknowledged,
    log,
  })
  teller.start()
  const endPauses = script === null ? () => undefined : watchPauses(clock, (fact) => void tell(fact))
  return {
    proof,
    async stopReason() {
      if (teller.isRemoving) return 'removal'
      if (script === null) return 'signal'
      const isRunning = await isSystemRunning()
      if (isRunning === null) return 'signal'
      return isRunning ? 'stopped-alone' : 'shutdown'
    },
    async close() {
      endPauses()
      await things.stop()
      await record()
      // On a full disk what it tells is never synced: that holds up no stop.
      await Promise.race([teller.stop(), sleep(tellerStopMsMax, undefined, { ref: false })])
    },
  }
}

/** What can't be read (a bad block) keeps the agent from nothing: it is not compared. */
async function entryOf(own: OwnPath, log: Log): Promise<{ own: OwnPath; entry: Entry } | null> {
  try {
    return { own, entry: (await readEntry(own.path)).entry }
  } catch (fault) {
    log.error({ path: own.path, fault: String(fault) }, 'an own file could not be read')
    return null
  }
}

/** The agent's own small files: what it holds in memory anyway is put back. */
function pathsOf({ folder, configPath }: ProtectionOptions): OwnPath[] {
  const identity = [
    folder.keyFile,
    folder.certificateFile,
    folder.authorityFile,
    folder.policyKeyFile,
    folder.identityFile,
    folder.pairFile,
    folder.spokenKeyFile,
    folder.bundleKeyFile,
    folder.removalKeyFile,
  ]
  return [
    ...identity.map((path): OwnPath => ({ thing: 'identity', path })),
    ...[folder.policyFile, folder.acceptedFile, folder.ceilingFile].map(
      (path): OwnPath => ({ thing: 'policy', path }),
    ),
    { thing: 'configuration', path: configPath ?? folder.configFile },
  ]
}

/** A package is watched while it runs; a source tree is whoever's works on it. */
function programPaths(program: Program | null): OwnPath[] {
  if (program?.kind !== 'package') return []
  return program.files.map((path) => ({ thing: 'program', path }))
}

async function programOf(
  script: string,
  log: Log,
): Promise<{ readonly program: Program; readonly digest: string } | null> {
  try {
    const program = await findProgram(await realpath(script))
    return { program, digest: await digestOf(program) }
  } catch (fault) {
    log.error({ fault: String(fault) }, 'the program could not be read')
    return null
  }
}

function sealKeyLost(folder: StateFolder): FactNamed<'agent.altered'> {
  return {
    kind: 'agent.altered',
    thing: 'state',
    what: 'seal-key-lost',
    path: folder.sealKeyFile,
    expectedHash: null,
    observedHash: null,
    found: 'at-start',
    isRestored: false,
    serviceState: null,
    account: null,
  }
}
