/**
 * Stores one batch of one agent: records, violations, gaps and the journal's new end, all or nothing.
 *
 * Synchronous on purpose: one transaction with no await in it can't be interleaved with another. The unique keys, not
 * this code's care, are what makes a record exist once.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { keptGap, keptGapSettled, keptViolation, PRODUCT_VERSION, ShoukouError } from '@shoukou/protocol'
import type { IngestBatch, IngestResult, NewEnding, NewViolation, ViolationRow } from '../ports.ts'
import { type ViolationColumns, violationRow } from '../rows.ts'
import { coverageNoter } from './coverage-notes.ts'
import { type Keep, keeperIn } from './kept.ts'
import { networkWriter, type WriteNetwork } from './network-writer.ts'
import { sealNoter } from './seal-notes.ts'
import { protectionWriter, type WriteProtection } from './seals.ts'
import { stayWriter } from './sightings.ts'
import { type Stand, standingWriter } from './standing.ts'

export class SqliteIngest {
  readonly #connection: DatabaseSync
  readonly #statements: ReturnType<typeof prepareStatements>
  readonly #writeStay: ReturnType<typeof stayWriter>
  readonly #noteSeal: ReturnType<typeof sealNoter>
  readonly #noteCoverage: ReturnType<typeof coverageNoter>
  readonly #writeNetwork: WriteNetwork
  readonly #writeProtection: WriteProtection
  readonly #keep: Keep
  readonly #stand: Stand

  constructor(connection: DatabaseSync) {
    this.#connection = connection
    this.#statements = prepareStatements(connection)
    this.#writeStay = stayWriter(connection)
    this.#noteSeal = sealNoter(connection)
    this.#noteCoverage = coverageNoter(connection)
    this.#writeNetwork = networkWriter(connection)
    this.#writeProtection = protectionWriter(connection)
    this.#keep = keeperIn(connection)
    this.#stand = standingWriter(connection)
  }

  /** @throws ShoukouError `out-of-sequence` where the journal does not stand where the batch expects it. */
  ingest(batch: IngestBatch): IngestResult {
    return this.transaction(() => {
      const journal = this.#journalFor(batch)
      for (const record of batch.records) {
        this.#statements.addRecord.run(
          journal,
          record.seq,
          record.kind,
          record.sensor,
          record.wallMs,
          batch.receivedAt,
          record.policyVersion,
          record.raw,
          Buffer.from(record.head, 'hex'),
        )
        this.#noteSeal(batch.agent, record, batch.receivedAt)
      }
      for (const gap of batch.gaps) {
        this.#statements.addGap.run(
          batch.agent,
          gap.epoch,
          gap.firstSeq,
          gap.lastSeq,
          gap.noticedAt,
          gap.declareBySeq,
          gap.headBefore ?? null,
          'pending',
        )
        const headBefore = gap.headBefore ?? null
        this.#keep(keptGap({ ...gap, agent: batch.agent, headBefore }, PRODUCT_VERSION))
      }
      for (const settled of batch.settledGaps) {
        const { agent, epoch } = batch
        this.#statements.settleGap.run(settled.state, agent, epoch, settled.firstSeq)
        this.#keep(keptGapSettled({ agent, epoch, ...settled }, PRODUCT_VERSION))
      }
      this.#statements.moveJournal.run(batch.position.seq, batch.position.head, journal)
      this.#statements.noteComputer.run(journal, batch.receivedAt, batch.agent)
      if (batch.isCaughtUp) this.#statements.caughtUp.run(batch.agent)
      if (batch.coverage !== null) {
        this.#statements.setCoverage.run(JSON.stringify(batch.coverage), batch.receivedAt, batch.agent)
      }
      if (batch.appliedPolicyVersion !== null) {
        this.#statements.setApplied.run(batch.appliedPolicyVersion, batch.agent)
      }
      if (batch.status !== null) this.#statements.setStatus.run(batch.status, batch.agent)
      for (const stay of batch.stays ?? []) this.#writeStay(batch.agent, stay, batch.receivedAt)
      if (batch.network !== undefined) this.#writeNetwork(batch.agent, batch.network, batch.receivedAt)
      if (batch.protection !== undefined)
        this.#writeProtection(batch.agent, batch.protection, batch.receivedAt)
      this.#noteCoverage(batch)
      return this.#judged(batch)
    })
  }

  /** Adds and ends violations in the order in which the records tell it. */
  #judged({ agent, violations: made, endings = [], receivedAt }: IngestBatch): IngestResult {
    const violations: ViolationRow[] = []
    const ended: ViolationRow[] = []
    const endBefore = (at: number): void => {
      for (const ending of endings) {
        if (ending.afterViolations === at) ended.push(...this.#end(agent, ending))
      }
    }
    for (const [at, violation] of made.entries()) {
      endBefore(at)
      const row = this.addViolation(agent, violation, receivedAt)
      if (row !== null) violations.push(row)
    }
    endBefore(made.length)
    return { violations, ended }
  }

  #end(agent: string, ending: NewEnding): ViolationRow[] {
    const rows =
      ending.kind === 'incident'
        ? this.#statements.endIncident.all(ending.at, agent, ending.lasting, ending.type)
        : this.#statements.endOtherBoots.all(ending.at, agent, ending.bootId.length + 1, `${ending.bootId}/`)
    return rows.map((row) => this.violation(Number(row['id'])))
  }

  /** Adds a violation; null where its key exists already, or it is one with what is told or open. */
  addViolation(agent: string, violation: NewViolation, receivedAt: number): ViolationRow | null {
    const { lasting = null, unlessKey } = violation
    if (lasting !== null && this.#statements.isOpen.get(agent, lasting, violation.type) !== undefined)
      return null
    if (unlessKey !== undefined && this.#statements.isTold.get(agent, unlessKey) !== undefined) return null
    const added = this.#statements.addViolation.run(
      agent,
      violation.key,
      violation.type,
      violation.severity,
      violation.level,
      violation.policyVersion,
      violation.evidence,
      violation.epoch,
      violation.seq,
      violation.occurredAt,
      receivedAt,
      lasting,
    )
    if (Number(added.changes) === 0) return null
    const id = Number(added.lastInsertRowid)
    this.#stand(id, { ...violation, agent }, receivedAt)
    this.#keep(keptViolation({ ...violation, id, agent, receivedAt }, PRODUCT_VERSION))
    return this.violation(id)
  }

  /** Returns a violation that is known to be there. */
  violation(id: number): ViolationRow {
    const row = this.#statements.violation.get(id)
    return violationRow(row as unknown as ViolationColumns)
  }

  /**
   * Runs `work` in one immediate transaction; whatever it throws undoes all of it. Within another one it is a part that
   * is undone by itself, and is on disk only when the outer one is.
   */
  transaction<T>(work: () => T): T {
    const isInner = this.#connection.isTransaction
    this.#connection.exec(isInner ? 'savepoint part' : 'begin immediate')
    try {
      const result = work()
      this.#connection.exec(isInner ? 'release part' : 'commit')
      return result
    } catch (error) {
      // A full disk undoes the whole by itself; then there is nothing left to undo, and the outer commit fails.
      if (this.#connection.isTransaction) {
        this.#connection.exec(isInner ? 'rollback to part; release part' : 'rollback')
      }
      throw error
    }
  }

  #journalFor(batch: IngestBatch): number {
    const found = this.#statements.journal.get(batch.agent, batch.epoch) as
      | { id: number; seq: number; head: string }
      | undefined
    const { expected } = batch
    const fits =
      found === undefined ? expected === null : expected?.seq === found.seq && expected.head === found.head
    if (!fits) {
      throw new ShoukouError('out-of-sequence', undefined, {
        context: { agent: batch.agent, stored: found?.seq ?? 0, expected: expected?.seq ?? 0 },
      })
    }
    if (found !== undefined) return found.id
    return Number(this.#statements.addJournal.run(batch.agent, batch.epoch, 0, '').lastInsertRowid)
  }
}

function prepareStatements(connection: DatabaseSync) {
  const prepare = (text: string): StatementSync => connection.prepare(text)
  return {
    journal: prepare('select id, seq, head from journals where agent = ? and epoch = ?'),
    addJournal: prepare('insert into journals (agent, epoch, seq, head) values (?, ?, ?, ?)'),
    moveJournal: prepare('update journals set seq = ?, head = ? where id = ?'),
    addRecord: prepare(
      'insert into records (journal, seq, kind, sensor, wall_ms, received_at, policy_version, raw, head) values (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    addGap: prepare(
      'insert into gaps (agent, epoch, first_seq, last_seq, noticed_at, declare_by_seq, head_before, state) values (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    settleGap: prepare(
      "update gaps set state = ? where agent = ? and epoch = ? and first_seq = ? and state = 'pending'",
    ),
    caughtUp: prepare('update computers set behind_since = null where agent = ?'),
    noteComputer: prepare('update computers set journal = ?, last_seen_at = ? where agent = ?'),
    setCoverage: prepare('update computers set coverage = ?, coverage_at = ? where agent = ?'),
    setApplied: prepare('update computers set applied_policy_version = ? where agent = ?'),
    setStatus: prepare('update computers set status = ? where agent = ?'),
    addViolation: prepare(
      'insert into violations (agent, key, type, severity, level, policy_version, evidence, epoch, seq, occurred_at, received_at, lasting) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (agent, key) do nothing',
    ),
    isOpen: prepare(
      'select 1 from violations where agent = ? and lasting = ? and type = ? and lasting is not null and ended_at is null',
    ),
    isTold: prepare('select 1 from violations where agent = ? and key = ?'),
    endIncident: prepare(
      'update violations set ended_at = ? where agent = ? and lasting = ? and type = ? and lasting is not null and ended_at is null returning id',
    ),
    endOtherBoots: prepare(
      'update violations set ended_at = ? where agent = ? and lasting is not null and ended_at is null and substr(lasting, 1, ?) <> ? returning id',
    ),
    violation: prepare(
      "select v.*, coalesce(c.number, '') as number, x.until_ms as exception_until, 0 as ongoing from violations v left join computers c on c.agent = v.agent left join exceptions x on x.id = v.exception where v.id = ?",
    ),
  }
}
