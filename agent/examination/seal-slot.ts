/**
 * Reads, writes and erases the seal of a medium in the places that `seal-places.ts` names. Pure over a source.
 *
 * A place is used only when it is all zero or holds a seal already: nothing that somebody put there is ever lost.
 */
import assert from 'node:assert/strict'
import { LIMITS, readSealBytes, ShoukouError } from '@shoukou/protocol'
import type { BlockSource, BoundedReader } from './block-source.ts'
import { EXAMINATION_BUDGET, faultOf, readFrugally } from './bounded-reader.ts'
import { type MediumLayout, readLayout } from './medium-layout.ts'
import { BOOT_MARK_BYTE, type Slot, sealSlots } from './seal-places.ts'

export interface FoundSeal {
  readonly slot: string
  /** From the seal's first byte to the end of its slot. */
  readonly bytes: Buffer
}

/**
 * Finds the seal: the first whole one, else the first that is damaged; null where there is none. A place that can't be
 * read is added to `faults`.
 */
export async function readSeal(
  source: BoundedReader,
  layout: MediumLayout,
  faults: string[] = [],
): Promise<FoundSeal | null> {
  let damaged: FoundSeal | null = null
  for (const slot of sealSlots(layout)) {
    const bytes = await readSlot(source, slot, faults)
    if (bytes === null) continue
    const { kind } = readSealBytes(bytes)
    if (kind === 'found') return { slot: slot.name, bytes }
    if (kind === 'damaged') damaged ??= { slot: slot.name, bytes }
  }
  return damaged
}

/**
 * Writes a seal into the first place where it lasts, reads it back, and takes older ones off the other places.
 *
 * @throws ShoukouError `no-place-for-seal`, `context.tried` says what stood against each place.
 */
export async function writeSeal(source: BlockSource, bytes: Uint8Array): Promise<{ readonly slot: string }> {
  assert(
    bytes.length <= LIMITS.sealBytesMax && readSealBytes(bytes).kind !== 'absent',
    'what is written is a seal',
  )
  const tried: string[] = []
  const slots = await readSlots(source)
  for (const slot of slots) {
    const obstacle = await tryToWrite(source, slot, bytes)
    if (obstacle === null) {
      await eraseFrom(
        source,
        slots.filter((other) => other !== slot),
      )
      return { slot: slot.name }
    }
    tried.push(`${slot.name}: ${obstacle}`)
  }
  throw new ShoukouError('no-place-for-seal', undefined, {
    context: { tried: tried.join('; ').slice(0, 500) },
  })
}

/**
 * Takes every seal off, and reads back that it is gone. Returns the places that held one.
 *
 * @throws ShoukouError `medium-unreadable` where one could not be taken off.
 */
export async function eraseSeal(source: BlockSource): Promise<string[]> {
  return await eraseFrom(source, await readSlots(source))
}

async function readSlots(source: BlockSource): Promise<Slot[]> {
  return sealSlots(await readLayout(readFrugally(source, EXAMINATION_BUDGET)))
}

async function eraseFrom(source: BlockSource, slots: readonly Slot[]): Promise<string[]> {
  const erased: string[] = []
  for (const slot of slots) {
    const before = await readSlot(source, slot, [])
    if (before === null || readSealBytes(before).kind === 'absent') continue
    await source.write(slot.startByte, Buffer.alloc(slot.lengthBytes))
    const after = await source.read(slot.startByte, slot.lengthBytes)
    if (after.some((byte) => byte !== 0)) {
      throw new ShoukouError('medium-unreadable', 'The medium kept a seal that was taken off.', {
        context: { step: 'erase', slot: slot.name },
      })
    }
    erased.push(slot.name)
  }
  return erased
}

/** Returns what stands against a place; null once the seal stands there. */
async function tryToWrite(source: BlockSource, slot: Slot, bytes: Uint8Array): Promise<string | null> {
  if (bytes.length > slot.lengthBytes) return 'too short'
  const filled = Buffer.alloc(slot.lengthBytes)
  filled.set(bytes)
  if (slot.name === 'boot-block' && filled[BOOT_MARK_BYTE] === 0x55 && filled[BOOT_MARK_BYTE + 1] === 0xaa) {
    return 'would look like a boot sector'
  }
  try {
    const before = await source.read(slot.startByte, slot.lengthBytes)
    if (before.some((byte) => byte !== 0) && readSealBytes(before).kind === 'absent') return 'in use'
    await source.write(slot.startByte, filled)
    const after = await source.read(slot.startByte, slot.lengthBytes)
    return after.equals(filled) ? null : 'reads back differently'
  } catch (error) {
    return faultOf('not written', error)
  }
}

async function readSlot(source: BoundedReader, slot: Slot, faults: string[]): Promise<Buffer | null> {
  try {
    return await source.read(slot.startByte, slot.lengthBytes)
  } catch (error) {
    faults.push(faultOf(`place for a seal ${slot.name}`, error))
    return null
  }
}
