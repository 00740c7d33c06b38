/** What optical discs carry, and sticks written from images of them: ISO 9660 (ECMA-119) and a hint of UDF (ECMA-167). */
import type { BoundedReader } from './block-source.ts'
import { type FileSystemId, labelOf, wideLabelOf } from './volume-fields.ts'

const SECTOR = 2_048
const FIRST_DESCRIPTOR = 16
/** A disc has three to six; the list ends in a terminator of its own. */
const descriptorsMax = 8
export const OPTICAL_HEAD_BYTES = (FIRST_DESCRIPTOR + descriptorsMax) * SECTOR

const bare = { gaps: [], endByte: null } as const

/** Identifies ISO 9660 or UDF; null where neither is there. @throws ShoukouError `medium-unreadable` */
export async function identifyOptical(volume: BoundedReader): Promise<FileSystemId | null> {
  let primary: Buffer | null = null
  let joliet: Buffer | null = null
  let isUdf = false
  for (let index = 0; index < descriptorsMax; index += 1) {
    const offset = (FIRST_DESCRIPTOR + index) * SECTOR
    if (offset + SECTOR > (volume.sizeBytes ?? Number.MAX_SAFE_INTEGER)) break
    const sector = await volume.read(offset, SECTOR)
    const mark = sector.toString('latin1', 1, 6)
    if (mark === 'NSR02' || mark === 'NSR03') isUdf = true
    else if (mark === 'CD001' && sector[0] === 1) primary ??= sector
    else if (mark === 'CD001' && sector[0] === 2 && isJoliet(sector)) joliet ??= sector
    else if (mark !== 'CD001' && mark !== 'BEA01' && mark !== 'TEA01' && mark !== 'BOOT2') break
  }
  // A bridge disc has both, and systems prefer UDF; its serial lies deeper than is worth the reads.
  if (isUdf)
    return {
      kind: 'udf',
      uuid: null,
      label: primary === null ? null : labelOf(primary.subarray(40, 72)),
      ...bare,
    }
  if (primary === null) return null
  const label =
    (joliet === null ? null : wideLabelOf(joliet.subarray(40, 72), 'be')) ?? labelOf(primary.subarray(40, 72))
  return { kind: 'iso9660', uuid: dateOf(primary, 830) ?? dateOf(primary, 813), label, ...bare }
}

function isJoliet(sector: Buffer): boolean {
  return ['%/@', '%/C', '%/E'].includes(sector.toString('latin1', 88, 91))
}

/** The moment of making serves as serial: `2026-11-21-23-02-56-00`. */
function dateOf(sector: Buffer, at: number): string | null {
  const digits = sector.toString('latin1', at, at + 16)
  if (!/^\d{16}$/.test(digits) || /^0{16}$/.test(digits)) return null
  return `${digits.slice(0, 4)}-${digits.slice(4).replace(/(\d\d)(?=\d)/g, '$1-')}`
}
