import { mkdir } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { onOwnWrite } from '../base/atomic-file.ts'
import { stateFolder } from '../base/state-folder.ts'
import { makeFolderForTest } from '../testing/journal-bench.ts'
import { WitnessStore } from './witness-store.ts'

const witnessAt = (seq: number) => ({ seq, head: 'ab'.repeat(32), signature: `${'A'.repeat(86)}==` })

describe('the head of the console’s log', () => {
  it('is kept as the newest, in few writes, however many come at once', async () => {
    const { root, witnessFile } = stateFolder(await makeFolderForTest())
    await mkdir(root, { recursive: true })
    const store = await WitnessStore.open(witnessFile, () => undefined)
    let writes = 0
    const forget = onOwnWrite(({ path, state }) => {
      if (path === witnessFile && state === 'begun') writes += 1
    })
    const taken = Array.from({ length: 500 }, (_, seq) => store.take(witnessAt(seq + 1)))
    await Promise.all(taken)
    forget()
    expect(writes).toBeLessThanOrEqual(2)
    const again = await WitnessStore.open(witnessFile, () => undefined)
    expect(again.newest?.seq).toBe(500)
  })
})
