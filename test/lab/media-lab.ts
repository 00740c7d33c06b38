/**
 * A computer that enforces, with the outside watcher beside its agent: for scenarios that assert what was decided, what
 * was recorded, and that not one byte could be read.
 */
import type { FactKind, PolicySettings, ViolationId } from '@shoukou/protocol'
import { expect } from 'vitest'
import type { ViolationDetail } from '../../console/api/contract.ts'
import { type LabComputer, type StoredRecord, startLabComputer } from './lab-computer.ts'
import { makeOtherBuses, type OtherBuses } from './other-buses.ts'
import { type OutsideWatcher, startWatcher } from './outside-watcher.ts'
import { LINK_BUS_PATH, LINK_MAC } from './qemu-arguments.ts'
import { createUsbGadgets, GADGET_SIDE_MAC, START_CONTROLLERS, type UsbGadgets } from './usb-gadget.ts'
import type { Plugged } from './usb-ports.ts'
import type { WatchReport } from './watch-report.ts'

export interface MediaLab extends AsyncDisposable {
  readonly lab: LabComputer
  readonly gadgets: UsbGadgets
  readonly buses: OtherBuses
  /** The watcher of this boot. */
  readonly watcher: OutsideWatcher
  /** Starts the watcher again: after a reset of the guest. */
  rewatch(): Promise<void>
  /** Starts the agent and waits until the denial is in force. */
  enforce(): Promise<void>
  /** Does something while everything is tried to be read, and asserts that nothing could be. */
  shut(scenario: ShutScenario): Promise<Shut>
  /** Does something until a disk can be read, and returns the report. */
  readable(act: () => Promise<unknown>, timeoutMs?: number): Promise<WatchReport>
  /** Opens a window of the watcher for `ms` and returns what came of it. */
  tryFor(ms: number): Promise<WatchReport>
  /** New records since a moment, of a kind and with a text in them. */
  find(kind: FactKind, mark: string): Promise<StoredRecord[]>
}

export interface ShutScenario {
  readonly act: () => Promise<unknown>
  /** The console's verdicts, all of them. */
  readonly violations: readonly ViolationId[]
  /** Stands in the record, and in the violation's evidence: a serial, the name of a disk. */
  readonly mark: string
  /** The record that there must be. */
  readonly record: FactKind
  /** How long it is tried after the record. */
  readonly tryMs?: number
  /** No driver and no input node either: everything that the kernel decides by authorisation. */
  readonly isUnbound?: boolean
}

export interface Shut {
  readonly report: WatchReport
  readonly violations: readonly ViolationDetail[]
  readonly records: readonly StoredRecord[]
}

export const OK_KEYBOARD = { vendorId: '0627', productId: '0001', serial: 'OK-KEYBOARD', note: 'lab' }
export const OK_STICK = { vendorId: '46f4', productId: '0001', serial: 'OK-STICK', note: 'lab' }
export const OK_UAS_STICK = { vendorId: '46f4', productId: '0003', serial: 'OK-UAS', note: 'lab' }

/** Images that gadgets show: two cards of different sizes and names. */
const MAKE_CARDS = `mkdir -p /cards; cd /cards
  truncate -s 16M one.img; mkfs.vfat -n ONE -i 11111111 one.img >/dev/null
  truncate -s 24M two.img; mkfs.vfat -n TWO -i 22222222 two.img >/dev/null`

const VERDICT_TIMEOUT_MS = 40_000
/** Above what the watcher needs where nobody refuses: a second of the kernel's own delay, and a slow processor. */
const TRY_MS = 1_800

/** Starts everything but the agent. `settings` come over those of an enforcing computer. */
export async function startMediaLab(
  options: {
    readonly settings?: Partial<PolicySettings>
    /** Left out: the controllers of the gadgets are the computer's own. */
    readonly hasControllers?: boolean
  } = {},
): Promise<MediaLab> {
  await using undo = new AsyncDisposableStack()
  const buses = undo.use(await makeOtherBuses())
  const lab = undo.use(
    await startLabComputer({
      qemu: [...buses.qemu, '-audiodev', 'none,id=quiet'],
      beforeEnrolment: `${options.hasControllers === false ? ':' : START_CONTROLLERS}; ${MAKE_CARDS}`,
      settings: {
        modes: { media: 'enforce', network: 'observe', files: 'observe' },
        registeredMedia: [OK_STICK, OK_UAS_STICK],
        approvedPeripherals: [OK_KEYBOARD],
        approvedInterfaces: [
          { mac: LINK_MAC, busPath: LINK_BUS_PATH, note: 'the link to the console' },
          { mac: GADGET_SIDE_MAC, busPath: null, note: "a gadget's own side" },
        ],
        ...options.settings,
      },
    }),
  )
  let watcher = await startWatcher(lab.guest)
  undo.defer(() => watcher[Symbol.asyncDispose]())

  const find: MediaLab['find'] = async (kind, mark) =>
    (await lab.records()).filter((one) => one.kind === kind && one.raw.includes(mark))
  const pause = (ms: number) => watcher.next(() => false, ms)

  const whole = undo.move()
  return {
    lab,
    buses,
    gadgets: createUsbGadgets(lab.guest),
    get watcher() {
      return watcher
    },
    async rewatch() {
      await watcher[Symbol.asyncDispose]()
      watcher = await startWatcher(lab.guest)
    },
    async enforce() {
      const before = (await find('control.state', '"media"')).length
      await lab.startAgent()
      await lab.waitUntil('the denial to be told of', async () => {
        return (await find('control.state', '"media"')).length > before
      })
      const last = (await find('control.state', '"media"')).at(-1)
      expect(last?.record.fact, last?.raw).toMatchObject({ state: 'in-force' })
      await lab.waitUntil('all sensors to watch', async () => (await lab.computer()).watch.state === 'proven')
    },
    async shut({ act, violations: expected, mark, record, tryMs = TRY_MS, isUnbound = false }) {
      const recordsBefore = (await lab.records()).length
      const violationsBefore = (await lab.violations()).length
      await watcher.open()
      await act()
      const fresh = async () => (await lab.records()).slice(recordsBefore)
      await lab.waitUntil(
        `a record ${record} with ${mark}`,
        async () => (await fresh()).some((one) => one.kind === record && one.raw.includes(mark)),
        VERDICT_TIMEOUT_MS,
      )
      const types = async () => (await lab.violations()).slice(violationsBefore).map(({ type }) => type)
      await lab.waitUntil(
        `the verdicts ${expected.join(', ')} on ${mark}`,
        async () => {
          const told = await types()
          const count = (all: readonly string[], type: string) => all.filter((one) => one === type).length
          return expected.every((one) => count(told, one) >= count(expected, one))
        },
        VERDICT_TIMEOUT_MS,
      )
      await pause(tryMs)
      const report = await watcher.close()
      const violations = await Promise.all(
        (await lab.violations())
          .slice(violationsBefore)
          .map(({ id }) => lab.admin.get<ViolationDetail>(`/api/violations/${id}`)),
      )
      const records = await fresh()
      const why = JSON.stringify({ seen: report.seen, records: records.map(({ raw }) => raw) }, null, 1)
      expect(report.bytesRead, why).toBe(0)
      if (isUnbound)
        expect({ binds: report.binds, inputs: report.inputNodes }, why).toEqual({ binds: [], inputs: [] })
      expect(violations.map(({ violation: { type } }) => type).toSorted(), why).toEqual(expected.toSorted())
      for (const { evidence } of violations) {
        expect(JSON.stringify(evidence)).toContain(mark)
        expect(evidence).toMatchObject({ outcome: 'blocked' })
      }
      return { report, violations, records }
    },
    async readable(act, timeoutMs = VERDICT_TIMEOUT_MS) {
      await watcher.open()
      await act()
      const read = await watcher.next((seen) => seen.e === 'read' && seen.block === 1, timeoutMs)
      const report = await watcher.close()
      expect(
        read,
        JSON.stringify({ seen: report.seen, raw: (await lab.records()).slice(-8).map(({ raw }) => raw) }),
      ).not.toBeNull()
      return report
    },
    async tryFor(ms) {
      await watcher.open()
      await pause(ms)
      return await watcher.close()
    },
    find,
    [Symbol.asyncDispose]: () => whole.disposeAsync(),
  }
}

/** Pulls a thing out and waits until the agent has said so. */
export async function unplugAndWait(media: MediaLab, plugged: Plugged, mark: string): Promise<void> {
  const { lab } = media
  const before = (await media.find('usb.detached', mark)).length
  // QEMU ends where a UAS stick goes in the middle of a read.
  await lab.guest.run('udevadm settle --timeout=10', { mayFail: true })
  await lab.guest.unplug(plugged)
  await lab.waitUntil(
    `${mark} to be gone`,
    async () => (await media.find('usb.detached', mark)).length > before,
  )
}
