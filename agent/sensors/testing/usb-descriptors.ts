/** USB descriptors written out after USB 2.0 §9.6, for tests: no device was recorded. */
export interface InterfaceSpec {
  readonly number: number
  readonly alternate?: number
  readonly codes: readonly [number, number, number]
  readonly endpoints?: number
}

export function deviceDescriptor(vendor: number, product: number, configurations: number): Buffer {
  const bytes = Buffer.from([18, 1, 0x00, 0x02, 0, 0, 0, 64, 0, 0, 0, 0, 0x00, 0x01, 1, 2, 3, configurations])
  bytes.writeUInt16LE(vendor, 8)
  bytes.writeUInt16LE(product, 10)
  return bytes
}

export function configurationDescriptor(value: number, interfaces: readonly InterfaceSpec[]): Buffer {
  const body = Buffer.concat(interfaces.map(interfaceBytes))
  const numbers = new Set(interfaces.map(({ number }) => number)).size
  const head = Buffer.from([9, 2, 0, 0, numbers, value, 0, 0x80, 50])
  head.writeUInt16LE(head.length + body.length, 2)
  return Buffer.concat([head, body])
}

/** A stick: mass storage, SCSI, bulk-only, two endpoints. */
export function stickDescriptors(vendor = 0x46f4, product = 0x0001): Buffer {
  const storage = configurationDescriptor(1, [{ number: 0, codes: [8, 6, 0x50], endpoints: 2 }])
  return Buffer.concat([deviceDescriptor(vendor, product, 1), storage])
}

function interfaceBytes(spec: InterfaceSpec): Buffer {
  const { number, alternate = 0, codes, endpoints = 0 } = spec
  const head = Buffer.from([9, 4, number, alternate, endpoints, ...codes, 0])
  const ends = Array.from({ length: endpoints }, (_, index) => Buffer.from([7, 5, 0x81 + index, 2, 0, 2, 0]))
  return Buffer.concat([head, ...ends])
}
