/**
 * What the policy says to a fact. Pure: the same policy, fact and surroundings always give the same decision.
 *
 * Where a group only observes nothing is blocked: `would` says what enforcing would do. A medium is decided on when it
 * has been examined (`agent/control`); until then it is shut, or would be. Judging for the record is the console's
 * work; this is the agent's own view, made at the moment itself.
 */
import {
  type BlockDevice,
  type Decision,
  type Fact,
  type FactNamed,
  isOwnDisk,
  type NetworkInterface,
  type Origin,
  type Policy,
  type RawText,
  type UsbDevice,
} from '@shoukou/protocol'
import { decideUsbDevice } from './decide-usb.ts'
import { networkModeOf } from './network/network-mode.ts'
import {
  isApprovedInterface,
  isBaselineInterface,
  isBaselineUsb,
  isRegisteredMedium,
  isSameText,
} from './own-things.ts'

export interface Surroundings {
  /** The USB device at a port path, where one is attached. */
  usbAt(path: RawText): UsbDevice | null
  /** All USB devices that are attached. */
  usbDevices(): readonly UsbDevice[]
  /** Keyboards that work now, on any bus. */
  readonly workingKeyboards: number
}

/** Decides; null where the policy has nothing to say to this kind of fact. */
export function decide(policy: Policy, fact: Fact, around: Surroundings): Decision | null {
  switch (fact.kind) {
    case 'usb.attached':
      return decideUsb(policy, fact, around)
    case 'block.attached':
      return decideDisk(policy, fact.device, fact.origin, around)
    case 'block.changed':
      return isMediumInserted(fact) ? decideDisk(policy, fact.device, 'appeared', around) : null
    case 'network.interface-added':
      return decideInterface(policy, fact.interface, fact.origin)
    case 'network.interface-changed':
      return decideLink(policy, fact)
    case 'network.hardware':
      return decideHardware(fact)
    case 'agent.started':
    case 'agent.stopping':
    case 'agent.coverage':
    case 'sensor.overflow':
    case 'usb.detached':
    case 'block.detached':
    case 'mount.added':
    case 'mount.removed':
    case 'network.interface-removed':
    case 'network.routes-changed':
    case 'network.picture':
    case 'network.changed-while-away':
    case 'network.condition':
    case 'network.connections':
    case 'network.counted':
    case 'network.acted':
    case 'network.traces':
    case 'network.probed':
    case 'control.tampered':
    case 'file.activity':
    case 'host.inventory':
    case 'clock.stepped':
    case 'journal.opened':
    case 'journal.gap':
    case 'journal.loss':
    case 'media.examined':
    case 'media.access':
    case 'media.sealed':
    case 'usb.acted':
    case 'usb.re-enumerated':
    case 'usb.storm':
    case 'control.state':
    case 'guard.refused':
    case 'grant.changed':
    case 'policy.applied':
    case 'policy.refused':
    case 'command.done':
    case 'agent.paused':
    case 'agent.altered':
    case 'agent.removal':
    case 'journal.sealed':
    case 'identity.renewed':
    case 'ceiling.applied':
    case 'ceiling.refused':
    case 'bundle.exported':
    case 'bundle.returned':
    case 'session.opened':
    case 'session.closed':
      return null
  }
}

function decideUsb(policy: Policy, fact: FactNamed<'usb.attached'>, around: Surroundings): Decision {
  const { device, origin, sighting } = fact
  const isObserving = policy.settings.modes.media === 'observe'
  if (isObserving && origin === 'baseline') return allowed('baseline')
  if (isObserving && isRegisteredMedium(device, policy.settings.registeredMedia))
    return allowed('registered-medium')
  if (isObserving && origin !== 'appeared' && isBaselineUsb(device, policy.baseline))
    return allowed('baseline')
  // Gone before it could be read: it may have been anything.
  if (sighting === 'event-only' && device.interfaces.length === 0) return refused(policy, 'unknown-device')
  return decideUsbAgain(policy, device, origin, around)
}

/** Decides about a device that is attached, by what it could be and the policy now. */
export function decideUsbAgain(
  policy: Policy,
  device: UsbDevice,
  origin: Origin,
  around: Surroundings,
): Decision {
  const others = around.usbDevices().filter((other) => !isSameText(other.path, device.path))
  const { workingKeyboards } = around
  const { verdict, rule, spare, alarms } = decideUsbDevice({
    device,
    origin,
    policy,
    others,
    workingKeyboards,
  })
  const decision = verdict === 'allow' ? allowed(rule) : spare ? detected(rule) : refused(policy, rule)
  return alarms.length === 0 ? decision : { ...decision, alarms: [...alarms] }
}

function decideDisk(policy: Policy, disk: BlockDevice, origin: Origin, around: Surroundings): Decision {
  if (disk.bus === 'loop' || disk.bus === 'mapped' || disk.bus === 'memory') return allowed('virtual-disk')
  if (origin === 'baseline') return allowed('baseline')
  const carrier = disk.usbPath === null ? null : around.usbAt(disk.usbPath)
  if (carrier !== null && isRegisteredMedium(carrier, policy.settings.registeredMedia))
    return allowed('registered-medium')
  if (isOwnDisk(disk, policy.baseline)) return allowed('baseline')
  if (isEmptyDrive(disk)) return allowed('empty-drive')
  return refused(policy, 'medium-to-be-examined')
}

/** A reader or drive that says it takes media and that it holds none. An unknown size is not an empty drive. */
function isEmptyDrive(disk: BlockDevice): boolean {
  return (
    disk.sizeBytes === 0 && (disk.isRemovable === true || disk.bus === 'optical' || disk.bus === 'floppy')
  )
}

function isMediumInserted({ before, device }: FactNamed<'block.changed'>): boolean {
  return device.sizeBytes !== 0 && device.sizeBytes !== before.sizeBytes
}

/** Decides about an interface that is there, under the policy that holds now. */
export function decideInterface(policy: Policy, adapter: NetworkInterface, origin: Origin): Decision | null {
  if (adapter.nature === 'loopback') return null
  const isKnown = isApprovedInterface(adapter, policy.settings.approvedInterfaces)
  const isBaseline = origin === 'baseline' || isBaselineInterface(adapter, policy.baseline)
  if (!isKnown && !isBaseline && isAdapter(adapter))
    return onNetwork(policy, 'unregistered-network-adapter', isCarrying(adapter))
  if (isForbiddenLink(policy, adapter)) return onNetwork(policy, 'standalone-network-connection', true)
  if (isKnown) return allowed('approved-interface')
  return allowed(isBaseline ? 'baseline' : 'virtual-interface')
}

/** A link that came up: on a computer that may have none, or, where that is acted on, on an adapter nobody knows. */
function decideLink(policy: Policy, fact: FactNamed<'network.interface-changed'>): Decision | null {
  const { before, interface: adapter } = fact
  if (isForbiddenLink(policy, adapter) && !isForbiddenLink(policy, before))
    return onNetwork(policy, 'standalone-network-connection', true)
  const isNewlyLive = isCarrying(adapter) && !isCarrying(before)
  if (networkModeOf(policy) !== 'enforce' || !isNewlyLive || !isAdapter(adapter)) return null
  const isKnown =
    isApprovedInterface(adapter, policy.settings.approvedInterfaces) ||
    isBaselineInterface(adapter, policy.baseline)
  return isKnown ? null : onNetwork(policy, 'unregistered-network-adapter', true)
}

/** Hardware that cannot be used now is as it should be, and recorded all the same. */
function decideHardware({ change, hardware }: FactNamed<'network.hardware'>): Decision {
  if (change === 'gone') return allowed('hardware-gone')
  const isDisabled = hardware.state === 'blocked' || hardware.state === 'no-driver'
  return isDisabled ? allowed('hardware-disabled') : detected('forbidden-hardware')
}

/** Blocked where a live link is cut by network control; else seen, and would be. */
function onNetwork(policy: Policy, rule: string, isLive: boolean): Decision {
  const isCut = networkModeOf(policy) === 'enforce' && isLive
  return isCut ? { outcome: 'blocked', would: 'block', rule } : detected(rule)
}

function isCarrying(adapter: NetworkInterface): boolean {
  return adapter.isAdminUp && adapter.hasCarrier
}

/** Kinds of software interfaces that lead off the computer; bridges, veths and the like only join what is there. */
const tunnelKinds: readonly unknown[] = [
  'tun',
  'wireguard',
  'ipip',
  'sit',
  'gre',
  'gretap',
  'ip6tnl',
  'vti',
  'xfrm',
  'l2tp',
  'ppp',
  'wwan',
  'rmnet',
]
const ARPHRD_PPP = 512

function isAdapter(adapter: NetworkInterface): boolean {
  return (
    adapter.nature === 'physical' ||
    adapter.hardwareType === ARPHRD_PPP ||
    tunnelKinds.includes(adapter.linkKind)
  )
}

function isForbiddenLink(policy: Policy, adapter: NetworkInterface): boolean {
  if (policy.settings.networkMode !== 'standalone' || !isAdapter(adapter)) return false
  return (
    adapter.isAdminUp &&
    (adapter.hasCarrier || adapter.addresses.some(({ scope }) => scope === 'global' || scope === 'site'))
  )
}

function allowed(rule: string): Decision {
  return { outcome: 'allowed', would: 'allow', rule }
}

/** Not allowed: blocked where media are controlled, detected where they are only observed. */
function refused(policy: Policy, rule: string): Decision {
  if (policy.settings.modes.media === 'observe') return detected(rule)
  return { outcome: 'blocked', would: 'block', rule }
}

function detected(rule: string): Decision {
  return { outcome: 'detected', would: 'block', rule }
}
