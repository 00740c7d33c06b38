/** Puts archives together from the console's parts, and the act by which two people let archived records go. */
import type { ArchivesPort } from './api/ports.ts'
import { type Archives, createArchives } from './keeping/archives.ts'
import type { LogKey } from './pki/log-key.ts'
import type { Store } from './store/ports.ts'
import type { ActExecutor } from './workflows/two-person/executor.ts'

export function openArchives(parts: {
  readonly store: Store
  readonly dataDir: string
  readonly logKey: LogKey
  readonly now: () => number
}): Archives & ArchivesPort {
  const { store, dataDir, logKey, now } = parts
  return createArchives({ store, database: `${dataDir}/console.db`, logKey, now })
}

/** The act that two people must want: agreed to, the archive is read back once more and its records go. */
export function removeArchivedExecutor(archives: Archives): ActExecutor<{ readonly name: string }> {
  return {
    act: 'remove-archived',
    // Cut off in the middle it goes on: stretches that are gone already stay as they are.
    isRepeatable: true,
    async prepare({ name }) {
      const { row, manifest, plan } = await archives.removable(name)
      const before = dayOf(row.beforeMs)
      const span = `${dayOf(manifest.firstReceivedAt)} – ${dayOf(manifest.lastReceivedAt)}`
      const { jumps = 0, longestStepMs = 0 } = plan.boundary ?? {}
      const days = Math.round(longestStepMs / 86_400_000)
      const clock =
        jumps === 0
          ? { zh: '', en: '' }
          : {
              zh: `注意：其间检查点有 ${jumps} 处超过三天的间隔（最长 ${days} 天），说明控制台停用过或时钟被调整过`,
              en: ` Mind: between checkpoints there are ${jumps} steps of more than three days since then (the longest of ${days}): the console was off, or its clock was set.`,
            }
      return {
        object: name,
        basis: JSON.stringify([name, row.digest, plan.retentionYears]),
        words: {
          zh: `从数据库中移除 ${before} 之前收到、已归档的 ${manifest.records} 条记录（${span}，${megabytes(manifest.bytes)} MB）；归档文件 ${name}，SHA-256 ${row.digest}。${clock.zh}`,
          en: `${manifest.records} records that were received before ${before} (${span}, ${megabytes(manifest.bytes)} MB) go from the database; they are in the archive ${name}, SHA-256 ${row.digest}.${clock.en}`,
        },
      }
    },
    async carryOut({ proposal, payload, askedBy, agreedBy, reason }) {
      const { records, stretches } = await archives.remove(payload.name, {
        proposal,
        askedBy,
        agreedBy,
        reason,
      })
      return { detail: `${records} records, ${stretches} stretches` }
    },
  }
}

function dayOf(ms: number): string {
  const date = new Date(ms)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}
