/**
 * Notes in the register that a station wrote a seal, within the transaction that stores the record which says so: neither is
 * there without the other.
 */
import type { DatabaseSync } from 'node:sqlite'
import { parseRecord } from '@shoukou/protocol'
import type { MediumSeal } from '../media-ports.ts'
import type { NewRecord } from '../ports.ts'

/** Returns what looks at one record; of a seal that is in force no more, and of any other record, it notes nothing. */
export function sealNoter(
  connection: DatabaseSync,
): (agent: string, record: NewRecord, receivedAt: number) => void {
  const find = connection.prepare('select version, seal, seal_written_at from media where number = ?')
  const computer = connection.prepare('select number from computers where agent = ?')
  const note = connection.prepare(
    'update media set seal_written_at = ?, version = version + 1 where number = ? and version = ?',
  )
  const addEvent = connection.prepare(
    "insert into medium_events (number, at, account, kind, changes, reason) values (?, ?, '', 'seal-written', ?, ?)",
  )
  return (agent, { kind, raw, seq }, receivedAt) => {
    if (kind !== 'media.sealed') return
    const { epoch, fact } = parseRecord(raw)
    if (fact.kind !== 'media.sealed' || fact.result !== 'written') return
    const row = find.get(fact.number)
    if (row === undefined || row['seal_written_at'] !== null) return
    const seal = JSON.parse(String(row['seal'])) as MediumSeal | null
    if (seal?.id !== fact.sealId) return
    note.run(receivedAt, fact.number, Number(row['version']))
    const changes = { sealWrittenAt: [null, receivedAt], record: [null, `${agent}/${epoch}/${seq}`] }
    const station = String(computer.get(agent)?.['number'] ?? agent)
    addEvent.run(fact.number, receivedAt, JSON.stringify(changes), `${station}: ${fact.detail}`)
  }
}
