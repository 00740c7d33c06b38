/**
 * A disk behind Bulk-Only Transport as a source of blocks: what the device says of itself is checked before it is believed.
 * Pure over a session; time and waiting are arguments.
 */
import { type RawText, ShoukouError } from '@shoukou/protocol'
import type { BlockSource, LogicalUnit } from './block-source.ts'
import { assertInside } from './bounded-reader.ts'
import { type BulkOnlySession, type Outcome, unreadable } from './bulk-only-session.ts'
import {
  CAPACITY_10_BYTES,
  CAPACITY_16_BYTES,
  type Capacity,
  INQUIRY_BYTES,
  type Inquiry,
  inquiryCommand,
  parseCapacity10,
  parseCapacity16,
  parseDesignator,
  parseInquiry,
  parsePageList,
  parseSense,
  parseUnitSerial,
  readCapacity10Command,
  readCapacity16Command,
  requestSenseCommand,
  SENSE_BYTES,
  type Sense,
  synchronizeCacheCommand,
  testUnitReadyCommand,
  transferCommand,
  VPD_BYTES,
} from './scsi-commands.ts'

export interface ScsiDiskOptions {
  readonly session: BulkOnlySession
  /** What GET MAX LUN gave. */
  readonly lastUnit: number
  readonly isWritable: boolean
  readonly wait: (ms: number) => Promise<void>
  readonly close: () => Promise<void>
}

/** One transfer: what the oldest sticks take (usb-storage's own limit is 120 KiB). */
const TRANSFER_BYTES_MAX = 65_536
/** A stick that has just been given power needs a moment, a disk several seconds; the deadline of the whole ends it. */
const READY_TRIES = 60
const READY_WAIT_MS = 50
/** SBC-3 §4.5 knows others; Linux takes no more than these. */
const BLOCK_SIZES: readonly number[] = [512, 1_024, 2_048, 4_096]
const DIRECT_ACCESS = 0
/** A simplified disk (RBC) and optical memory are read as disks are. */
const READABLE_TYPES: readonly number[] = [DIRECT_ACCESS, 0x0e, 0x07, 0x05]
/** SPC-3: older devices are known to hang when they are asked for pages. */
const versionWithPages = 5
const UNIT_ATTENTION = 6
const NOT_READY = 2
const NO_MEDIUM = 0x3a
const noMedium: Capacity = { lastBlock: -1, blockBytes: 512 }

/**
 * Opens logical unit 0: INQUIRY, TEST UNIT READY until it is, READ CAPACITY. A reader without a card opens with a size of 0.
 *
 * @throws ShoukouError `medium-unreadable` with `context.step` `inquiry`, `ready`, `capacity`.
 */
export async function openScsiDisk(options: ScsiDiskOptions): Promise<BlockSource> {
  const { session, lastUnit, isWritable, wait, close } = options
  // Whoever spoke to it before may have died in the middle of a command: then the first one meets a device out of step.
  const inquiry = await onceMore(() => readInquiry(session, 0))
  if (inquiry === null) throw unreadable('inquiry', 'The device does not say what it is.')
  if (!READABLE_TYPES.includes(inquiry.peripheralType)) {
    throw unreadable('inquiry', 'The device is no disk.', { peripheralType: inquiry.peripheralType })
  }
  const isReady = await waitUntilReady(session, wait)
  const units = await readUnits(session, { inquiry, isReady, lastUnit })
  const { blockBytes, lastBlock } = isReady ? await readCapacity(session) : noMedium
  const sizeBytes = (lastBlock + 1) * blockBytes
  let pages: Promise<ReadonlySet<number>> | undefined

  const readPage = async (page: number): Promise<Buffer | null> => {
    if (inquiry.version < versionWithPages) return null
    pages ??= ask(session, 'page 00', inquiryCommand(0), VPD_BYTES).then((list) =>
      list.isPassed ? parsePageList(list.bytes) : new Set<number>(),
    )
    if (!(await pages).has(page)) return null
    const answer = await ask(session, `page ${page.toString(16)}`, inquiryCommand(page), VPD_BYTES)
    return answer.isPassed ? answer.bytes : null
  }
  const readBlocks = async (first: number, count: number): Promise<Buffer> => {
    const step = 'read'
    const answer = await ask(session, step, transferCommand('read', first, count), count * blockBytes)
    if (answer.isPassed && answer.bytes.length === count * blockBytes) return answer.bytes
    const sense = answer.isPassed ? null : await readSense(session)
    throw unreadable(step, 'The device gave other than the blocks that were asked for.', {
      block: first,
      count,
      givenBytes: answer.bytes.length,
      sense: senseText(sense),
    })
  }
  const writeBlocks = async (first: number, bytes: Uint8Array): Promise<void> => {
    const command = transferCommand('write', first, bytes.length / blockBytes)
    const answer = await session.run({ step: 'write', command, data: bytes })
    if (answer.isPassed) return
    const sense = senseText(await readSense(session))
    throw unreadable('write', 'The device did not take what was written.', { block: first, sense })
  }

  return {
    method: 'airlock',
    blockBytes,
    sizeBytes,
    units,
    isWritable,
    async read(offset, length) {
      assertInside(sizeBytes, offset, length)
      if (length === 0) return Buffer.alloc(0)
      const first = Math.floor(offset / blockBytes)
      const end = Math.ceil((offset + length) / blockBytes)
      const perTransfer = TRANSFER_BYTES_MAX / blockBytes
      const parts: Buffer[] = []
      for (let block = first; block < end; block += perTransfer) {
        parts.push(await onceMore(() => readBlocks(block, Math.min(perTransfer, end - block))))
      }
      const skip = offset - first * blockBytes
      return Buffer.concat(parts).subarray(skip, skip + length)
    },
    async write(offset, bytes) {
      if (!isWritable) throw unreadable('write', 'The medium was not opened for writing.')
      assertInside(sizeBytes, offset, bytes.length)
      if (offset % blockBytes !== 0 || bytes.length % blockBytes !== 0) {
        throw unreadable('write', 'Only whole blocks are written.', { offset, length: bytes.length })
      }
      for (let at = 0; at < bytes.length; at += TRANSFER_BYTES_MAX) {
        await writeBlocks((offset + at) / blockBytes, bytes.subarray(at, at + TRANSFER_BYTES_MAX))
      }
      // Sticks without a cache refuse this, which is an answer too.
      await ask(session, 'synchronize', synchronizeCacheCommand(), 0)
    },
    inquiry: async () => inquiry.texts,
    async diskSerial(): Promise<RawText | null> {
      const page = await readPage(0x80)
      return page === null ? null : parseUnitSerial(page)
    },
    async wwn(): Promise<RawText | null> {
      const page = await readPage(0x83)
      return page === null ? null : parseDesignator(page)
    },
    close,
  }
}

/** Tries again what changes nothing, once, where the device was brought back into step. */
async function onceMore<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof ShoukouError && error.context['recovered'] === true) return await run()
    throw error
  }
}

function ask(session: BulkOnlySession, step: string, command: Buffer, length: number): Promise<Outcome> {
  return session.run({ step, command, data: length })
}

async function readInquiry(session: BulkOnlySession, unit: number): Promise<Inquiry | null> {
  const answer = await session.run({ step: 'inquiry', unit, command: inquiryCommand(), data: INQUIRY_BYTES })
  return parseInquiry(answer.bytes)
}

async function readSense(session: BulkOnlySession, unit = 0): Promise<Sense | null> {
  const answer = await session.run({ step: 'sense', unit, command: requestSenseCommand(), data: SENSE_BYTES })
  return parseSense(answer.bytes)
}

/** A first TEST UNIT READY fails on purpose: it tells that a medium was changed. Returns false where there is no medium. */
async function waitUntilReady(
  session: BulkOnlySession,
  wait: (ms: number) => Promise<void>,
): Promise<boolean> {
  let sense: Sense | null = null
  for (let tries = 0; tries < READY_TRIES; tries += 1) {
    const answer = await ask(session, 'ready', testUnitReadyCommand(), 0)
    if (answer.isPassed) return true
    sense = await readSense(session)
    if (sense?.key === NOT_READY && sense.code === NO_MEDIUM) return false
    if (sense?.key !== UNIT_ATTENTION && tries > 0) await wait(READY_WAIT_MS)
  }
  throw unreadable('ready', 'The device does not become ready.', { sense: senseText(sense) })
}

/** Asks the further units what they are; none of them is read. */
async function readUnits(
  session: BulkOnlySession,
  first: { readonly inquiry: Inquiry; readonly isReady: boolean; readonly lastUnit: number },
): Promise<LogicalUnit[]> {
  const { inquiry: own, isReady: isFirstReady, lastUnit } = first
  const units: LogicalUnit[] = [{ number: 0, peripheralType: own.peripheralType, isReady: isFirstReady }]
  for (let number = 1; number <= lastUnit; number += 1) {
    const inquiry = await readInquiry(session, number)
    const isReady = await isUnitReady(session, number)
    units.push({ number, peripheralType: inquiry?.peripheralType ?? null, isReady })
  }
  return units
}

/** The first answer of a unit is that it was just switched on; the second counts. */
async function isUnitReady(session: BulkOnlySession, unit: number): Promise<boolean> {
  for (let tries = 0; tries < 2; tries += 1) {
    const answer = await session.run({ step: 'ready', unit, command: testUnitReadyCommand(), data: 0 })
    if (answer.isPassed) return true
    const sense = await readSense(session, unit)
    if (sense?.key !== UNIT_ATTENTION) return false
  }
  return false
}

async function readCapacity(session: BulkOnlySession): Promise<Capacity> {
  const short = await ask(session, 'capacity', readCapacity10Command(), CAPACITY_10_BYTES)
  let capacity = short.isPassed ? parseCapacity10(short.bytes) : null
  if (capacity?.lastBlock === 0xffff_ffff) {
    const long = await ask(session, 'capacity', readCapacity16Command(), CAPACITY_16_BYTES)
    capacity = long.isPassed ? parseCapacity16(long.bytes) : null
  }
  if (capacity === null) {
    throw unreadable('capacity', 'The device does not say how large it is.', {
      sense: short.isPassed ? null : senseText(await readSense(session)),
    })
  }
  const { lastBlock, blockBytes } = capacity
  const isPlausible = BLOCK_SIZES.includes(blockBytes) && Number.isSafeInteger((lastBlock + 1) * blockBytes)
  if (!isPlausible) {
    throw unreadable('capacity', 'The device claims a size that can not be.', {
      lastBlock: String(lastBlock),
      blockBytes,
    })
  }
  return capacity
}

function senseText(sense: Sense | null): string | null {
  return sense === null
    ? null
    : [sense.key, sense.code, sense.qualifier].map((part) => part.toString(16)).join('/')
}
