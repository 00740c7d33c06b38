/** Reads what an agent told of its computer, to be compared with what the register says of it: `ledger/measured.ts`. */
import { parseRecord, type RawText, ShoukouError, showRawText } from '@shoukou/protocol'
import { isStableHardware } from '@shoukou/protocol/identity/hardware-parts.ts'
import type { Measured, Telling } from '../../ledger/measured.ts'
import type { ComputerRow, PolicyRow, Store } from '../../store/ports.ts'
import { policyOf } from '../policies.ts'

const tellingsMax = 50
const firstVersion = 1

/** As much of a computer as this needs. */
export type MeasuredComputer = Pick<ComputerRow, 'agent' | 'enrolledAt' | 'level' | 'networkMode'>

/** `withPolicies`: also since when level and network mode are what they are; every version of the policy is read for it. */
export async function readMeasured(
  store: Store,
  computer: MeasuredComputer,
  { withPolicies }: { readonly withPolicies: boolean },
): Promise<Measured> {
  const { agent } = computer
  const [inventories, policies, facts, hardware] = await Promise.all([
    store.inventories(agent, tellingsMax),
    withPolicies ? store.policies(agent) : firstOf(store, agent),
    store.networkFacts(agent, ['picture']),
    store.hardware(agent),
  ])
  const first = policies.at(-1)
  const atEnrolment = first === undefined ? [] : policyOf(first).baseline.interfaces
  const picture = facts[0] ?? null
  const macs = picture === null ? null : await readMacs(store, agent, picture)
  const isChanged =
    hardware?.facts.some(
      ({ part, isBaseline, isPresent }) => isStableHardware(part) && isBaseline !== isPresent,
    ) === true
  return {
    tellings: inventories.flatMap(({ receivedAt, raw }) => tellingOf(receivedAt, raw) ?? []),
    macs: macs ?? (atEnrolment.length === 0 ? null : atEnrolment.flatMap(({ mac }) => mac ?? [])),
    macsAt: macs === null ? computer.enrolledAt : (picture?.receivedAt ?? null),
    macsAtEnrolment: atEnrolment.flatMap(({ mac }) => mac ?? []),
    enrolledAt: computer.enrolledAt,
    level: computer.level,
    networkMode: computer.networkMode,
    levelSince: withPolicies ? sinceOf(policies, ({ settings }) => settings.level) : null,
    networkModeSince: withPolicies ? sinceOf(policies, ({ settings }) => settings.networkMode) : null,
    machineChangedAt: isChanged ? (hardware?.toldAt ?? null) : null,
  }
}

async function firstOf(store: Store, agent: string): Promise<readonly PolicyRow[]> {
  const first = await store.policy(agent, firstVersion)
  return first === null ? [] : [first]
}

/** Since when policies, newest first, say what they say now. */
function sinceOf(policies: readonly PolicyRow[], partOf: (row: PolicyRow) => string): number | null {
  const [newest] = policies
  if (newest === undefined) return null
  const other = policies.findIndex((row) => partOf(row) !== partOf(newest))
  return (other === -1 ? policies.at(-1) : policies[other - 1])?.createdAt ?? null
}

async function readMacs(
  store: Store,
  agent: string,
  { epoch, seq }: { readonly epoch: string; readonly seq: number },
): Promise<readonly string[] | null> {
  const stored = await store.record(agent, epoch, seq)
  const record = stored === null ? null : parsed(stored.raw)
  if (record?.fact.kind !== 'network.picture') return null
  return record.fact.picture.interfaces.flatMap(({ mac, nature, usbPath }) =>
    // What is plugged in is told elsewhere; a register has what is built in.
    mac === null || nature !== 'physical' || usbPath !== null ? [] : [mac],
  )
}

function tellingOf(at: number, raw: Uint8Array): Telling | null {
  const fact = parsed(raw)?.fact
  if (fact?.kind !== 'host.inventory') return null
  return {
    at,
    disks: fact.disks.map(({ serial }) => shown(serial)).filter((serial) => serial !== ''),
    brand: shown(fact.manufacturer),
    model: shown(fact.model),
    os: shown(fact.operatingSystem),
  }
}

function shown(text: RawText): string {
  return showRawText(text)
}

/** A record of a newer agent tells nothing here; it stands in the records. */
function parsed(raw: Uint8Array): ReturnType<typeof parseRecord> | null {
  try {
    return parseRecord(raw)
  } catch (error) {
    if (error instanceof ShoukouError) return null
    throw error
  }
}
