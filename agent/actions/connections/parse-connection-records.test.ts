/** Bytes as Linux 6.18 wrote them, and others that no kernel would write. */
import { describe, expect, it } from 'vitest'
import {
  actNumbers,
  eventAt,
  eventBytes,
  eventFlag,
  processAt,
  processFlag,
  recordKind,
} from './connection-layout.ts'
import { RecordReader } from './parse-connection-records.ts'

const key = Buffer.from('00112233445566778899aabbccddeeff', 'hex')

function processRecord(names: readonly string[], isWhole: boolean, of = key): Buffer {
  const head = Buffer.alloc(processAt.names)
  head[0] = recordKind.process
  head[3] = isWhole ? processFlag.whole : 0
  of.copy(head, processAt.key)
  return Buffer.concat([head, ...names.map((name) => Buffer.from(`${name}\0`))])
}

function eventRecord(more: (bytes: Buffer) => void = () => undefined): Buffer {
  const bytes = Buffer.alloc(eventBytes)
  bytes.set([recordKind.event, actNumbers.connect, 4, eventFlag.hasProcess])
  bytes.writeUInt32LE(6, eventAt.protocol)
  bytes.writeUInt32LE(1, eventAt.type)
  bytes.writeUInt32LE(443, eventAt.peerPort)
  bytes.writeBigUInt64LE(0x0000_0123_0000_0456n, eventAt.pidTgid)
  bytes.writeBigUInt64LE(0x0000_0064_0000_03e8n, eventAt.uidGid)
  bytes.write('curl', eventAt.name)
  Buffer.from('00000000000000000000ffff0a010203', 'hex').copy(bytes, eventAt.peer)
  key.copy(bytes, eventAt.process)
  more(bytes)
  return bytes
}

function readerOf() {
  const unknown: number[] = []
  return { reader: new RecordReader(() => unknown.push(1)), unknown }
}

describe('a record', () => {
  it('recorded from a kernel is read whole', () => {
    const { reader } = readerOf()
    // `connect-storm` in /tmp/guard, TCP to 127.0.1.1:9.
    expect(reader.read(Buffer.from(recorded.process, 'hex'))).toBeNull()
    const read = reader.read(Buffer.from(recorded.event, 'hex'))
    expect(read).toMatchObject({
      act: 'connect',
      family: 'ipv4',
      protocol: 6,
      socketType: 1,
      peer: { address: '127.0.1.1', port: 9 },
      local: null,
      isRefused: true,
      process: { pid: 14_354, uid: 0, gid: 0 },
    })
    expect(read?.process?.path?.toString()).toBe('/tmp/guard/connect-storm')
    expect(read?.process?.name.toString()).toBe('connect-storm')
  })

  it('of an event is joined with the path of its process, hostile bytes and all', () => {
    const { reader, unknown } = readerOf()
    expect(reader.read(processRecord(['a\n"b', 'tmp'], true))).toBeNull()
    const event = reader.read(eventRecord())
    expect(event?.process?.path?.toString()).toBe('/tmp/a\n"b')
    expect(event?.process).toMatchObject({ pid: 0x123, uid: 1_000, gid: 100 })
    expect(unknown).toEqual([])
  })

  it('of a path that was not walked whole has no root', () => {
    const { reader } = readerOf()
    reader.read(processRecord(['program', 'folder'], false))
    expect(reader.read(eventRecord())?.process?.path?.toString()).toBe('folder/program')
  })

  it('of a process that nothing was told of says so, and has no path', () => {
    const { reader, unknown } = readerOf()
    expect(reader.read(eventRecord())?.process?.path).toBeNull()
    expect(unknown).toEqual([1])
    reader.read(processRecord(['x'], true))
    expect(reader.read(eventRecord())?.process?.path?.toString()).toBe('/x')
  })

  it('without a key has no path, and none is asked for', () => {
    const { reader, unknown } = readerOf()
    const event = reader.read(eventRecord((bytes) => bytes.fill(0, eventAt.process)))
    expect(event?.process?.path).toBeNull()
    expect(unknown).toEqual([])
  })

  it('names the whole of a name that has no end', () => {
    const { reader } = readerOf()
    const event = reader.read(eventRecord((bytes) => bytes.fill(0x61, eventAt.name, eventAt.peer)))
    expect(event?.process?.name.toString()).toBe('a'.repeat(16))
  })

  it('that is cut short or of another kind is none', () => {
    const { reader } = readerOf()
    const whole = eventRecord()
    for (let length = 0; length < eventBytes; length += 1)
      expect(reader.read(whole.subarray(0, length))).toBeNull()
    for (const kind of [0, 3, 255]) expect(reader.read(eventRecord((bytes) => (bytes[0] = kind)))).toBeNull()
    for (const act of [0, 7, 255]) expect(reader.read(eventRecord((bytes) => (bytes[1] = act)))).toBeNull()
    const names = processRecord(['a', 'b'], true)
    for (let length = 0; length < names.length; length += 1)
      expect(reader.read(names.subarray(0, length))).toBeNull()
  })
})

const recorded = {
  process: '02000001000000003c6ce3ebff1800001238000009000000636f6e6e6563742d73746f726d00677561726400746d7000',
  event:
    '01010403060000000100000009000000000000000000000072564eedff1800002fb90400000000001238000012380000' +
    '0000000000000000dd1f0000000000000f01000000000000636f6e6e6563742d73746f726d0000000000000000000000' +
    '0000ffff7f000101000000000000000000000000000000003c6ce3ebff1800001238000009000000',
}
