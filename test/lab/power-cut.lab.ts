/** The plug is pulled while the agent writes: what it had reported is there, the chain holds, nothing is silent. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ViolationDetail } from '../../console/api/contract.ts'
import { hostNow } from '../support/qmp-socket.ts'
import { type LabComputer, startLabComputer } from './lab-computer.ts'

const BURST_FILES = 3_000
/** Records of the burst that the console has when the plug is pulled: it runs, and is far from done. */
const SEEN_BEFORE_RESET = 100

describe('a computer whose power is cut in a burst', () => {
  const parts = new AsyncDisposableStack()
  let lab: LabComputer

  beforeAll(async () => {
    lab = parts.use(await startLabComputer({ translationMb: 64 }))
    await lab.startAgent()
    await lab.waitUntil('all sensors to watch', async () => (await lab.computer()).watch.state === 'proven')
  })
  afterAll(() => parts.disposeAsync())

  it('keeps every record that the console has, continues the chain, and accuses nobody', async () => {
    await lab.guest.plugStick({ serial: 'BURST' })
    await lab.guest.run(
      `until [ -b /dev/sda ]; do sleep 0.05; done
      mkdir -p /mnt/stick && mount /dev/sda /mnt/stick`,
    )
    const mountedAt = hostNow()
    const filesSeen = async () => (await lab.records()).filter(({ kind }) => kind === 'file.activity').length
    await lab.waitUntil('the mount to be seen', async () =>
      (await lab.records()).some(({ kind, raw }) => kind === 'mount.added' && raw.includes('/mnt/stick')),
    )
    console.log(`lab: from mount to the console: ${Math.round(hostNow() - mountedAt)} ms`)
    // In a folder: the root of the stick's file system holds 512 entries.
    await lab.guest.run(
      `mkdir /mnt/stick/many && cd /mnt/stick/many && seq ${BURST_FILES} >/run/names
      setsid sh -c 'while read -r name; do echo x >file$name; done' </run/names >/dev/null 2>&1 &`,
    )
    await lab.waitUntil('the burst to be under way', async () => (await filesSeen()) >= SEEN_BEFORE_RESET)
    const resetMs = await lab.guest.reset()
    const before = await lab.records()

    // From the disk alone, before the agent runs and mends: a torn tail is all that may be wrong.
    const verified = await lab.agent('verify', { mayFail: true })
    await lab.startAgent()
    await lab.waitUntil('the agent to be heard', async () => (await lab.computer()).status === 'online')
    const after = await lab.records()

    const epochs = new Set(after.map(({ epoch }) => epoch))
    expect(epochs.size, verified).toBe(1)
    expect(after.map(({ seq }) => seq)).toEqual(after.map((_, index) => index + 1))
    expect(after.slice(0, before.length).map(({ head }) => head)).toEqual(before.map(({ head }) => head))
    const started = after.filter(({ kind }) => kind === 'agent.started').map(({ record }) => record.fact)
    expect(started.at(-1)).toMatchObject({ previous: 'unclean-stop' })
    expect(await lab.agent('verify')).toContain('The chain holds')
    expect(await lab.gaps()).toEqual([])
    // The stick stayed in: seen when it came, and found at the start of another boot, where nobody can know that.
    const violations = await lab.violations()
    expect(violations.map(({ type }) => type)).toEqual([
      'unregistered-media-inserted',
      'unregistered-media-inserted',
    ])
    const origins = await Promise.all(
      violations.map(
        async ({ id }) => (await lab.admin.get<ViolationDetail>(`/api/violations/${id}`)).evidence,
      ),
    )
    expect(origins).toMatchObject([{ origin: 'appeared' }, { origin: 'present-at-start' }])

    const files = before.filter(({ kind }) => kind === 'file.activity').length
    expect(files).toBeLessThan(BURST_FILES)
    console.log(
      `lab: power cut after ${files} of ${BURST_FILES} files, up again in ${resetMs} ms, ${before.length} records kept, ${after.length - before.length} more after it`,
    )
  })
})
