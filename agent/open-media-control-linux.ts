/** Builds media control around the pipeline of a running agent: its kernel, its grant desk, its notice board. */
import {
  type Decision,
  type Fact,
  type Origin,
  type Policy,
  showRawText,
  type UsbDevice,
} from '@shoukou/protocol'
import { isReleased, type ReleaseMark } from './actions/hold-marks.ts'
import { DEFAULT_RUN_FOLDER, isHeldOffAtBoot, readRelease } from './actions/hold-marks-linux.ts'
import type { Clock } from './base/clock.ts'
import type { Log } from './base/log.ts'
import { readSessionUser } from './base/session-user-linux.ts'
import type { StateFolder } from './base/state-folder.ts'
import type { UeventSource } from './base/uevents-linux.ts'
import { GrantDesk } from './control/grant-desk.ts'
import type { MediaCeiling } from './control/media-ceiling.ts'
import { MediaControl } from './control/media-control.ts'
import { openMediaKernel } from './control/media-kernel-linux.ts'
import { NoticeBoard } from './control/notice-board-linux.ts'
import { notifySessions } from './control/notify-session-linux.ts'
import { type Identity, readSpokenKey } from './link/identity.ts'
import type { Pipeline } from './pipeline.ts'
import { readAllBlock } from './sensors/read-block-linux.ts'

/** Why the denial does not stand although policy asks for it. */
export interface Standing {
  readonly release: ReleaseMark | null
  /** `shoukou.hold=off` on the kernel's command line. */
  readonly isOffAtBoot: boolean
}

export async function readStanding(
  folder: StateFolder,
  onDamaged: (path: string) => void,
): Promise<Standing> {
  return { release: await readRelease(folder, onDamaged), isOffAtBoot: await isHeldOffAtBoot() }
}

/** Reports whether nothing is to be denied here, whatever the policy of this version says. */
export function isOff(standing: Standing, policyVersion: number): boolean {
  return standing.isOffAtBoot || isReleased(standing.release, policyVersion)
}

/** Returns the policy as it holds here: one that was released by hand only observes media and network. */
export function policyThatHolds(policy: Policy, standing: Standing): Policy {
  const { settings } = policy
  const { media, network } = settings.modes
  if (!isOff(standing, policy.version) || (media !== 'enforce' && network === 'observe')) return policy
  return {
    ...policy,
    settings: { ...settings, modes: { ...settings.modes, media: 'observe', network: 'observe' } },
  }
}

export interface MediaControlParts {
  readonly folder: StateFolder
  readonly identity: Identity
  readonly pipeline: Pipeline
  /** As it holds here. */
  readonly policy: () => Policy
  readonly standing: Standing
  readonly ceiling: MediaCeiling
  readonly clock: Clock
  readonly log: Log
  readonly uevents: UeventSource | null
  readonly onDamaged: (path: string) => void
}

export interface OpenedControl {
  readonly control: MediaControl
  close(): Promise<void>
}

/** Opens it; the denial stands when this resolves, where policy asks for one. */
export async function openMediaControl(parts: MediaControlParts): Promise<OpenedControl> {
  const { folder, identity, pipeline, policy, clock, log, uevents, onDamaged } = parts
  const places = { run: DEFAULT_RUN_FOLDER, bootId: clock.bootId, onDamaged }
  const kernel = openMediaKernel({
    readDisks: async () => [...(await readAllBlock('/sys')).values()].map(({ device }) => device),
    bootMs: () => clock.bootMs(),
    places,
  })
  const tell = (fact: Fact, decision: Decision | null) => pipeline.tellDecided('media', fact, decision)
  const desk = await GrantDesk.open(
    {
      path: folder.controlFile,
      clock,
      spokenKey: await readSpokenKey(folder),
      tell: (fact) => tell(fact, null),
      log,
      mayGrant: (asked) => parts.ceiling.mayGrant(asked),
    },
    onDamaged,
  )
  const board = new NoticeBoard({
    folder: DEFAULT_RUN_FOLDER,
    onCode: (text) => control.takeCode(text),
    log,
  })
  const show = (): void => {
    const { contact } = policy().settings
    const media = control.notices().map(({ instance: _instance, ...notice }) => notice)
    const { isEnforcing } = control
    const { computer } = identity
    board.show({ v: 1, computer, isEnforcing, contact: contact ?? '', media })
  }
  const control = new MediaControl({
    kernel,
    policy,
    policyKey: identity.policyKey,
    ceiling: parts.ceiling,
    desk,
    tell,
    decideUsb: (device: UsbDevice, origin: Origin) => pipeline.decideUsbAgain(device, origin),
    user: readSessionUser,
    clock,
    log,
    onChange: show,
    onRefused: (name) => {
      const { contact } = policy().settings
      notifySessions(refusalNotice(name, contact ?? ''), log)
    },
  })
  const unsubscribe = uevents?.subscribe({
    onUevents: (events) => {
      const isLate = events.some(
        ({ action, subsystem, devpath }) =>
          action === 'add' &&
          (subsystem === 'drivers' || subsystem === 'module' || /\/usb\d+$/.test(devpath)),
      )
      if (isLate) control.onLateKernelPart()
    },
    onOverflow: () => control.onLateKernelPart(),
  })
  tellStanding(parts, tell)
  await control.start()
  if (board.start()) show()
  return {
    control,
    close: async () => {
      unsubscribe?.()
      await control.stop()
      await board.stop()
    },
  }
}

/** In both languages: the one at the computer is not the administrator, and his desktop's language is not known here. */
function refusalNotice(name: string, contact: string): { title: string; body: string } {
  const shown = showRawText(name)
  const ask = contact === '' ? '' : `\n${contact}`
  return {
    title: '介质未登记，已拒绝 · Medium refused',
    body: `${shown}\n详情 / details: shoukou-agent media${ask}`,
  }
}

/** Policy says that the denial stands, and it does not: that is said at each start. */
function tellStanding(
  { standing, policy }: MediaControlParts,
  tell: (fact: Fact, decision: null) => Promise<unknown>,
): void {
  if (policy().settings.modes.media === 'enforce') return
  const { release, isOffAtBoot } = standing
  const isReleasedByHand = isReleased(release, policy().version)
  if (!isOffAtBoot && !isReleasedByHand) return
  const cause = isOffAtBoot ? 'boot-parameter' : 'released-by-hand'
  const reason = isOffAtBoot ? 'shoukou.hold=off on the kernel command line' : (release?.reason ?? null)
  void tell(
    {
      kind: 'control.state',
      group: 'media',
      state: 'released',
      cause,
      reason: reason?.slice(0, 1_000) ?? null,
      layers: [],
    },
    null,
  )
}
