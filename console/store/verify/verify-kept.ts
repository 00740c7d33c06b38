/**
 * Verifies what was made of the records: the evidence chain, and that each violation, gap and policy in its own table is
 * the very one that was kept, none gone and none added.
 */
import {
  type Envelope,
  EVIDENCE_CHAIN,
  type Finding,
  ItemWalk,
  keptGap,
  keptPolicy,
  keptViolation,
  openEnvelope,
  type Policy,
} from '@shoukou/protocol'
import type { ReadOnlyDatabase } from './read-only.ts'
import { hasArchives } from './read-stubs.ts'

/** What a violation's own record gives when it is judged again. */
export type JudgedAgain =
  /** The rule makes the same violation, with the same evidence. */
  | 'same'
  /** It does not: and the record and its policy are all that the rule knows. */
  | 'otherwise'
  /** What it was made of stands in more than this record: the rule is not asked. */
  | 'needs-more'

export interface JudgeAgain {
  (violation: {
    readonly type: string
    readonly evidence: string
    readonly raw: Uint8Array
    readonly policy: Policy | null
    readonly hasEarlierJournal: boolean
  }): JudgedAgain
}

export interface KeptOptions {
  /** Ed25519, SPKI PEM: any of them may have signed a policy. None: signatures are not looked at, and that is said. */
  readonly policyKeys: readonly string[]
  /** The version of the product whose rules judge again. */
  readonly version: string
  readonly judgeAgain: JudgeAgain
  readonly walked?: (items: number) => void
}

export interface KeptResult {
  readonly items: number
  readonly violations: number
  readonly violationsOfRecords: number
  /** Their record is in an archive. */
  readonly violationsArchived: number
  /** Made again by the rule from the record and its policy alone. */
  readonly remade: number
  /** Made by another version, whose rules differ from today's. */
  readonly remadeOtherwise: number
  readonly policies: number
  readonly policiesSigned: number
}

export function verifyKept(
  database: ReadOnlyDatabase,
  options: KeptOptions,
  add: (finding: Finding) => void,
): KeptResult {
  const { connection } = database
  const { origin } = connection.prepare('select origin from trail_origin').get() as { origin: string }
  const walk = new ItemWalk({ rules: EVIDENCE_CHAIN, table: 'kept', origin, add })
  const check = new RowCheck(database, options, add)
  for (const one of connection.prepare('select seq, raw, head from kept order by seq').iterate()) {
    const item = one as unknown as { seq: number; raw: Uint8Array; head: Uint8Array }
    walk.take(item)
    check.item(item.seq, item.raw)
    options.walked?.(1)
  }
  check.end()
  return { items: walk.seq, ...check.result }
}

type Item = readonly [version: 1, kind: string, by: string, ...values: (string | number | null)[]]

class RowCheck {
  readonly #options: KeptOptions
  readonly #add: (finding: Finding) => void
  readonly #select: ReturnType<typeof selects>
  readonly #policies = new Map<string, Policy | null>()
  /** Gaps whose row says that they are settled, until what was kept says so too. */
  readonly #unsettled = new Map<string, Omit<Finding, 'kind' | 'what'>>()
  #lastViolation = 0
  #violations = 0
  #ofRecords = 0
  #archived = 0
  #remade = 0
  #otherwise = 0
  #gaps = 0
  #policyRows = 0
  #signed = 0

  constructor(database: ReadOnlyDatabase, options: KeptOptions, add: (finding: Finding) => void) {
    this.#options = options
    this.#add = add
    this.#select = selects(database)
  }

  get result(): Omit<KeptResult, 'items'> {
    return {
      violations: this.#violations,
      violationsOfRecords: this.#ofRecords,
      violationsArchived: this.#archived,
      remade: this.#remade,
      remadeOtherwise: this.#otherwise,
      policies: this.#policyRows,
      policiesSigned: this.#signed,
    }
  }

  item(seq: number, raw: Uint8Array): void {
    const item = parseItem(raw)
    if (item === null) return this.#add({ kind: 'unreadable', table: 'kept', seq, what: 'raw' })
    const [, kind, by, ...values] = item
    if (kind === 'violation') this.#violation(raw, by, values)
    else if (kind === 'gap') this.#gap(raw, by, values)
    else if (kind === 'gap-settled') this.#settled(values)
    else if (kind === 'policy') this.#policy(raw, by, values)
    else this.#add({ kind: 'unreadable', table: 'kept', seq, what: 'kind' })
  }

  /** Rows that nothing was kept of. */
  end(): void {
    this.#addedViolations(Number.MAX_SAFE_INTEGER)
    for (const where of this.#unsettled.values()) this.#add({ kind: 'altered', ...where, what: 'state' })
    const { gaps, policies } = this.#select.counts.get() as { gaps: number; policies: number }
    if (gaps > this.#gaps)
      this.#add({ kind: 'added', table: 'gaps', what: `${gaps - this.#gaps} that were never kept` })
    if (policies > this.#policyRows)
      this.#add({
        kind: 'added',
        table: 'policies',
        what: `${policies - this.#policyRows} that were never kept`,
      })
  }

  #violation(raw: Uint8Array, by: string, values: Item[3][]): void {
    const id = Number(values[0])
    this.#addedViolations(id)
    this.#lastViolation = id
    this.#violations += 1
    const row = this.#select.violation.get(id) as ViolationColumns | undefined
    if (row === undefined) {
      return this.#add({
        kind: 'missing',
        table: 'violations',
        agent: String(values[1]),
        seq: id,
        what: String(values[3]),
      })
    }
    const where = { table: 'violations', agent: row.agent, seq: id }
    if (Buffer.compare(keptViolation(row, by), raw) !== 0) {
      return this.#add({ kind: 'altered', ...where, what: differing(row, values) })
    }
    if (row.epoch === null || row.seq === null) return
    if (this.#select.archived?.get(row.agent, row.epoch, row.seq) !== undefined) {
      this.#archived += 1
      return
    }
    this.#ofRecords += 1
    const record = this.#select.record.get(row.agent, row.epoch, row.seq) as
      | { raw: Uint8Array; earlier: number }
      | undefined
    if (record === undefined) {
      return this.#add({
        kind: 'missing',
        table: 'records',
        agent: row.agent,
        epoch: row.epoch,
        seq: row.seq,
        what: `the record of violation ${id}`,
      })
    }
    const judged = this.#options.judgeAgain({
      type: row.type,
      evidence: row.evidence,
      raw: record.raw,
      policy: this.#policyOf(row.agent, row.policyVersion),
      hasEarlierJournal: record.earlier === 1,
    })
    if (judged === 'same') this.#remade += 1
    else if (judged === 'otherwise') {
      if (by !== this.#options.version) this.#otherwise += 1
      else this.#add({ kind: 'not-remade', ...where, what: row.type })
    }
  }

  #addedViolations(before: number): void {
    for (const one of this.#select.violationsBetween.iterate(this.#lastViolation, before)) {
      const { id, agent, type } = one as { id: number; agent: string; type: string }
      this.#add({ kind: 'added', table: 'violations', agent, seq: id, what: type })
    }
  }

  #gap(raw: Uint8Array, by: string, values: Item[3][]): void {
    this.#gaps += 1
    const [agent = null, epoch = null, firstSeq = null] = values
    const row = this.#select.gap.get(agent, epoch, firstSeq) as GapColumns | undefined
    const where = { table: 'gaps', agent: String(agent), epoch: String(epoch), seq: Number(firstSeq) }
    if (row === undefined) return this.#add({ kind: 'missing', ...where, what: 'gap' })
    if (Buffer.compare(keptGap(row, by), raw) !== 0) this.#add({ kind: 'altered', ...where, what: 'gap' })
    if (row.state !== 'pending')
      this.#unsettled.set(JSON.stringify([agent, epoch, firstSeq, row.state]), where)
  }

  #settled(values: Item[3][]): void {
    const [agent = null, epoch = null, firstSeq = null, state] = values
    if (this.#unsettled.delete(JSON.stringify([agent, epoch, firstSeq, state]))) return
    const row = this.#select.gap.get(agent, epoch, firstSeq) as GapColumns | undefined
    // One that is gone was told already.
    if (row === undefined) return
    this.#add({
      kind: 'altered',
      table: 'gaps',
      agent: String(agent),
      epoch: String(epoch),
      seq: Number(firstSeq),
      what: 'state',
    })
  }

  #policy(raw: Uint8Array, by: string, values: Item[3][]): void {
    this.#policyRows += 1
    const [agent = null, version = null] = values
    const row = this.#select.policy.get(agent, version) as Parameters<typeof keptPolicy>[0] | undefined
    const where = { table: 'policies', agent: String(agent), seq: Number(version) }
    if (row === undefined) return this.#add({ kind: 'missing', ...where, what: 'policy' })
    if (Buffer.compare(keptPolicy(row, by), raw) !== 0)
      return this.#add({ kind: 'altered', ...where, what: 'policy' })
    if (this.#options.policyKeys.length === 0) return
    const payload = this.#opened(row.envelope)
    if (payload === null)
      return this.#add({ kind: 'signature', ...where, what: 'no known key signed the policy' })
    this.#signed += 1
    const said = JSON.parse(payload.toString('utf8')) as Partial<Policy>
    const isSame =
      said.agent === row.agent &&
      said.version === row.version &&
      JSON.stringify(said.settings) === row.settings
    if (!isSame) this.#add({ kind: 'column-altered', ...where, what: 'settings' })
  }

  #opened(envelope: string): Buffer | null {
    try {
      const parsed = JSON.parse(envelope) as Envelope
      for (const key of this.#options.policyKeys) {
        const payload = openEnvelope('policy', parsed, key)
        if (payload !== null) return payload
      }
      return null
    } catch {
      return null
    }
  }

  #policyOf(agent: string, version: number): Policy | null {
    const name = `${version} ${agent}`
    const known = this.#policies.get(name)
    if (known !== undefined) return known
    const row = this.#select.policy.get(agent, version) as { envelope: string } | undefined
    let policy: Policy | null = null
    try {
      if (row !== undefined)
        policy = JSON.parse(
          Buffer.from((JSON.parse(row.envelope) as Envelope).payload, 'base64').toString('utf8'),
        ) as Policy
    } catch {
      // Told where the policies themselves are verified.
      policy = null
    }
    if (this.#policies.size >= policiesKept) this.#policies.clear()
    this.#policies.set(name, policy)
    return policy
  }
}

/** Those of a computer's violations come together: few policies are asked for often. */
const policiesKept = 256

type GapColumns = Parameters<typeof keptGap>[0] & { readonly state: string }
type ViolationColumns = Parameters<typeof keptViolation>[0]

const violationColumns = [
  'id',
  'agent',
  'key',
  'type',
  'severity',
  'level',
  'policyVersion',
  'evidence',
  'epoch',
  'seq',
  'occurredAt',
  'receivedAt',
] as const satisfies readonly (keyof ViolationColumns)[]

function differing(row: ViolationColumns, values: readonly unknown[]): string {
  return violationColumns.filter((column, index) => row[column] !== values[index]).join(', ')
}

function parseItem(raw: Uint8Array): Item | null {
  try {
    const item = JSON.parse(Buffer.from(raw).toString('utf8')) as unknown
    return Array.isArray(item) && item[0] === 1 && typeof item[1] === 'string' && typeof item[2] === 'string'
      ? (item as unknown as Item)
      : null
  } catch {
    return null
  }
}

function selects(database: ReadOnlyDatabase) {
  const { connection } = database
  const violation = `select id, agent, key, type, severity, level, policy_version "policyVersion", evidence, epoch, seq,
    occurred_at "occurredAt", received_at "receivedAt" from violations`
  return {
    violation: connection.prepare(`${violation} where id = ?`),
    archived: hasArchives(database)
      ? connection.prepare(
          'select 1 from stubs where agent = ?1 and epoch = ?2 and first_seq <= ?3 and last_seq >= ?3',
        )
      : null,
    violationsBetween: connection.prepare(
      'select id, agent, type from violations where id > ? and id < ? order by id',
    ),
    record: connection.prepare(
      `select r.raw, exists (select 1 from journals e where e.agent = j.agent and e.id < j.id) earlier
       from journals j join records r on r.journal = j.id and r.seq = ?3 where j.agent = ?1 and j.epoch = ?2`,
    ),
    gap: connection.prepare(
      `select agent, epoch, first_seq "firstSeq", last_seq "lastSeq", noticed_at "noticedAt",
         declare_by_seq "declareBySeq", head_before "headBefore", state from gaps where agent = ? and epoch = ? and first_seq = ?`,
    ),
    policy: connection.prepare(
      `select agent, version, created_at "createdAt", created_by "createdBy", reason, envelope, settings from policies
         where agent = ? and version = ?`,
    ),
    counts: connection.prepare(
      'select (select count(*) from gaps) gaps, (select count(*) from policies) policies',
    ),
  }
}
