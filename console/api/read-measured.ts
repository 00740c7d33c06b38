/** Reads what an agent told of its computer, to stand beside what the register says of it. */
import { parseRecord, type RawText, ShoukouError, showRawText } from '@shoukou/protocol'
import { isStableHardware } from '@shoukou/protocol/identity/hardware-parts.ts'
import type { FieldValues } from '../ledger/fields.ts'
import { compareMeasured, type Measured, type Telling } from '../ledger/measured.ts'
import type { LedgerEntryRow } from '../store/ledger-ports.ts'
import type { ComputerRow, PolicyRow, Store } from '../store/ports.ts'
import { policyOf } from '../workflows/policies.ts'
import type { Filing } from '../workflows/registers/filing.ts'
import type { MeasuredAnswer } from './contract-registers.ts'

const tellingsMax = 50

export async function readMeasured(
  store: Store,
  filing: Filing,
  entry: LedgerEntryRow,
): Promise<MeasuredAnswer> {
  const found = await filing.agentOf(entry.number)
  const { number } = entry
  if (found === null)
    return { number, agent: null, linkedBy: null, measuredAt: null, rows: [], differences: [] }
  const { computer, by } = found
  const measured = await measuredOf(store, computer)
  const compared = compareMeasured({ level: entry.level, fields: entry.fields as FieldValues }, measured)
  return {
    number,
    agent: computer.agent,
    linkedBy: by,
    measuredAt: measured.tellings[0]?.at ?? measured.macsAt,
    rows: compared.rows.map(({ field, registered, measured: told }) => ({
      field,
      registered: [...registered],
      measured: told === null ? null : [...told],
    })),
    differences: compared.differences.map((one) => ({ ...one })),
  }
}

async function measuredOf(store: Store, computer: ComputerRow): Promise<Measured> {
  const { agent } = computer
  const [inventories, policies, facts, hardware] = await Promise.all([
    store.inventories(agent, tellingsMax),
    store.policies(agent),
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
    levelSince: sinceOf(policies, ({ settings }) => settings.level),
    networkModeSince: sinceOf(policies, ({ settings }) => settings.networkMode),
    machineChangedAt: isChanged ? (hardware?.toldAt ?? null) : null,
  }
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
