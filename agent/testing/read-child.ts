/** A process that opens a journal, reads all of it and verifies it. usage: read-child FOLDER */
import { join } from 'node:path'
import { listEpochs } from '../journal/epoch-folder.ts'
import { openJournal } from '../journal/open-journal.ts'
import { verifyEpoch } from '../journal/verify-journal.ts'
import { buildFact, memoryLog, testAgent } from './test-facts.ts'

const [folder = ''] = process.argv.slice(2)
const journal = await openJournal({
  folder,
  agent: testAgent,
  bytesMax: 64 * 1_048_576,
  buildOwn: buildFact,
  wallMs: Date.now,
  log: memoryLog(),
})
let records = 0
let gaps = 0
for (let next = 1; ; ) {
  const chunk = await journal.read(next, { records: 100, bytes: 100_000 })
  if (chunk === null) break
  records += chunk.raws.length
  gaps += chunk.gap === null ? 0 : 1
  next = chunk.lastSeq + 1
}
await journal.close()
const [epoch = ''] = await listEpochs(folder)
const { faults } = await verifyEpoch(join(folder, epoch), epoch, testAgent)
process.stdout.write(`records ${records} gaps ${gaps} faults ${faults.length}\n`)
