import { randomBytes } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PROTOCOL_VERSION } from '@shoukou/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createLog } from '../base/log.ts'
import { stateFolder } from '../base/state-folder.ts'
import { Sealer } from '../journal/sealer.ts'
import { makeFolderForTest } from '../testing/journal-bench.ts'
import { testAgent } from '../testing/test-facts.ts'
import { LinkProof } from './link-proof.ts'

const key = () => randomBytes(32).toString('base64url')

async function openSealer(path: string): Promise<{ sealer: Sealer; faults: unknown[] }> {
  const faults: unknown[] = []
  const sealer = await Sealer.open({ path, agent: testAgent, onFault: (fault) => faults.push(fault) })
  onTestFinished(() => sealer.close())
  return { sealer, faults }
}

describe('keys that the console gives', () => {
  it('which the disk does not take cost no connection, and are asked for again', async () => {
    const folder = stateFolder(await makeFolderForTest())
    await mkdir(folder.identity)
    const { sealer } = await openSealer(folder.sealKeyFile)
    // Nobody may make a file there, root neither.
    const full = { ...folder, removalKeyFile: '/sys/kernel/removal.key' }
    const proof = await LinkProof.open({ sealer, folder: full, log: createLog('error', () => undefined) })
    await proof.take({
      v: PROTOCOL_VERSION,
      type: 'keys',
      seal: { generation: 0, key: key() },
      removalKey: key(),
    })
    expect(proof.hello).toMatchObject({ nextSeal: 0, hasRemovalKey: false })
  })
})

describe('the seal key of an agent that never had one', () => {
  it('needs no disk at the start, and is written once there is one', async () => {
    const folder = stateFolder(await makeFolderForTest())
    // The folder is not there: nothing can be made in it.
    const { sealer, faults } = await openSealer(folder.sealKeyFile)
    expect(sealer).toMatchObject({ nextIndex: null, wasDamaged: false })
    await sealer.take(0, randomBytes(32))
    expect(faults).toHaveLength(1)
    await mkdir(dirname(folder.sealKeyFile))
    await sealer.take(1, randomBytes(32))
    expect(faults).toHaveLength(1)
    const again = await openSealer(folder.sealKeyFile)
    expect(again.sealer.nextIndex).toBe(sealer.nextIndex)
    await rm(folder.identity, { recursive: true })
  })
})
