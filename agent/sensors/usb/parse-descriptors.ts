/**
 * Raw USB descriptors to interfaces. Pure, never throws: what the device claims falsely is a fault, and a fault is a fact.
 *
 * Input is what sysfs gives: the device descriptor, then each configuration with all that belongs to it (USB 2.0 §9.6).
 * All configurations and all alternate settings are read, because a device may show its storage side in any of them.
 */
import { LIMITS, type UsbInterface } from '@shoukou/protocol'

export interface DeviceDescriptor {
  readonly usbRelease: string
  readonly deviceClass: string
  readonly deviceSubclass: string
  readonly deviceProtocol: string
  readonly vendorId: string
  readonly productId: string
  readonly deviceRelease: string
  readonly configurationCount: number
}

export interface ParsedDescriptors {
  readonly device: DeviceDescriptor | null
  readonly interfaces: readonly UsbInterface[]
  readonly faults: readonly string[]
}

const deviceLength = 18
const configurationLength = 9
const interfaceLength = 9
/** The kernel reads no more interfaces of one configuration (USB_MAXINTERFACES): beyond, two readers would disagree. */
const interfaceNumbersMax = 32
const TYPE_DEVICE = 1
const TYPE_CONFIGURATION = 2
const TYPE_INTERFACE = 4
const faultsMax = 32

export function parseDescriptors(bytes: Uint8Array): ParsedDescriptors {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const walk: Walk = { view, interfaces: [], faults: [], configurations: new Set() }
  const device = readDevice(walk)
  let at = device === null ? firstConfiguration(view) : Math.max(deviceLength, view[0] ?? 0)
  let configurations = 0
  while (at < view.length) {
    at = readConfiguration(walk, at)
    configurations += 1
  }
  if (device !== null && configurations !== device.configurationCount) {
    fault(walk, `the device claims ${device.configurationCount} configurations and gives ${configurations}`)
  }
  return { device, interfaces: walk.interfaces, faults: walk.faults }
}

interface Walk {
  readonly view: Buffer
  readonly interfaces: UsbInterface[]
  readonly faults: string[]
  /** Values of the configurations read so far. */
  readonly configurations: Set<number>
}

function readDevice(walk: Walk): DeviceDescriptor | null {
  const { view } = walk
  if (view.length < deviceLength) {
    fault(walk, `the device descriptor ends after ${view.length} bytes`)
    return null
  }
  if (view[1] !== TYPE_DEVICE) {
    fault(walk, `the first descriptor is of type ${view[1]}, not a device`)
    return null
  }
  if (view[0] !== deviceLength) fault(walk, `the device descriptor claims ${view[0]} bytes`)
  return {
    usbRelease: hex4(view.readUInt16LE(2)),
    deviceClass: hex2(view[4]),
    deviceSubclass: hex2(view[5]),
    deviceProtocol: hex2(view[6]),
    vendorId: hex4(view.readUInt16LE(8)),
    productId: hex4(view.readUInt16LE(10)),
    deviceRelease: hex4(view.readUInt16LE(12)),
    configurationCount: view[17] ?? 0,
  }
}

/** Without a device descriptor: begin at the first thing that looks like a configuration. */
function firstConfiguration(view: Buffer): number {
  for (let at = 0; at + 1 < view.length; at += 1) {
    if (view[at] === configurationLength && view[at + 1] === TYPE_CONFIGURATION) return at
  }
  return view.length
}

/** Reads one configuration; returns where the next begins. Always beyond `start`. */
function readConfiguration(walk: Walk, start: number): number {
  const { view } = walk
  const left = view.length - start
  if (left < configurationLength) {
    fault(walk, `${left} bytes after the last configuration`)
    return view.length
  }
  if (view[start + 1] !== TYPE_CONFIGURATION) {
    fault(walk, `a descriptor of type ${view[start + 1]} stands where a configuration should`)
    const next = firstConfiguration(view.subarray(start + 1))
    return start + 1 + next
  }
  const claimed = view.readUInt16LE(start + 2)
  const value = view[start + 5] ?? 0
  if (view[start] !== configurationLength)
    fault(walk, `the head of configuration ${value} claims ${view[start]} bytes`)
  if (walk.configurations.has(value)) fault(walk, `configuration ${value} is there twice`)
  walk.configurations.add(value)
  if (claimed > left) fault(walk, `configuration ${value} claims ${claimed} bytes and ${left} are there`)
  if (claimed < configurationLength) fault(walk, `configuration ${value} claims ${claimed} bytes`)
  // A configuration that lies about its length is read to the end, so that it can't hide what follows.
  const end = claimed < configurationLength || claimed > left ? view.length : start + claimed
  const numbers = readBody(walk, start, end, value)
  const expected = view[start + 4] ?? 0
  if (numbers !== expected) {
    fault(walk, `configuration ${value} claims ${expected} interfaces and gives ${numbers}`)
  }
  if (numbers > interfaceNumbersMax) fault(walk, `configuration ${value} has ${numbers} interfaces`)
  return end
}

/** Reads what follows a configuration's head; returns how many different interface numbers it has. */
function readBody(walk: Walk, start: number, end: number, configuration: number): number {
  const { view } = walk
  const numbers = new Set<number>()
  const settings = new Set<number>()
  let value = configuration
  let at = start + Math.max(configurationLength, view[start] ?? 0)
  while (at < end) {
    const length = view[at] ?? 0
    const type = view[at + 1]
    if (length < 2 || at + length > end) {
      fault(walk, `configuration ${value}: a descriptor of ${length} bytes with ${end - at} left`)
      break
    }
    if (type === TYPE_CONFIGURATION && length >= configurationLength) {
      value = view[at + 5] ?? 0
      fault(walk, `configuration ${value} stands within configuration ${configuration}`)
    }
    if (type === TYPE_DEVICE) fault(walk, `a device descriptor stands within configuration ${configuration}`)
    if (type === TYPE_INTERFACE) {
      if (length < interfaceLength) fault(walk, `an interface descriptor of ${length} bytes`)
      else {
        if (value === configuration) numbers.add(view[at + 2] ?? 0)
        noteSetting(walk, at, settings)
        addInterface(walk, at, value)
      }
    }
    at += length
  }
  return numbers.size
}

/** Of two that are called the same the kernel takes the first: whoever takes the second sees another device. */
function noteSetting(walk: Walk, at: number, settings: Set<number>): void {
  const [number, alternate] = [walk.view[at + 2] ?? 0, walk.view[at + 3] ?? 0]
  const key = number * 256 + alternate
  if (settings.has(key)) fault(walk, `interface ${number} alternate ${alternate} is there twice`)
  settings.add(key)
}

function addInterface(walk: Walk, at: number, configuration: number): void {
  const { view } = walk
  if (walk.interfaces.length >= LIMITS.usbInterfacesMax) {
    fault(walk, `more than ${LIMITS.usbInterfacesMax} interfaces`)
    return
  }
  walk.interfaces.push({
    configuration,
    number: view[at + 2] ?? 0,
    alternate: view[at + 3] ?? 0,
    class: hex2(view[at + 5]),
    subclass: hex2(view[at + 6]),
    protocol: hex2(view[at + 7]),
  })
}

function fault(walk: Walk, text: string): void {
  if (walk.faults.length < faultsMax && !walk.faults.includes(text)) walk.faults.push(text)
}

function hex2(value: number | undefined): string {
  return (value ?? 0).toString(16).padStart(2, '0')
}

function hex4(value: number): string {
  return value.toString(16).padStart(4, '0')
}
