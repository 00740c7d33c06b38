/**
 * Writes files for a one-way link (data diode): nothing ever comes back from it, so the files themselves tell a loss.
 *
 *   shoukou-000000000042.jsonl     the messages
 *   shoukou-000000000042.manifest  number, size, SHA-256, first and last message, SHA-256 of the manifest before
 *   shoukou-heartbeat.json         now and then: the clock, the newest number and the hash of its manifest
 *
 * Numbers have no gap. The manifest comes last, so its presence means that the pair is whole; each file appears under its
 * name only when it is complete (temporary file, sync, rename, folder synced). After a crash the same number may come
 * again: it is the same file.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { writeFileAtomically } from '../base/atomic-file.ts'
import { checkedFolder } from './checked-folder.ts'
import { encodeJson } from './encode-json.ts'
import type { FolderSettings } from './ports.ts'
import type { Transport } from './transport.ts'
import type { TransportParts } from './transport-parts.ts'

const heartbeatName = 'shoukou-heartbeat.json'
const testName = 'shoukou-test.jsonl'

/** Returns the name of a file by its number, without its ending. */
export function exportName(sequence: number): string {
  return `shoukou-${String(sequence).padStart(12, '0')}`
}

/** Returns the way into an export folder. */
export function folderTransport(settings: FolderSettings, parts: TransportParts): Transport {
  let beatAt = Number.NEGATIVE_INFINITY
  const folder = () => checkedFolder(settings.folder, parts.ownFolder)
  const beat = async (sequence: number, lastHash: string | null, now: number): Promise<void> => {
    beatAt = now
    const heartbeat = {
      format: 'shoukou.export-heartbeat.v1',
      at: new Date(now).toISOString(),
      newest: sequence,
      newestManifest: lastHash,
    }
    await writeFileAtomically(join(await folder(), heartbeatName), `${JSON.stringify(heartbeat)}\n`, 0o640)
  }
  return {
    async send(messages, { sequence, lastHash }) {
      const into = await folder()
      const name = exportName(sequence)
      const content = messages.map((message) => `${encodeJson(message)}\n`).join('')
      const manifest = {
        format: 'shoukou.export.v1',
        number: sequence,
        file: `${name}.jsonl`,
        bytes: Buffer.byteLength(content),
        sha256: sha256(content),
        messages: messages.length,
        first: messages[0]?.id ?? null,
        last: messages.at(-1)?.id ?? null,
        previousManifest: lastHash,
      }
      const manifestText = `${JSON.stringify(manifest)}\n`
      await writeFileAtomically(join(into, `${name}.jsonl`), content, 0o640)
      await writeFileAtomically(join(into, `${name}.manifest`), manifestText, 0o640)
      const hash = sha256(manifestText)
      await beat(sequence, hash, parts.now())
      return { answer: `${name}.jsonl`, hash }
    },
    async test(message) {
      await writeFileAtomically(join(await folder(), testName), `${encodeJson(message)}\n`, 0o640)
      return { answer: testName }
    },
    async idle({ sequence, lastHash, now }) {
      if (now - beatAt >= settings.heartbeatSeconds * 1_000) await beat(sequence, lastHash, now)
    },
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
