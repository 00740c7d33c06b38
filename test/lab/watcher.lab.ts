/**
 * The outside watcher on a computer that nobody watches over: it must see what a plug brings and read what can be read.
 * Where it can't, no scenario that says "not one byte" means anything.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootGuest, type Guest } from './boot-guest.ts'
import { type OutsideWatcher, startWatcher } from './outside-watcher.ts'
import type { Plugged } from './usb-ports.ts'
import { isDriverBind } from './watch-report.ts'

const PLUGS = 10
const PLUG_MS_MAX = 20_000
const READ_SHARE_MIN = 0.9

describe('a computer without control', () => {
  const parts = new AsyncDisposableStack()
  let guest: Guest
  let watcher: OutsideWatcher

  beforeAll(async () => {
    guest = parts.use(await bootGuest())
    watcher = parts.use(await startWatcher(guest, ['vda', 'vdb']))
  })
  afterAll(() => parts.disposeAsync())

  const plugAndRead = async (plug: () => Promise<Plugged>) => {
    await watcher.open()
    const stick = await plug()
    const read = await watcher.next((seen) => seen.e === 'read' && seen.block === 1, PLUG_MS_MAX)
    const report = await watcher.close()
    // QEMU ends where a UAS stick goes in the middle of a read.
    await guest.run('udevadm settle --timeout=10', { mayFail: true })
    await guest.unplug(stick)
    await guest.run('until [ "$(ls /sys/class/scsi_generic | wc -l)" = 0 ]; do sleep 0.02; done')
    return { wasRead: read !== null, report }
  }

  for (const [kind, plug, driver] of [
    ['bulk-only', (serial: string) => guest.plugStick({ serial }), 'usb-storage'],
    ['UAS', (serial: string) => guest.plugUasStick({ serial }), 'uas'],
  ] as const) {
    it(`shows every byte of ${kind} sticks to whoever looks`, async () => {
      const runs = []
      for (let at = 1; at <= PLUGS; at += 1) runs.push(await plugAndRead(() => plug(`OPEN-${at}`)))
      const times = runs.map(({ report }) => Math.round(report.addToReadMs ?? -1))
      console.log(`lab: ${kind}: read after ${times.join(', ')} ms`)
      expect(runs.filter(({ wasRead }) => wasRead).length / PLUGS).toBeGreaterThanOrEqual(READ_SHARE_MIN)
      for (const { report } of runs) {
        expect(report.binds).toEqual([expect.stringMatching(new RegExp(`^${driver} `))])
        expect(report.nodes.some((name) => name.startsWith('sd'))).toBe(true)
      }
    })
  }

  it('shows a disc, a keyboard and what drives them', async () => {
    const disc = await plugAndRead(() => guest.plugOpticalDrive({ serial: 'DISC' }))
    expect(disc.wasRead).toBe(true)
    expect(disc.report.nodes).toContain('sr0')

    await watcher.open()
    const keyboard = await guest.plugKeyboard({ serial: 'KEYS' })
    expect(await watcher.next(isDriverBind, PLUG_MS_MAX)).toMatchObject({ driver: 'usbhid' })
    expect(await watcher.next(({ e }) => e === 'input', PLUG_MS_MAX)).not.toBeNull()
    const report = await watcher.close()
    expect(report).toMatchObject({ bytesRead: 0, nodes: [] })
    await guest.unplug(keyboard)
  })

  it('tells a line of a log when it is written', async () => {
    await guest.run('mkdir -p /var/trail/deep; echo before needle >/var/trail/deep/log')
    await watcher.follow('/var/trail', 'needle')
    await watcher.open()
    await guest.run(`cd /var/trail; echo another >>deep/log; echo one needle >>deep/log; mkdir new; sleep 0.1
      printf '\\377S{"two":"needle"}' >new/log; sleep 0.1; printf '\\377S{"no":1}\\377S{"three":"needle"}' >>new/log`)
    const lines = (await watcher.close()).seen.flatMap((seen) => (seen.e === 'line' ? [seen.text] : []))
    expect(lines).toEqual(['one needle', 'S{"two":"needle"}', 'S{"three":"needle"}'])
  })
})
