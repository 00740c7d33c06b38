/** An agent's link with everything behind it but the sensors, against a stand-in console. */
import { type Fact, LIMITS, type SensorName } from '@shoukou/protocol'
import { onTestFinished } from 'vitest'
import { createLog } from '../base/log.ts'
import { stateFolder } from '../base/state-folder.ts'
import { createJournal } from '../journal/epoch-folder.ts'
import type { Journal } from '../journal/journal.ts'
import { openJournal } from '../journal/open-journal.ts'
import { makeKeyAndRequest } from '../link/certificate-request.ts'
import { CommandStore } from '../link/command-store.ts'
import { type Identity, writeIdentity } from '../link/identity.ts'
import { Link, type LinkOptions } from '../link/link.ts'
import { PolicyStore, writePolicy } from '../link/policy-store.ts'
import { makeFolderForTest } from './journal-bench.ts'
import { type StandInConsole, startStandInConsole } from './stand-in-console.ts'
import { makeTestAuthority, type TestAuthority } from './test-authority.ts'
import { buildFact, testAgent } from './test-facts.ts'

export interface EnrolledFolder {
  readonly authority: TestAuthority
  readonly identity: Identity
  readonly stateDir: string
}

/** Makes a state folder as enrolment leaves it. */
export async function makeEnrolledFolder(
  agentPort: number,
  authority: TestAuthority,
): Promise<EnrolledFolder> {
  const stateDir = await makeFolderForTest()
  const folder = stateFolder(stateDir)
  const { key, request } = await makeKeyAndRequest()
  const identity: Identity = {
    v: 1,
    agent: testAgent,
    computer: 'JM-0001',
    host: 'localhost',
    agentPort,
    consoleUrl: 'https://localhost:1',
    key,
    certificate: await authority.agent(request),
    authority: authority.certificate,
    policyKey: authority.policyKey.publicKey,
  }
  await writePolicy(folder, authority.policy(testAgent, 1), 1)
  await createJournal(folder.journal)
  await writeIdentity(folder, identity)
  return { authority, identity, stateDir }
}

export interface LinkBench {
  readonly link: Link
  readonly journal: Journal
  readonly console: StandInConsole
  readonly authority: TestAuthority
  readonly policy: PolicyStore
  readonly stateDir: string
  readonly carriedOut: string[]
  readonly tell: (fact: Fact) => Promise<unknown>
}

/** Starts a link whose journal holds its opening record. */
export async function startLinkBench(
  prepare?: (journal: Journal, console: StandInConsole) => Promise<void> | void,
  more: Partial<Pick<LinkOptions, 'carryOut' | 'proof' | 'witness'>> = {},
): Promise<LinkBench> {
  const authority = await makeTestAuthority()
  const peer = await startStandInConsole(authority)
  const { identity, stateDir } = await makeEnrolledFolder(peer.port, authority)
  const folder = stateFolder(stateDir)
  const log = createLog('error', () => {})
  const journal = await openJournal({
    folder: folder.journal,
    agent: testAgent,
    bytesMax: LIMITS.journalBytesMax,
    segmentBytesMax: 16_384,
    buildOwn: buildFact,
    wallMs: Date.now,
    log,
  })
  await prepare?.(journal, peer)
  const policy = await PolicyStore.open(folder, identity, () => {})
  const commands = await CommandStore.open(folder, { owner: identity, rules: policy }, () => {})
  const carriedOut: string[] = []
  const tell = (fact: Fact) => journal.append(fact.kind, JSON.stringify(fact).length + 500, buildFact(fact))
  const link = new Link({
    identity,
    journal,
    policy,
    commands,
    clock: { wallMs: Date.now, bootMs: () => performance.now(), bootId: 'boot' },
    log,
    coverage: () => [
      { sensor: 'usb' satisfies SensorName, state: 'watching', method: 'test', reason: null, remedy: null },
    ],
    tell,
    carryOut: (command) => {
      carriedOut.push(command.id)
      return Promise.resolve('done')
    },
    onChange: () => {},
    ...more,
  })
  onTestFinished(async () => {
    await link.stop()
    await journal.close()
    await peer.close()
  })
  link.start()
  return { link, journal, console: peer, authority, policy, stateDir, carriedOut, tell }
}
