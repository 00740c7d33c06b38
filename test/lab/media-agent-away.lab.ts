/**
 * The denial without the agent: frozen, killed, not yet started, released by hand, late. It stands in the kernel, so
 * nothing of it may depend on a process. One computer, several boots.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AGENT_STATE } from './lab-computer.ts'
import { type MediaLab, OK_KEYBOARD, OK_STICK, startMediaLab, unplugAndWait } from './media-lab.ts'
import { START_CONTROLLERS } from './usb-gadget.ts'
import type { Plugged } from './usb-ports.ts'
import { isDriverBind } from './watch-report.ts'

const FLOOD_EVENTS = 12_000
/** On an emulated processor, with a full queue to read first. */
const WAKING_MS_MAX = 40_000

describe('a computer whose agent is away', () => {
  const parts = new AsyncDisposableStack()
  let media: MediaLab
  const sh = async (script: string, timeoutMs = 60_000) =>
    (await media.lab.guest.run(script, { timeoutMs })).stdout
  const freeze = () => sh('kill -STOP "$(cat /run/agent.pid)"')
  const wake = () => sh('kill -CONT "$(cat /run/agent.pid)"')

  beforeAll(async () => {
    media = parts.use(await startMediaLab({ hasControllers: false }))
    await media.enforce()
  })
  afterAll(() => parts.disposeAsync())

  const recorded = (serial: string) =>
    media.lab.waitUntil(
      `the record of ${serial}`,
      async () => (await media.find('usb.attached', serial)).length > 0,
    )

  /** Plugs both kinds of sticks and a keyboard and tries for three seconds; returns what was plugged. */
  async function plugAllShut(mark: string): Promise<Plugged[]> {
    await media.watcher.open()
    const plugged = [
      await media.lab.guest.plugStick({ serial: `${mark}-BOT` }),
      await media.lab.guest.plugUasStick({ serial: `${mark}-UAS` }),
    ]
    await media.watcher.next(() => false, 3_500)
    const report = await media.watcher.close()
    const why = JSON.stringify(report.seen)
    expect(report.seen.filter(({ e }) => e === 'usb').length, why).toBe(plugged.length)
    expect(report.bytesRead, why).toBe(0)
    return plugged
  }

  it('stays shut while the agent is frozen, and every plug is recorded when it wakes', async () => {
    await freeze()
    const plugged = await plugAllShut('FROZEN')
    await wake()
    for (const serial of ['FROZEN-BOT', 'FROZEN-UAS']) {
      await media.lab.waitUntil(
        `the record of ${serial}`,
        async () => (await media.find('usb.attached', serial)).length > 0,
      )
    }
    expect((await media.tryFor(3_000)).bytesRead).toBe(0)
    for (const [at, serial] of ['FROZEN-BOT', 'FROZEN-UAS'].entries()) {
      const one = plugged[at]
      if (one !== undefined) await unplugAndWait(media, one, serial)
    }
  })

  it('stays shut after the agent was killed, and after it was started again', async () => {
    await media.lab.killAgent()
    const plugged = await plugAllShut('KILLED')
    await media.watcher.open()
    await media.lab.startAgent()
    for (const serial of ['KILLED-BOT', 'KILLED-UAS'])
      await media.lab.waitUntil(
        `the record of ${serial}`,
        async () => (await media.find('usb.attached', serial)).length > 0,
      )
    await media.watcher.next(() => false, 3_000)
    const report = await media.watcher.close()
    expect(report.bytesRead, JSON.stringify(report.seen)).toBe(0)
    for (const [at, serial] of ['KILLED-BOT', 'KILLED-UAS'].entries()) {
      const one = plugged[at]
      if (one !== undefined) await unplugAndWait(media, one, serial)
    }
  })

  it('takes a right away from a registered stick whose agent was killed in the middle, or keeps it shut anew', async () => {
    let plugged: Plugged | undefined
    await media.readable(async () => (plugged = await media.lab.guest.plugStick(OK_STICK)))
    await media.lab.killAgent()
    if (plugged !== undefined) await media.lab.guest.unplug(plugged)
    const again = await plugAllShut('IN-ITS-PLACE')
    await media.lab.startAgent()
    await media.lab.waitUntil(
      'the record',
      async () => (await media.find('usb.attached', 'IN-ITS-PLACE-BOT')).length > 0,
    )
    expect((await media.tryFor(2_000)).bytesRead).toBe(0)
    for (const [at, serial] of ['IN-ITS-PLACE-BOT', 'IN-ITS-PLACE-UAS'].entries()) {
      const one = again[at]
      if (one !== undefined) await unplugAndWait(media, one, serial)
    }
  })

  it('records three sticks and lets a registered keyboard work after 12,000 kernel events with the agent frozen', async () => {
    await sh(
      `pkill -STOP -x systemd-udevd; kill -STOP "$(cat /run/agent.pid)"
      made=0; while [ $made -lt ${FLOOD_EVENTS} ]; do echo change >/sys/class/mem/null/uevent; made=$((made + 1)); done`,
      90_000,
    )
    const sticks = ['FLOOD-1', 'FLOOD-2', 'FLOOD-3']
    const plugged: Plugged[] = []
    try {
      await media.watcher.open()
      for (const serial of sticks) plugged.push(await media.lab.guest.plugStick({ serial }))
      plugged.push(await media.lab.guest.plugKeyboard(OK_KEYBOARD))
      await media.watcher.next(() => false, 1_500)
      await wake()
      const wokenAt = performance.now()
      // Its driver: the node for programs is made with udev's help, which is stopped.
      expect(await media.watcher.next(isDriverBind, WAKING_MS_MAX)).toMatchObject({ driver: 'usbhid' })
      console.log(`lab: the keyboard works ${Math.round(performance.now() - wokenAt)} ms after waking`)
      for (const serial of [...sticks, OK_KEYBOARD.serial]) await recorded(serial)
      expect((await media.watcher.close()).bytesRead).toBe(0)
    } finally {
      await sh('pkill -CONT -x systemd-udevd; kill -CONT "$(cat /run/agent.pid)"; sleep 2')
      for (const one of plugged) await media.lab.guest.unplug(one)
    }
  })

  it('closes a controller that appears while it enforces, before or after its first device', async () => {
    const stick = await media.gadgets.prepare({
      vendorId: '0951',
      productId: '1666',
      serial: 'NO-LATE',
      functions: [{ kind: 'storage', luns: [{ file: '/cards/one.img' }] }],
    })
    await media.shut({
      act: () => sh(`${START_CONTROLLERS}; ${stick.plugScript(0)}`),
      violations: ['unregistered-media-inserted'],
      mark: 'NO-LATE',
      record: 'media.examined',
    })
    const defaults = await sh('cat /sys/bus/usb/devices/usb*/authorized_default')
    expect(new Set(defaults.trim().split('\n'))).toEqual(new Set(['0']))
    await stick.unplug()
  })

  it('is open after a release, which is recorded and reported, and shut again under a newer policy', async () => {
    await media.lab.killAgent()
    await media.lab.agent("release --reason 'the lab tries it'", { mayFail: true })
    let plugged: Plugged | undefined
    await media.readable(async () => (plugged = await media.lab.guest.plugStick({ serial: 'RELEASED' })))
    await media.lab.startAgent()
    await media.lab.waitUntil('the release to be reported', async () =>
      (await media.lab.violations()).some(({ type }) => type === 'agent-tamper'),
    )
    await media.lab.guest.run('udevadm settle --timeout=10', { mayFail: true })
    if (plugged !== undefined) await media.lab.guest.unplug(plugged)
    const { agent } = await media.lab.computer()
    const { policy } = await media.lab.admin.get<{ policy: { version: number; settings: object } }>(
      `/api/computers/${agent}/policy`,
    )
    await media.lab.admin.send('PUT', `/api/computers/${agent}/policy`, {
      baseVersion: policy.version,
      settings: policy.settings,
      reason: 'lab',
    })
    await media.lab.waitUntil(
      'the newer policy to hold',
      async () => (await sh('cat /sys/bus/usb/drivers_autoprobe')).trim() === '0',
    )
    const again = await plugAllShut('AFTER-RELEASE')
    for (const [at, serial] of ['AFTER-RELEASE-BOT', 'AFTER-RELEASE-UAS'].entries()) {
      const one = again[at]
      if (one !== undefined) await unplugAndWait(media, one, serial)
    }
  })

  it('is shut from "hold" on, before the agent has started, also for a stick that was plugged in at boot', async () => {
    const atBoot = await media.lab.guest.plugStick({ serial: 'AT-BOOT' })
    await media.lab.guest.reset()
    await media.rewatch()
    console.log(`lab: hold: ${await media.lab.agent('hold', { mayFail: true })}`)
    expect((await media.tryFor(3_000)).bytesRead).toBe(0)
    const plugged = await plugAllShut('HELD')
    await media.enforce()
    for (const serial of ['AT-BOOT', 'HELD-BOT', 'HELD-UAS'])
      await media.lab.waitUntil(
        `the record of ${serial}`,
        async () => (await media.find('usb.attached', serial)).length > 0,
      )
    expect((await media.find('usb.attached', 'AT-BOOT')).at(-1)?.record.fact).toMatchObject({
      origin: 'present-at-start',
    })
    expect((await media.tryFor(3_000)).bytesRead).toBe(0)
    await media.lab.guest.unplug(atBoot)
    for (const one of plugged) await media.lab.guest.unplug(one)
  })

  it('never locks its own disks away, though the policy knows none of them', async () => {
    await sh(
      `ls ${AGENT_STATE}/policy* >/dev/null && dd if=/dev/vda of=/dev/null bs=4096 count=1 2>/dev/null`,
    )
    expect(await media.lab.gaps()).toEqual([])
  })
})
