/** Reads what findings are made of, in steps that let others in between: the store answers nothing else while it reads. */
import type { FieldValues } from '../../ledger/fields.ts'
import { LEDGER_KINDS } from '../../ledger/fields.ts'
import type { RealEntry, Reality, RealMedium } from '../../ledger/reality.ts'
import type { LedgerPlace } from '../../store/ledger-ports.ts'
import type { Store } from '../../store/ports.ts'
import { FINDING_LIMITS } from './limits.ts'
import type { MeasuredWatch, WatchedAgent } from './measured-watch.ts'

/** Returns what registers and agents say now. `unregisteredSince`: older sightings of unregistered media are past. */
export async function gatherReality(
  store: Store,
  measured: MeasuredWatch,
  unregisteredSince: number,
): Promise<Reality> {
  const entries: RealEntry[] = []
  const statesSince = new Map((await store.computerStatesSince()).map(({ number, at }) => [number, at]))
  for (const kind of LEDGER_KINDS) {
    for (const one of await entriesOf(store, kind)) {
      const stateSince = kind === 'computers' ? statesSince.get(one.number) : undefined
      entries.push(stateSince === undefined ? one : { ...one, stateSince })
    }
  }
  const agents = await agentsOf(store)
  return {
    entries,
    agents,
    measured: await measured.look(entries, agents),
    media: await mediaOf(store),
    unregistered: await store.seenUnregistered(unregisteredSince, FINDING_LIMITS.unregisteredMax),
  }
}

async function entriesOf(store: Store, kind: (typeof LEDGER_KINDS)[number]): Promise<readonly RealEntry[]> {
  const found: RealEntry[] = []
  const page = {
    filter: { kind },
    sort: 'number',
    isDescending: false,
    limit: FINDING_LIMITS.pageRows,
  } as const
  let after: LedgerPlace | null = null
  do {
    const { entries, next } = await store.ledgerEntries(after === null ? page : { ...page, after })
    for (const one of entries) found.push({ ...one, kind, fields: one.fields as FieldValues })
    after = next
  } while (after !== null && found.length < FINDING_LIMITS.entriesMax)
  return found
}

async function agentsOf(store: Store): Promise<readonly WatchedAgent[]> {
  const said = new Map((await store.agentEntries()).map(({ agent, number }) => [agent, number]))
  const computers = await store.computers()
  return computers
    .filter(({ revokedAt = null, retiredAt = null }) => revokedAt === null && retiredAt === null)
    .map(({ agent, number, department, enrolledAt, lastSeenAt, level, networkMode, policyVersion }) => ({
      ...{ agent, number, department, enrolledAt, lastSeenAt },
      computer: { agent, enrolledAt, level, networkMode, policyVersion },
      ...(said.has(agent) ? { saidToBe: said.get(agent) ?? null } : {}),
    }))
}

async function mediaOf(store: Store): Promise<readonly RealMedium[]> {
  const seen = new Map((await store.seenNumbers()).map((one) => [one.number, one]))
  const media: RealMedium[] = []
  for (let afterId = 0; media.length < FINDING_LIMITS.entriesMax; ) {
    const rows = await store.leanMedia(afterId, FINDING_LIMITS.pageRows)
    for (const { id, ...row } of rows) {
      afterId = id
      const last = seen.get(row.number)
      media.push({
        ...row,
        lastSeenAt: last?.receivedAt ?? null,
        lastSeenAtComputer: last?.computer ?? null,
        marks:
          last === undefined || last.sealLevel === null
            ? []
            : [{ by: 'seal', level: last.sealLevel, at: last.receivedAt }],
      })
    }
    if (rows.length < FINDING_LIMITS.pageRows) break
  }
  return media
}
