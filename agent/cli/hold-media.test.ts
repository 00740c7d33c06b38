import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BlockDevice, type PolicySettings, ShoukouError, signEnvelope } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { readRelease, writeRelease } from '../actions/hold-marks-linux.ts'
import { createLog } from '../base/log.ts'
import { stateFolder } from '../base/state-folder.ts'
import { takeStateLock } from '../base/state-lock.ts'
import { listEpochs } from '../journal/epoch-folder.ts'
import { verifyEpoch } from '../journal/verify-journal.ts'
import { writePolicy } from '../link/policy-store.ts'
import { makeFolderForTest, readJson, segmentFiles } from '../testing/journal-bench.ts'
import { makeEnrolledFolder } from '../testing/link-bench.ts'
import { makeTestAuthority } from '../testing/test-authority.ts'
import { holdLines } from './hold.ts'
import { type HoldKernel, holdMedia, type LayerReport } from './hold-media.ts'
import { messages } from './messages.ts'
import { releaseMedia } from './release-media.ts'

const authority = await makeTestAuthority()
const enforcing: Partial<PolicySettings> = {
  modes: { media: 'enforce', network: 'observe', files: 'observe' },
}
const inForce = (layer: LayerReport['layer']): LayerReport => ({ layer, state: 'in-force', detail: null })

const rootDisk: BlockDevice = {
  name: 'sda',
  number: '8:0',
  bus: 'ata',
  sizeBytes: 1_000,
  isRemovable: false,
  isReadOnly: false,
  vendor: null,
  model: null,
  serial: 'S1',
  wwn: null,
  usbPath: null,
}

/** The kernel's part, noted and not done: what it would do it would do to the computer that runs this. */
function noting(more: Partial<HoldKernel> = {}) {
  const done: string[] = []
  const kernel: HoldKernel = {
    isOffAtBoot: () => Promise.resolve(false),
    denyUsb() {
      done.push('usb')
      return Promise.resolve([inForce('usb-default'), inForce('usb-airlock')])
    },
    readDisks: () => Promise.resolve([rootDisk]),
    guardDisks(isOwn) {
      done.push(`guard, own: ${isOwn(rootDisk)}`)
      return Promise.resolve(inForce('device-guard'))
    },
    ...more,
  }
  return { kernel, done }
}

async function enrolled(settings = enforcing, disks: readonly BlockDevice[] = []) {
  const { stateDir } = await makeEnrolledFolder(1, authority)
  const folder = stateFolder(stateDir)
  const policy = JSON.parse(
    Buffer.from(authority.policy('agent-1', 2, settings).payload, 'base64').toString('utf8'),
  ) as { baseline: { disks: unknown[] } }
  policy.baseline.disks = disks.map(({ name, serial, wwn, sizeBytes }) => ({ name, serial, wwn, sizeBytes }))
  const { agent } = (await readJson<{ agent: string }>(folder.identityFile)) ?? {}
  const bytes = Buffer.from(JSON.stringify({ ...policy, agent }))
  await writePolicy(folder, signEnvelope('policy', bytes, authority.policyKey.privateKey), 2)
  return folder
}

describe('hold', () => {
  it('denies USB, then guards the disks, where the signed policy enforces', async () => {
    const { kernel, done } = noting()
    const outcome = await holdMedia(await enrolled(enforcing, [rootDisk]), kernel, () => {})
    expect(done).toEqual(['usb', 'guard, own: true'])
    expect(holdLines(outcome, messages('en'))).toEqual([
      'USB devices are born unauthorised: in force',
      'USB drivers bind only when asked to: in force',
      'Device guard: in force',
    ])
  })

  it('denies nothing where nothing is to be denied, and says why', async () => {
    const { kernel, done } = noting()
    const why = async (folder: ReturnType<typeof stateFolder>, how = kernel) =>
      await holdMedia(folder, how, () => {})
    expect(await why(stateFolder(await makeFolderForTest()))).toEqual({
      kind: 'nothing',
      why: 'not-enrolled',
    })
    expect(await why(await enrolled({}))).toEqual({ kind: 'nothing', why: 'observe' })
    const off = noting({ isOffAtBoot: () => Promise.resolve(true) })
    expect(await why(await enrolled(), off.kernel)).toEqual({ kind: 'nothing', why: 'off-at-boot' })
    const released = await enrolled()
    await writeRelease(released, { v: 1, policyVersion: 2, releasedAtMs: 1, reason: 'r' })
    expect(await why(released)).toEqual({ kind: 'nothing', why: 'released' })
    await writeRelease(released, { v: 1, policyVersion: 1, releasedAtMs: 1, reason: 'r' })
    expect((await why(released)).kind).toBe('held')
    expect([...done, ...off.done]).toEqual(['usb', 'guard, own: false'])
  })

  it('denies nothing by a policy that does not verify: no agent could let the keyboard in again', async () => {
    const { kernel, done } = noting()
    const folder = await enrolled()
    const foreign = await makeTestAuthority()
    await writePolicy(folder, foreign.policy('agent-1', 3, enforcing), 3)
    await expect(holdMedia(folder, kernel, () => {})).rejects.toThrow(ShoukouError)
    expect(done).toEqual([])
  })

  it('leaves the guard to the agent while a disk of the baseline is not there, so that the boot can mount it', async () => {
    const home = { ...rootDisk, name: 'sdb', serial: 'S2' }
    const empty = { ...rootDisk, name: 'sr0', serial: 'S3', sizeBytes: 0 }
    const { kernel, done } = noting()
    const outcome = await holdMedia(await enrolled(enforcing, [rootDisk, home, empty]), kernel, () => {})
    expect(done).toEqual(['usb'])
    expect(outcome).toMatchObject({ layers: [{}, {}, { layer: 'device-guard', state: 'absent' }] })
    await holdMedia(await enrolled(enforcing, [rootDisk, empty]), kernel, () => {})
    expect(done).toEqual(['usb', 'usb', 'guard, own: true'])
  })

  it('reports a guard that fails, and USB stays denied', async () => {
    const { kernel, done } = noting({ guardDisks: () => Promise.reject(new Error('no such call')) })
    const outcome = await holdMedia(await enrolled(), kernel, () => {})
    expect(done).toEqual(['usb'])
    expect(outcome).toMatchObject({ layers: [{}, {}, { state: 'failed', detail: 'Error: no such call' }] })
  })
})

describe('release', () => {
  const clock = { wallMs: () => 1_700_000_000_000, bootMs: () => 5, bootId: 'b' }
  const absent = (['usb-default', 'usb-airlock', 'device-guard'] as const).map((layer) => ({
    layer,
    state: 'absent' as const,
    detail: null,
  }))
  const options = (folder: ReturnType<typeof stateFolder>) => ({
    folder,
    reason: '键盘失灵 \u202e"quoted"',
    clock,
    journalBytesMax: 16_777_216,
    log: createLog('error', () => {}),
  })
  /** The causes that are on the disk, in order. */
  const recordsOf = async (folder: ReturnType<typeof stateFolder>) => {
    const texts = (await segmentFiles(folder.journal)).map((path) => readFileSync(path, 'utf8'))
    return texts.flatMap((text) => [...text.matchAll(/"cause":"([a-z-]+)"/g)].map(([, cause]) => cause))
  }

  it('says first what it is about to do, lifts, records what came of it, and leaves its mark', async () => {
    const folder = await enrolled()
    const seen: unknown[] = []
    const lift = async () => {
      seen.push(...(await recordsOf(folder)))
      return absent
    }
    expect(await releaseMedia({ ...options(folder), lift })).toEqual({ policyVersion: 2, layers: absent })
    expect(seen).toEqual(['release-begins'])
    expect(await recordsOf(folder)).toEqual(['release-begins', 'released-by-hand'])
    expect(await readRelease(folder, () => {})).toMatchObject({
      policyVersion: 2,
      reason: options(folder).reason,
    })
    const { kernel } = noting()
    expect(await holdMedia(folder, kernel, () => {})).toEqual({ kind: 'nothing', why: 'released' })
  })

  it('lets go of the network after the media, and records each by itself', async () => {
    const folder = await enrolled()
    const seen: unknown[] = []
    const gone = [{ layer: 'connection-guard' as const, state: 'absent' as const, detail: null }]
    const liftNetwork = async () => {
      seen.push(...(await recordsOf(folder)))
      return gone
    }
    const done = await releaseMedia({ ...options(folder), lift: async () => absent, liftNetwork })
    expect(done.layers).toEqual([...absent, ...gone])
    expect(seen).toEqual(['release-begins', 'released-by-hand', 'release-begins'])
    expect(await recordsOf(folder)).toEqual([...seen, 'released-by-hand'])
  })

  it('leaves a journal whose chain holds', async () => {
    const folder = await enrolled()
    await releaseMedia({ ...options(folder), lift: () => Promise.resolve(absent) })
    const [epoch = ''] = await listEpochs(folder.journal)
    const { agent } = await readJson<{ agent: string }>(folder.identityFile)
    const verdict = await verifyEpoch(join(folder.journal, epoch), epoch, agent)
    expect(verdict.faults).toEqual([])
    expect(verdict.records).toBeGreaterThanOrEqual(2)
  })

  it('lifts nothing while the agent runs, and nothing on a computer that is not enrolled', async () => {
    let lifted = 0
    const lift = () => {
      lifted += 1
      return Promise.resolve(absent)
    }
    const folder = await enrolled()
    const lock = takeStateLock(folder)
    await expect(releaseMedia({ ...options(folder), lift })).rejects.toMatchObject({ code: 'journal-locked' })
    lock.release()
    const bare = stateFolder(await makeFolderForTest())
    await expect(releaseMedia({ ...options(bare), lift })).rejects.toMatchObject({ code: 'not-enrolled' })
    expect(lifted).toBe(0)
  })

  it('leaves no mark where lifting failed: the next start denies again', async () => {
    const folder = await enrolled()
    const lift = () => Promise.reject(new Error('the kernel refused'))
    await expect(releaseMedia({ ...options(folder), lift })).rejects.toThrow('the kernel refused')
    expect(await readRelease(folder, () => {})).toBeNull()
    takeStateLock(folder).release()
  })
})
