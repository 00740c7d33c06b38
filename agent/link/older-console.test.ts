import type { ErrorCode } from '@shoukou/protocol'
import { expect, it } from 'vitest'
import { startLinkBench } from '../testing/link-bench.ts'

// The agent comes back more and more seldom: most of the time here is that.
const wait = { timeout: 60_000, interval: 50 }

it('an older console that does not understand loses nothing: the journal is kept, and goes out whole after its upgrade', async () => {
  await Promise.all([upgradeAfter('malformed-frame'), upgradeAfter('unsupported-version')])
}, 120_000)

async function upgradeAfter(code: ErrorCode): Promise<void> {
  const {
    console: peer,
    link,
    journal,
    tell,
  } = await startLinkBench((_journal, older) => {
    older.refuseWith = code
  })
  await expect.poll(() => link.status.trouble?.code, wait).toBe(code)
  for (const id of ['one', 'two', 'three'])
    await tell({ kind: 'command.done', id, name: 'rescan', outcome: 'done' })
  await journal.flushed()
  expect(peer.records).toEqual([])
  expect(journal.acked).toBe(null)
  // The console is a newer one now; the agent comes back by itself.
  peer.refuseWith = null
  await expect.poll(() => journal.acked?.seq, wait).toBe(journal.end.seq)
  expect(peer.records.map(({ seq }) => seq)).toEqual(
    Array.from({ length: journal.end.seq }, (_, at) => at + 1),
  )
  const done = peer.records.flatMap(({ fact }) => (fact.kind === 'command.done' ? [fact.id] : []))
  expect(done).toEqual(['one', 'two', 'three'])
  await expect.poll(() => link.status.trouble, wait).toBe(null)
}
