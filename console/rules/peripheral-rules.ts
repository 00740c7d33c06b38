/**
 * Violations 25, 26 and 28, and network devices on USB: what the agent's policy refused by its own rule. The agent
 * decides with what only it knows (which keyboard is the last one); judged a second time here, the same device could be
 * judged differently.
 */
import type { UsbDevice } from '@shoukou/protocol'
import {
  isPhoneOrCamera,
  isStorage,
  type UsbFunction,
  usbFunctionsOf,
} from '@shoukou/protocol/usb/functions.ts'
import { busDeviceOfUsb } from './device-evidence.ts'
import { outcomeOf } from './insertion-rules.ts'
import type { JudgeContext, Judgement, RecordOf } from './judgement.ts'
import type { PortStory } from './port-stories.ts'
import { wasJudgedBefore } from './storage-devices.ts'

export function judgePeripheral(record: RecordOf<'usb.attached'>, { story }: JudgeContext): Judgement[] {
  const { fact, decision, wallMs } = record
  const { device, origin } = fact
  if (wasJudgedBefore(origin) || decision?.would !== 'block') return []
  const acted = { ...outcomeOf(decision), functions: usbFunctionsOf(device) }
  const { rule } = decision
  // Pulled out before it could be read, it was never in use; storage is the insertion rule's matter.
  if (fact.sighting === 'event-only') return []
  switch (rule) {
    case 'phone-or-camera-connected':
      return [{ type: rule, evidence: { device, mode: phoneModeOf(acted.functions), ...acted } }]
    case 'wireless-input-device':
      return [{ type: rule, evidence: { receiver: busDeviceOfUsb(device), ...acted } }]
    case 'unregistered-peripheral':
    case 'suspicious-composite':
    case 'malformed-descriptors':
      return [
        {
          type: 'unregistered-peripheral',
          evidence: {
            device: busDeviceOfUsb(device),
            origin,
            firstSeenAtMs: wallMs,
            why:
              rule === 'malformed-descriptors' && device.descriptors === null ? 'unread-descriptors' : rule,
            ...(device.descriptorFaults.length === 0 ? {} : { faults: device.descriptorFaults }),
            ...acted,
          },
        },
      ]
    case 'unregistered-network-adapter':
      return networkDevice(record, story ?? null)
    default:
      return []
  }
}

/** What a phone offers, the gravest first. */
function phoneModeOf(
  functions: readonly UsbFunction[],
): 'mtp' | 'ptp' | 'storage' | 'network' | 'debug' | 'charging' | 'other' {
  if (functions.includes('network')) return 'network'
  if (functions.includes('phone-debug')) return 'debug'
  if (functions.includes('phone-mtp')) return 'mtp'
  if (functions.includes('phone-ptp')) return 'ptp'
  if (functions.some(isStorage)) return 'storage'
  return functions.includes('phone-charging') ? 'charging' : 'other'
}

/**
 * Where it was let in, its network interface is judged when it appears (`network-rules.ts`), and this would be the same
 * thing twice; a modem makes none, and what was kept out makes none.
 */
function networkDevice(record: RecordOf<'usb.attached'>, story: PortStory | null): Judgement[] {
  const { fact, decision, wallMs } = record
  const { device, origin, sighting } = fact
  const functions = usbFunctionsOf(device)
  const { outcome, wouldBlock } = outcomeOf(decision)
  const isModem = functions.includes('modem')
  if (outcome !== 'blocked' && (functions.includes('network') || !isModem)) return []
  const told = { outcome, wouldBlock, functions, before: story?.before ?? null }
  if (isPhoneOrCamera(functions) || isPhoneOrCamera(story?.before?.functions ?? [])) {
    return [
      {
        type: 'phone-tethering',
        evidence: { ...tethering(device), interface: null, durationMs: null, ...told },
      },
    ]
  }
  if (isModem) {
    return [
      {
        type: 'modem-or-cellular-dialup',
        evidence: {
          device: busDeviceOfUsb(device),
          interface: null,
          link: functions.includes('network') ? 'wwan' : 'modem',
          logLines: [],
          startedAtMs: wallMs,
          endedAtMs: null,
          ...told,
        },
      },
    ]
  }
  return [
    {
      type: 'unregistered-network-adapter',
      evidence: { interface: null, origin, sighting, device: busDeviceOfUsb(device), ...told },
    },
  ]
}

/** How a phone shows its network: by the codes of its interfaces. */
export function tethering(device: UsbDevice): {
  vendorId: string
  productId: string
  product: UsbDevice['product']
  function: 'rndis' | 'ecm' | 'ncm' | 'other'
} {
  const codes = device.interfaces.map((one) => `${one.class}:${one.subclass}:${one.protocol}`)
  const has = (...prefixes: readonly string[]) =>
    codes.some((code) => prefixes.some((prefix) => code.startsWith(prefix)))
  const way = has('e0:01:03', '02:02:ff', 'ef:04:01', 'ef:01:01')
    ? 'rndis'
    : has('02:0d')
      ? 'ncm'
      : has('02:06')
        ? 'ecm'
        : 'other'
  const { vendorId, productId, product } = device
  return { vendorId, productId, product, function: way }
}
