/**
 * Which entry of the register an agent's computer is, and what it means where there is none: `unregistered-computer` begins and
 * ends here.
 */
import { ShoukouError } from '@shoukou/protocol'
import { ENDED_STATES, FILED_STATES } from '../../ledger/computers.ts'
import { severityOf } from '../../rules/judge.ts'
import { type FilingStanding, filingStanding, unfiledComputer } from '../../rules/unfiled.ts'
import type { AgentEntryRow, LedgerEntryRow, LedgerPageRows, LedgerPlace } from '../../store/ledger-ports.ts'
import { plainLedgerNumber } from '../../store/ledger-text.ts'
import type { ComputerRow, Store, ViolationRow } from '../../store/ports.ts'
import { reasonOf } from './faults.ts'

export interface FoundEntry {
  readonly entry: LedgerEntryRow | null
  /** How it was found: the number of the agent, or because a person said so. */
  readonly by: 'number' | 'person'
}

export interface UnfiledComputer {
  readonly computer: ComputerRow
  /** `none`: no entry. */
  readonly state: string
  readonly standing: Exclude<FilingStanding, 'filed'>
}

export interface Filing {
  /** Looks at an agent anew: after it enrolled, after its entry or its link was written. */
  judge(agent: string): Promise<void>
  /** The same for every agent that one of these entries is, or was said to be. */
  entriesWritten(numbers: readonly string[]): Promise<void>
  entryOf(computer: Pick<ComputerRow, 'agent' | 'number'>): Promise<FoundEntry>
  agentOf(number: string): Promise<{ readonly computer: ComputerRow; readonly by: FoundEntry['by'] } | null>
  /** Computers in force that are not filed. */
  unfiled(): Promise<readonly UnfiledComputer[]>
  /** Says which entry an agent's computer is; null: none of them. */
  link(
    agent: string,
    number: string | null,
    by: { readonly account: string; readonly reason: string },
  ): Promise<void>
}

export interface FilingOptions {
  readonly store: Store
  readonly now: () => number
  readonly changed: (violation: ViolationRow) => void
}

const register = 'computers'
const historyMax = 200
const entriesPerPage = 2_000

export function createFiling({ store, now, changed }: FilingOptions): Filing {
  const entryBy = async (said: AgentEntryRow | null, number: string): Promise<FoundEntry> => {
    if (said === null) return { entry: await store.ledgerEntry(register, number), by: 'number' }
    const entry = said.number === null ? null : await store.ledgerEntry(register, said.number)
    return { entry, by: 'person' }
  }
  const entryOf: Filing['entryOf'] = async ({ agent, number }) =>
    entryBy(await store.agentEntry(agent), number)

  const agentsOf = async (numbers: readonly string[]) => {
    const said = new Map((await store.agentEntries()).map((one) => [one.agent, one]))
    const wanted = new Set(numbers.map((number) => number.toLowerCase()))
    return (await store.computers()).flatMap((computer) => {
      const one = said.get(computer.agent)
      const called = one === undefined ? computer.number : one.number
      const by: FoundEntry['by'] = one === undefined ? 'number' : 'person'
      return called !== null && called !== undefined && wanted.has(called.toLowerCase())
        ? [{ computer, by }]
        : []
    })
  }

  /** Of all computers in the register: thousands of questions would keep everybody else waiting. */
  const statesOfEntries = async (): Promise<ReadonlyMap<string, string>> => {
    const states = new Map<string, string>()
    let after: LedgerPlace | null = null
    do {
      const page: LedgerPageRows = await store.ledgerEntries({
        ...{ filter: { kind: register }, sort: 'number', isDescending: false, limit: entriesPerPage },
        ...(after === null ? {} : { after }),
      })
      for (const { number, state } of page.entries) states.set(plainLedgerNumber(number), state)
      after = page.next
    } while (after !== null)
    return states
  }

  const endedAt = async ({ kind, number, createdAt }: LedgerEntryRow): Promise<number> => {
    const history = await store.ledgerHistory(kind, number, historyMax)
    return history.find((event) => event.kind === 'state-changed')?.at ?? createdAt
  }

  const judge: Filing['judge'] = async (agent) => {
    const computer = await store.computer(agent)
    if (computer === null || (computer.retiredAt ?? null) !== null) return
    const { entry } = await entryOf(computer)
    const standing = filingStanding({
      isFiled: entry !== null && FILED_STATES.has(entry.state),
      enrolledAt: computer.enrolledAt,
      firstEntryAt: await store.firstLedgerEntryAt(register),
    })
    if (standing === 'filed') {
      for (const ended of await store.endLasting(agent, 'unregistered-computer', now())) changed(ended)
      return
    }
    if (standing === 'before') return
    // What was retired and not heard of since is as it should be; heard of again, it is in use and not filed.
    if (
      entry !== null &&
      ENDED_STATES.has(entry.state) &&
      (computer.lastSeenAt ?? 0) <= (await endedAt(entry))
    )
      return
    const judgement = unfiledComputer({
      agent,
      hostname: computer.hostname,
      hardware: (await store.hardware(agent))?.facts ?? [],
      account: (await store.policies(agent)).at(-1)?.createdBy ?? '',
      enrolledAt: computer.enrolledAt,
    })
    const added = await store.addViolation(
      agent,
      {
        key: `${judgement.type}:${now()}`,
        type: judgement.type,
        severity: severityOf(judgement),
        level: computer.level,
        policyVersion: computer.policyVersion,
        evidence: JSON.stringify(judgement.evidence),
        epoch: null,
        seq: null,
        occurredAt: now(),
        lasting: judgement.type,
      },
      now(),
    )
    if (added !== null) changed(added)
  }

  return {
    judge,
    entryOf,
    entriesWritten: async (numbers) => {
      for (const { computer } of await agentsOf(numbers)) await judge(computer.agent)
    },
    agentOf: async (number) => (await agentsOf([number])).at(-1) ?? null,
    unfiled: async () => {
      const firstEntryAt = await store.firstLedgerEntryAt(register)
      const said = new Map((await store.agentEntries()).map((one) => [one.agent, one]))
      const states = await statesOfEntries()
      const found: UnfiledComputer[] = []
      for (const computer of await store.computers()) {
        const one = said.get(computer.agent)
        const number = one === undefined ? computer.number : one.number
        const state = number === null ? undefined : states.get(plainLedgerNumber(number))
        const isFiled = state !== undefined && FILED_STATES.has(state)
        const { enrolledAt } = computer
        const standing = filingStanding({ isFiled, enrolledAt, firstEntryAt })
        if (standing !== 'filed') found.push({ computer, state: state ?? 'none', standing })
      }
      return found
    },
    link: async (agent, number, { account, reason }) => {
      const why = reasonOf(reason)
      if ((await store.computer(agent)) === null)
        throw new ShoukouError(
          'not-found',
          'No computer is enrolled under this name; see the list of computers.',
        )
      const entry = number === null ? null : await store.ledgerEntry(register, number)
      if (number !== null && entry === null)
        throw new ShoukouError('not-found', `The register has no computer ${number}; register it first.`)
      await store.setAgentEntry({ agent, number: entry?.number ?? null, at: now(), account, reason: why })
      await judge(agent)
    },
  }
}
