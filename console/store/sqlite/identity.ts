/** Certificates, machines, revocations, enrolments that follow each other, the console's clock. On SQLite, in the thread that opened it. */
import type { DatabaseSync } from 'node:sqlite'
import type { HardwareFact, HardwarePart } from '@shoukou/protocol'
import { sql } from 'kysely'
import type {
  AgentCertificateRow,
  CertificateState,
  ClockJumpRow,
  EndedCertificate,
  EnrolmentRow,
  HardwareRow,
  IdentityStore,
  KnownHardware,
  NewAgentCertificate,
  RevocationRow,
} from '../identity-ports.ts'
import type { IdentityTables } from '../identity-schema.ts'
import type { OpenDatabase } from './database.ts'
import type { SqliteIngest } from './ingest.ts'

export function identityIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): IdentityStore {
  const certificates = certificatesIn(connection)
  return {
    async agentCertificate(serial: string): Promise<AgentCertificateRow | null> {
      return certificates.read(serial)
    },
    async agentCertificates(agent: string): Promise<readonly AgentCertificateRow[]> {
      return certificates.of(agent)
    },
    async addAgentCertificate(
      certificate: NewAgentCertificate,
      issuedMax: number,
    ): Promise<AgentCertificateRow> {
      return ingest.transaction(() => {
        const issued = certificates.of(certificate.agent).filter(({ state }) => state === 'issued')
        const waiting = issued.find(({ keyHash }) => keyHash === certificate.keyHash)
        if (waiting !== undefined) return waiting
        for (const { serial } of issued.slice(issuedMax - 1))
          certificates.end(serial, 'superseded', certificate.issuedAt)
        return certificates.add(certificate)
      })
    },
    async useAgentCertificate(serial: string, at: number): Promise<readonly EndedCertificate[] | null> {
      const row = certificates.read(serial)
      if (row === null || row.state === 'superseded' || row.state === 'revoked') return null
      // The ordinary hello writes nothing.
      if (row.state === 'current' && row.firstUsedAt !== null) return []
      return ingest.transaction(() => certificates.use(row, at))
    },
    async endedAgentCertificates(at: number): Promise<readonly EndedCertificate[]> {
      const rows = await query
        .selectFrom('agent_certificates')
        .select(['serial', 'agent', 'state'])
        .where('state', 'in', ['superseded', 'revoked'])
        .where((where) => where.or([where('not_after', 'is', null), where('not_after', '>=', at)]))
        .execute()
      return rows as EndedCertificate[]
    },
    async revoke(revocation: RevocationRow): Promise<RevocationRow | null> {
      return ingest.transaction(() => {
        const { agent, at, account, reason } = revocation
        const added = connection
          .prepare(
            'insert into revocations (agent, at, account, reason) values (?, ?, ?, ?) on conflict (agent) do nothing',
          )
          .run(agent, at, account, reason)
        if (Number(added.changes) === 0) return null
        for (const { serial } of certificates.of(agent)) certificates.end(serial, 'revoked', at)
        return revocation
      })
    },
    async revocation(agent: string): Promise<RevocationRow | null> {
      const row = await query
        .selectFrom('revocations')
        .selectAll()
        .where('agent', '=', agent)
        .executeTakeFirst()
      return row === undefined ? null : { ...row, at: Number(row.at) }
    },
    async revocations(): Promise<readonly RevocationRow[]> {
      const rows = await query.selectFrom('revocations').selectAll().orderBy('at').execute()
      return rows.map((row) => ({ ...row, at: Number(row.at) }))
    },
    ...machinesIn(connection, ingest),
    async enrolments(agent: string): Promise<readonly EnrolmentRow[]> {
      const rows = await query
        .selectFrom('computers')
        .select(['agent', 'number', 'enrolled_at', 'retired_at', 'replaced_by'])
        .where('number', '=', (one) =>
          one.selectFrom('computers').select('number').where('agent', '=', agent),
        )
        // The one in force first: two may bear one moment.
        .orderBy(sql`retired_at is null`, 'desc')
        .orderBy('enrolled_at', 'desc')
        .execute()
      return rows.map((row) => ({
        agent: row.agent,
        number: row.number,
        enrolledAt: Number(row.enrolled_at),
        retiredAt: numberOrNull(row.retired_at),
        replacedBy: row.replaced_by,
      }))
    },
    async lastClock(): Promise<number | null> {
      const row = await query.selectFrom('console_clock').select('wall_ms').executeTakeFirst()
      return row === undefined ? null : Number(row.wall_ms)
    },
    async noteClock(wallMs: number): Promise<void> {
      connection
        .prepare(
          'insert into console_clock (id, wall_ms) values (1, ?) on conflict (id) do update set wall_ms = excluded.wall_ms',
        )
        .run(wallMs)
    },
    async addClockJump({ at, byMs, found }: ClockJumpRow): Promise<void> {
      connection
        .prepare('insert into console_clock_jumps (at, by_ms, found) values (?, ?, ?)')
        .run(at, byMs, found)
    },
    async clockJumps(limit: number): Promise<readonly ClockJumpRow[]> {
      const rows = await query
        .selectFrom('console_clock_jumps')
        .selectAll()
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map((row) => ({
        at: Number(row.at),
        byMs: Number(row.by_ms),
        found: row.found as ClockJumpRow['found'],
      }))
    },
  }
}

/** Certificates within a transaction of the caller's: enrolment writes the first one. */
export function certificatesIn(connection: DatabaseSync) {
  const statements = {
    read: connection.prepare('select * from agent_certificates where serial = ?'),
    // In the order they came: the console's clock may have been set back in between.
    of: connection.prepare('select * from agent_certificates where agent = ? order by rowid desc'),
    add: connection.prepare(
      "insert into agent_certificates (serial, agent, certificate, key_hash, issued_at, not_after, origin, state) values (?, ?, ?, ?, ?, ?, ?, 'issued')",
    ),
    end: connection.prepare(
      "update agent_certificates set state = ?, ended_at = coalesce(ended_at, ?) where serial = ? and state <> 'revoked'",
    ),
    use: connection.prepare(
      "update agent_certificates set state = 'current', first_used_at = coalesce(first_used_at, ?) where serial = ?",
    ),
    computer: connection.prepare(
      'update computers set certificate_serial = ?, certificate = ? where agent = ?',
    ),
  }
  const read = (serial: string): AgentCertificateRow | null => {
    const row = statements.read.get(serial) as IdentityTables['agent_certificates'] | undefined
    return row === undefined ? null : certificateRow(row)
  }
  const of = (agent: string): AgentCertificateRow[] =>
    (statements.of.all(agent) as unknown as IdentityTables['agent_certificates'][]).map(certificateRow)
  const end = (serial: string, state: EndedCertificate['state'], at: number): void => {
    statements.end.run(state, at, serial)
  }
  return {
    read,
    of,
    end,
    add: (one: NewAgentCertificate): AgentCertificateRow => {
      statements.add.run(
        one.serial,
        one.agent,
        one.certificate,
        one.keyHash,
        one.issuedAt,
        one.notAfter,
        one.origin,
      )
      return { ...one, state: 'issued', firstUsedAt: null, endedAt: null }
    },
    use: (row: AgentCertificateRow, at: number): EndedCertificate[] => {
      const all = of(row.agent)
      // One that was made later waits for its first use: an agent that has not had it yet goes on with this one.
      const earlier = all.slice(all.findIndex(({ serial }) => serial === row.serial) + 1)
      const ended: EndedCertificate[] = earlier
        .filter(({ state }) => state === 'issued' || state === 'current')
        .map(({ serial, agent }) => ({ serial, agent, state: 'superseded' }))
      for (const { serial } of ended) end(serial, 'superseded', at)
      statements.use.run(at, row.serial)
      statements.computer.run(row.serial, row.certificate, row.agent)
      return ended
    },
  }
}

type Machines = Pick<IdentityStore, 'hardware' | 'noteHardware' | 'agentsOnHardware'>

function machinesIn(connection: DatabaseSync, ingest: SqliteIngest): Machines {
  const statements = {
    machine: connection.prepare('select * from agent_machines where agent = ?'),
    facts: connection.prepare(
      'select part, hash, is_baseline, is_present from agent_hardware where agent = ? order by part, hash',
    ),
    addMachine: connection.prepare(
      'insert into agent_machines (agent, baseline_at, baseline_from, told_at) values (?, ?, ?, ?)',
    ),
    told: connection.prepare('update agent_machines set told_at = ? where agent = ?'),
    absent: connection.prepare('update agent_hardware set is_present = 0 where agent = ?'),
    forget: connection.prepare(
      'delete from agent_hardware where agent = ? and is_baseline = 0 and is_present = 0',
    ),
    put: connection.prepare(
      'insert into agent_hardware (agent, part, hash, is_baseline, is_present) values (?, ?, ?, ?, 1) on conflict (agent, part, hash) do update set is_present = 1',
    ),
    sharing: connection.prepare(
      'select distinct h.agent, c.number from agent_hardware h join computers c on c.agent = h.agent where h.hash = ? and h.part = ? and h.is_baseline = 1 and c.retired_at is null and not exists (select 1 from revocations r where r.agent = h.agent)',
    ),
  }
  const factsOf = (agent: string): HardwareRow[] =>
    (statements.facts.all(agent) as unknown as IdentityTables['agent_hardware'][]).map((row) => ({
      part: row.part as HardwarePart,
      hash: row.hash,
      isBaseline: row.is_baseline !== 0,
      isPresent: row.is_present !== 0,
    }))
  return {
    async hardware(agent: string): Promise<KnownHardware | null> {
      const machine = statements.machine.get(agent) as IdentityTables['agent_machines'] | undefined
      if (machine === undefined) return null
      return {
        facts: factsOf(agent),
        baselineAt: machine.baseline_at,
        baselineFrom: machine.baseline_from as KnownHardware['baselineFrom'],
        toldAt: machine.told_at,
      }
    },
    async noteHardware(
      agent: string,
      { facts, at, from }: Parameters<IdentityStore['noteHardware']>[1],
    ): Promise<void> {
      ingest.transaction(() => {
        const isFirst = statements.machine.get(agent) === undefined
        if (isFirst) statements.addMachine.run(agent, at, from === 'hello' ? 'first-hello' : from, at)
        else statements.told.run(at, agent)
        statements.absent.run(agent)
        for (const { part, hash } of facts) statements.put.run(agent, part, hash, isFirst ? 1 : 0)
        statements.forget.run(agent)
      })
    },
    async agentsOnHardware(facts: readonly HardwareFact[]) {
      const found = new Map<string, string>()
      for (const { part, hash } of facts) {
        for (const row of statements.sharing.all(hash, part) as unknown as {
          agent: string
          number: string
        }[])
          found.set(row.agent, row.number)
      }
      return [...found].map(([agent, number]) => ({
        agent,
        number,
        facts: factsOf(agent)
          .filter(({ isBaseline }) => isBaseline)
          .map(({ part, hash }) => ({ part, hash })),
      }))
    },
  }
}

function certificateRow(row: IdentityTables['agent_certificates']): AgentCertificateRow {
  return {
    serial: row.serial,
    agent: row.agent,
    certificate: row.certificate,
    keyHash: row.key_hash,
    issuedAt: Number(row.issued_at),
    notAfter: numberOrNull(row.not_after),
    origin: row.origin as AgentCertificateRow['origin'],
    state: row.state as CertificateState,
    firstUsedAt: numberOrNull(row.first_used_at),
    endedAt: numberOrNull(row.ended_at),
  }
}

function numberOrNull(value: number | null): number | null {
  return value === null ? null : Number(value)
}
