/**
 * Makes a medium's passport, and reads its seal: what can be known of a medium before anybody may open it.
 *
 * A part that fails is a fault in words and the rest goes on, because a half-known medium must still be told of. Whether
 * the medium is acceptable is decided elsewhere.
 */
import { type BlockBus, LIMITS, type Passport } from '@shoukou/protocol'
import type { BlockSource, LogicalUnit } from './block-source.ts'
import { EXAMINATION_BUDGET, faultOf, readFrugally } from './bounded-reader.ts'
import { type MediumLayout, readLayout } from './medium-layout.ts'
import { readSeal } from './seal-slot.ts'

export interface Examination {
  readonly passport: Passport
  /** The bytes of the seal, from its magic on, to the end of its place (at most LIMITS.sealBytesMax); null: none. */
  readonly sealBytes: Buffer | null
  /** The place that it stands in. */
  readonly sealSlot: string | null
  /** Everything that could not be read or was not as it should be, in words; at most 32. */
  readonly faults: readonly string[]
  /** The device's logical units: more than one means that only the first was examined. */
  readonly units: readonly LogicalUnit[]
  /** What was read of the medium: the person who plugged it in waited for that. */
  readonly reads: { readonly count: number; readonly bytes: number }
}

const faultsMax = 32
/** Of a reader without a card. */
const nothing: MediumLayout = { blockBytes: 512, sizeBytes: 0, table: null, volumes: [], faults: [] }

/** Examines a medium. Never throws for what the medium is or does: a part that fails is a fault, the rest goes on. */
export async function examineMedium(
  source: BlockSource,
  about: { readonly bus: BlockBus; readonly usb: Passport['usb'] },
): Promise<Examination> {
  const faults: string[] = []
  const attempt = async <T>(part: string, read: () => Promise<T | null>): Promise<T | null> => {
    try {
      return await read()
    } catch (error) {
      faults.push(faultOf(part, error))
      return null
    }
  }
  if (source.units.length > 1)
    faults.push(`the device has ${source.units.length} logical units, and the first alone was examined`)
  const inquiry = await attempt('inquiry', () => source.inquiry())
  const reader = readFrugally(source, EXAMINATION_BUDGET)
  const isEmpty = source.sizeBytes === 0
  if (isEmpty) faults.push('there is no medium in the device')
  const layout = isEmpty ? nothing : await readLayout(reader)
  faults.push(...layout.faults)
  const seal = await attempt('seal', () => readSeal(reader, layout, faults))
  // Last, because devices hang on these more often than on anything else.
  const diskSerial = await attempt('disk serial', () => source.diskSerial())
  const wwn = await attempt('disk designator', () => source.wwn())
  const table = layout.table
  const passport: Passport = {
    bus: about.bus,
    usb: about.usb,
    inquiry,
    diskSerial,
    wwn,
    sizeBytes: source.sizeBytes,
    blockBytes: isEmpty ? null : source.blockBytes,
    partitionTable: table === null ? null : { kind: table.kind, id: table.id },
    fileSystems: layout.volumes
      .flatMap(({ partition, fileSystem }) => {
        if (fileSystem === null) return []
        const { kind, uuid, label } = fileSystem
        return [{ partition, kind, uuid, label }]
      })
      .slice(0, LIMITS.fileSystemsPerMediumMax),
  }
  return {
    passport,
    sealBytes: seal?.bytes ?? null,
    sealSlot: seal?.slot ?? null,
    faults: faults.slice(0, faultsMax),
    units: source.units,
    reads: reader.cost(),
  }
}
