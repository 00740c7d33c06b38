/**
 * What stands at each USB port, and what stood there just before: a device that goes and comes back as another one
 * within seconds is one story. Pure; kept while a computer is connected, for a story is over in seconds.
 */
import { type RawText, type Record, rawTextKey, showRawText, type UsbDevice } from '@shoukou/protocol'
import { type UsbFunction, usbFunctionsOf } from '@shoukou/protocol/usb/functions.ts'

export interface PortStory {
  readonly device: UsbDevice
  readonly functions: readonly UsbFunction[]
  readonly before: {
    readonly vendorId: string
    readonly productId: string
    readonly functions: UsbFunction[]
    readonly port: string
    readonly gapMs: number
  } | null
}

interface Port {
  readonly story: PortStory
  /** When it left; null while it stands there. */
  readonly leftBootMs: number | null
}

export type Ports = ReadonlyMap<string, Port>

/** A mode switch takes one to five seconds; a hand that changes sticks takes longer, ms. */
const storyMsMax = 10_000
const portsMax = 1_024

/** Takes one record of a journal; records come in their order. */
export function stepPorts(before: Ports, { fact, bootMs }: Record): Ports {
  if (fact.kind === 'agent.started') return new Map()
  if (fact.kind !== 'usb.attached' && fact.kind !== 'usb.detached') return before
  const { device } = fact
  const key = rawTextKey(device.path)
  const known = before.get(key)
  if (fact.kind === 'usb.detached') {
    const story = known?.story ?? { device, functions: usbFunctionsOf(device), before: null }
    return withPort(before, key, { story, leftBootMs: bootMs })
  }
  const gapMs =
    known === undefined || known.leftBootMs === null ? null : Math.round(bootMs - known.leftBootMs)
  const isStory = known !== undefined && gapMs !== null && gapMs >= 0 && gapMs <= storyMsMax
  const was = isStory && isAnother(known.story.device, device) ? known.story : null
  return withPort(before, key, {
    story: {
      device,
      functions: usbFunctionsOf(device),
      before:
        was === null
          ? null
          : {
              vendorId: was.device.vendorId,
              productId: was.device.productId,
              functions: [...was.functions],
              port: showRawText(device.path).slice(0, 100),
              gapMs: gapMs ?? 0,
            },
    },
    leftBootMs: null,
  })
}

/** What stands at a port now; null where it is not known. */
export function storyAt(ports: Ports, path: RawText | null): PortStory | null {
  const port = path === null ? undefined : ports.get(rawTextKey(path))
  return port === undefined || port.leftBootMs !== null ? null : port.story
}

/** The same thing pulled out and put back is no story. */
function isAnother(a: UsbDevice, b: UsbDevice): boolean {
  if (a.vendorId !== b.vendorId || a.productId !== b.productId) return true
  return usbFunctionsOf(a).join() !== usbFunctionsOf(b).join()
}

function withPort(ports: Ports, key: string, port: Port): Ports {
  const next = new Map(ports)
  next.delete(key)
  const [oldest] = next.keys()
  if (oldest !== undefined && next.size >= portsMax) next.delete(oldest)
  return next.set(key, port)
}
