/** What the database alone can do: the same rows into the same tables, a commit synced for each hundred, nothing else. */
import { randomBytes } from 'node:crypto'
import { type OpenDatabase, openDatabase } from '../../../console/store/sqlite/database.ts'

const rowsPerCommit = 100

export class RawDatabase {
  readonly #connection: OpenDatabase['connection']
  #seq = 0

  private constructor(connection: OpenDatabase['connection']) {
    this.#connection = connection
  }

  static async open(path: string): Promise<RawDatabase> {
    const { connection } = await openDatabase(path)
    connection.exec("insert into journals (id, agent, epoch, seq, head) values (1, 'a', 'e', 0, '')")
    return new RawDatabase(connection)
  }

  /** Inserts rows; returns records per second. */
  insert(rows: number, bytesPerRecord: number): number {
    const connection = this.#connection
    const add = connection.prepare(
      "insert into records (journal, seq, kind, sensor, wall_ms, received_at, policy_version, raw, head) values (1, ?, 'file.activity', 'files', ?, ?, 1, ?, ?)",
    )
    const raw = randomBytes(Math.round(bytesPerRecord))
    const head = randomBytes(32)
    const began = performance.now()
    for (let done = 0; done < rows; done += rowsPerCommit) {
      connection.exec('begin immediate')
      const now = Date.now()
      for (let n = 0; n < rowsPerCommit; n += 1) {
        this.#seq += 1
        add.run(this.#seq, now, now, raw, head)
      }
      connection.exec('commit')
    }
    return (rows / (performance.now() - began)) * 1_000
  }

  close(): void {
    this.#connection.close()
  }
}
