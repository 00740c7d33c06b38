/**
 * A database of many records, of the sizes and kinds that computers send: written with the console's own schema, chained
 * by the protocol's own rules, without the way through the link that the bench for ingest measures.
 */
import { encodeRecord, type Fact, genesisHead, headAfter, PRODUCT_VERSION } from '@shoukou/protocol'
import { openDatabase } from '../../../console/store/sqlite/database.ts'

const journals = 8
const rowsPerCommit = 5_000

/** Writes `count` records of about `bytes` each, of eight agents in turns of a hundred. */
export async function writeLargeDatabase(path: string, count: number, bytes: number): Promise<void> {
  const { connection, query } = await openDatabase(path)
  // A crash leaves nothing of a bench; lists' indexes are made at the end, at once. The table is as the console's.
  connection.exec('pragma synchronous=off')
  const indexes = connection
    .prepare(
      "select name, sql from sqlite_schema where type = 'index' and tbl_name = 'records' and sql is not null",
    )
    .all() as unknown as { readonly name: string; readonly sql: string }[]
  for (const { name } of indexes) connection.exec(`drop index "${name}"`)
  const addJournal = connection.prepare(
    "insert into journals (id, agent, epoch, seq, head) values (?, ?, 'epoch', 0, '')",
  )
  const ends = Array.from({ length: journals }, (_, index) => {
    addJournal.run(index + 1, `agent-${index}`)
    return { agent: `agent-${index}`, seq: 0, head: genesisHead(`agent-${index}`, 'epoch') }
  })
  const add = connection.prepare(
    "insert into records (journal, seq, kind, sensor, wall_ms, received_at, policy_version, raw, head) values (?, ?, ?, 'usb', ?, ?, 1, ?, ?)",
  )
  for (let done = 0; done < count; ) {
    connection.exec('begin')
    for (let inCommit = 0; inCommit < rowsPerCommit && done < count; inCommit += 1, done += 1) {
      const index = Math.floor(done / 100) % journals
      const end = ends[index]
      if (end === undefined) throw new Error('there is a journal for each')
      end.seq += 1
      const fact = insertionOf(bytes, end.head.toString('hex'))
      const raw = encodeRecord(recordOf(end.agent, end.seq, fact))
      end.head = headAfter(end.head, end.seq, raw, 'sha-256')
      add.run(index + 1, end.seq, fact.kind, 1_700_000_000_000 + end.seq, done, raw, end.head)
    }
    connection.exec('commit')
  }
  const move = connection.prepare('update journals set seq = ?, head = ? where agent = ?')
  for (const { agent, seq, head } of ends) move.run(seq, head.toString('hex'), agent)
  for (const { sql } of indexes) connection.exec(sql)
  connection.exec('pragma wal_checkpoint(truncate)')
  await query.destroy()
}

/** What stands around a fact takes about 480 bytes with this one's own fields; a name that no other has makes up the rest. */
function insertionOf(bytes: number, unique: string): Fact {
  const length = Math.max(1, bytes - 480)
  const name = unique.repeat(Math.ceil(length / unique.length)).slice(0, length)
  return {
    kind: 'usb.detached',
    sighting: 'event-only',
    device: {
      path: '1-1',
      bus: 1,
      device: 4,
      vendorId: '0951',
      productId: '1666',
      deviceRelease: '0110',
      deviceClass: '00',
      serial: name,
      manufacturer: 'Kingston',
      product: 'DataTraveler',
      speedMbps: 480,
      authorized: true,
      interfaces: [],
      descriptors: null,
      descriptorFaults: [],
    },
  }
}

function recordOf(agent: string, seq: number, fact: Fact) {
  return {
    v: 1 as const,
    agent,
    epoch: 'epoch',
    seq,
    wallMs: 1_700_000_000_000 + seq,
    bootMs: seq,
    bootId: 'boot-1',
    agentVersion: PRODUCT_VERSION,
    policyVersion: 1,
    level: 'secret' as const,
    networkMode: 'standalone' as const,
    sensor: 'usb' as const,
    fact,
    decision: null,
  }
}
