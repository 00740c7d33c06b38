/**
 * What the register says of a computer beside what the computer tells of itself, and where the two differ. Pure.
 *
 * A difference is a finding for a person to look into: a disk that the agent could not read is no disk that is missing.
 */
import type { Level } from '@shoukou/protocol/levels.ts'
import { isTexts, plainMac } from './check-entry.ts'
import { type FieldValue, type FieldValues, isEmpty } from './fields.ts'

/** One telling of the computer of itself, at a time of the console's clock. */
export interface Telling {
  readonly at: number
  readonly disks: readonly string[]
  readonly brand: string
  readonly model: string
  readonly os: string
}

export interface Measured {
  /** Newest first; empty: it never told. */
  readonly tellings: readonly Telling[]
  /** MAC addresses of what is built in, now; null: not told. */
  readonly macs: readonly string[] | null
  readonly macsAt: number | null
  /** Those that it had when it enrolled. */
  readonly macsAtEnrolment: readonly string[]
  readonly enrolledAt: number
  readonly level: Level
  readonly networkMode: string
  /** Since when the policy says so. */
  readonly levelSince: number | null
  readonly networkModeSince: number | null
  /** A part of the machine itself is another one than at enrolment, since then at the latest. */
  readonly machineChangedAt: number | null
}

export interface ComparedRow {
  readonly field: string
  readonly registered: readonly string[]
  readonly measured: readonly string[] | null
}

export type DifferenceName =
  | 'disk-missing'
  | 'disk-unknown'
  | 'card-missing'
  | 'card-unknown'
  | 'level'
  | 'network-mode'
  | 'os'
  | 'hardware-changed'

export interface Difference {
  readonly kind: DifferenceName
  readonly field: string
  readonly registered: string | null
  readonly measured: string | null
  readonly since: number | null
}

export interface RegisteredComputer {
  readonly level: Level | null
  readonly fields: FieldValues
}

/** Compares a computer's entry with what its agent told. */
export function compareMeasured(
  entry: RegisteredComputer,
  measured: Measured,
): { readonly rows: readonly ComparedRow[]; readonly differences: readonly Difference[] } {
  const { fields, level } = entry
  const newest = measured.tellings[0] ?? null
  const told = (text: string | undefined) => (newest === null || text === undefined ? null : filled(text))
  const rows: ComparedRow[] = [
    { field: 'level', registered: level === null ? [] : [level], measured: [measured.level] },
    {
      field: 'networkMode',
      registered: textsOf(fields['networkMode']),
      measured: [measured.networkMode],
    },
    { field: 'diskSerials', registered: textsOf(fields['diskSerials']), measured: newest?.disks ?? null },
    { field: 'macs', registered: textsOf(fields['macs']), measured: measured.macs },
    { field: 'brand', registered: textsOf(fields['brand']), measured: told(newest?.brand) },
    { field: 'model', registered: textsOf(fields['model']), measured: told(newest?.model) },
    { field: 'os', registered: textsOf(fields['os']), measured: told(newest?.os) },
  ]
  const differences = [
    ...diskDifferences(textsOf(fields['diskSerials']), measured.tellings),
    ...cardDifferences(textsOf(fields['macs']), measured),
    ...policyDifferences(entry, measured),
    ...systemDifference(fields['os'] ?? null, measured.tellings),
    ...(measured.machineChangedAt === null
      ? []
      : [difference('hardware-changed', 'model', null, null, measured.machineChangedAt)]),
  ]
  return { rows, differences }
}

function diskDifferences(registered: readonly string[], tellings: readonly Telling[]): Difference[] {
  const newest = tellings[0]
  // A register without serial numbers says nothing that could differ; nor does a machine that names none.
  if (newest === undefined || registered.length === 0 || newest.disks.length === 0) return []
  const known = new Set(registered.map(plainSerial))
  const present = new Set(newest.disks.map(plainSerial))
  return [
    ...registered
      .filter((serial) => !present.has(plainSerial(serial)))
      .map((serial) => {
        const since = sinceWhen(tellings, ({ disks }) => !disks.some((one) => sameSerial(one, serial)))
        return difference('disk-missing', 'diskSerials', serial, null, since)
      }),
    ...newest.disks
      .filter((serial) => !known.has(plainSerial(serial)))
      .map((serial) => {
        const since = sinceWhen(tellings, ({ disks }) => disks.some((one) => sameSerial(one, serial)))
        return difference('disk-unknown', 'diskSerials', null, serial, since)
      }),
  ]
}

function cardDifferences(registered: readonly string[], measured: Measured): Difference[] {
  const { macs, macsAt, macsAtEnrolment, enrolledAt } = measured
  if (macs === null || registered.length === 0) return []
  const known = new Set(registered.map(plainMac))
  const present = new Set(macs.map(plainMac))
  const atEnrolment = new Set(macsAtEnrolment.map(plainMac))
  return [
    ...registered
      .filter((mac) => !present.has(plainMac(mac)))
      .map((mac) => {
        const since = atEnrolment.has(plainMac(mac)) ? macsAt : enrolledAt
        return difference('card-missing', 'macs', mac, null, since)
      }),
    ...[...present]
      .filter((mac) => !known.has(mac))
      .map((mac) =>
        difference('card-unknown', 'macs', null, mac, atEnrolment.has(mac) ? enrolledAt : macsAt),
      ),
  ]
}

function policyDifferences({ level, fields }: RegisteredComputer, measured: Measured): Difference[] {
  const found: Difference[] = []
  if (level !== null && level !== measured.level)
    found.push(difference('level', 'level', level, measured.level, measured.levelSince))
  const mode = fields['networkMode']
  if (typeof mode === 'string' && mode !== measured.networkMode)
    found.push(
      difference('network-mode', 'networkMode', mode, measured.networkMode, measured.networkModeSince),
    )
  return found
}

function systemDifference(registered: FieldValue, tellings: readonly Telling[]): Difference[] {
  const newest = tellings[0]
  if (typeof registered !== 'string' || newest === undefined || newest.os === '') return []
  const plain = (text: string) => text.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, '')
  const [said, told] = [plain(registered), plain(newest.os)]
  // People write less of a name than the system does, or more.
  if (said.includes(told) || told.includes(said)) return []
  const since = sinceWhen(tellings, ({ os }) => plain(os) === told)
  return [difference('os', 'os', registered, newest.os, since)]
}

/** The oldest of the newest tellings in a row of which something is true. */
function sinceWhen(tellings: readonly Telling[], isSo: (telling: Telling) => boolean): number | null {
  let since: number | null = null
  for (const telling of tellings) {
    if (!isSo(telling)) break
    since = telling.at
  }
  return since
}

function difference(
  kind: DifferenceName,
  field: string,
  ...[registered, measured, since]: readonly [string | null, string | null, number | null]
): Difference {
  return { kind, field, registered, measured, since }
}

function plainSerial(text: string): string {
  return text.normalize('NFKC').replaceAll(/\s/g, '').toLowerCase()
}

function sameSerial(a: string, b: string): boolean {
  return plainSerial(a) === plainSerial(b)
}

function filled(text: string): readonly string[] {
  return text === '' ? [] : [text]
}

function textsOf(value: FieldValue | undefined): readonly string[] {
  if (value === undefined || isEmpty(value)) return []
  if (isTexts(value)) return value
  return typeof value === 'string' ? [value] : [JSON.stringify(value)]
}
