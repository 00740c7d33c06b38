/** A passport as rows of a table: every fact by the name that reasons of identity use, known or not. Pure. */
import type { Passport } from '@shoukou/protocol/media/shapes.ts'
import type { RawText } from '@shoukou/protocol/raw-text.ts'

export type PassportValue =
  | { readonly kind: 'raw'; readonly text: RawText }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: number }

export interface PassportRow {
  /** `usb.serial`, `sizeBytes` …; a file system also by its partition. */
  readonly field: string
  readonly partition: number | null
  /** Empty: could not be had. */
  readonly values: readonly PassportValue[]
}

/** Returns the rows, the device first, what formatting changes last; a bus that has no such fact has no such row. */
export function passportRows(passport: Passport): PassportRow[] {
  const { usb, inquiry, partitionTable } = passport
  return [
    ...(usb === null
      ? []
      : [
          row('usb.vendorId', code(usb.vendorId)),
          row('usb.productId', code(usb.productId)),
          row('usb.serial', raw(usb.serial)),
          row('usb.manufacturer', raw(usb.manufacturer)),
          row('usb.product', raw(usb.product)),
          row('usb.release', code(usb.release)),
          row('usb.descriptorHash', code(usb.descriptorHash)),
        ]),
    ...(inquiry === null
      ? []
      : [
          row('inquiry.model', [...raw(inquiry.vendor), ...raw(inquiry.product)]),
          row('inquiry.revision', raw(inquiry.revision)),
        ]),
    row('diskSerial', raw(passport.diskSerial)),
    row('wwn', raw(passport.wwn)),
    row('sizeBytes', bytes(passport.sizeBytes)),
    row('blockBytes', bytes(passport.blockBytes)),
    row(
      'partitionTable.id',
      partitionTable === null ? [] : [...code(partitionTable.kind), ...code(partitionTable.id)],
    ),
    ...passport.fileSystems.map(({ partition, kind, uuid, label }) => ({
      field: 'fileSystems.uuid',
      partition,
      values: [...code(kind), ...code(uuid), ...raw(label)],
    })),
  ]
}

function row(field: string, values: readonly PassportValue[]): PassportRow {
  return { field, partition: null, values }
}

function raw(text: RawText | null): PassportValue[] {
  return text === null ? [] : [{ kind: 'raw', text }]
}

function code(text: string | null): PassportValue[] {
  return text === null || text === '' ? [] : [{ kind: 'code', text }]
}

function bytes(count: number | null): PassportValue[] {
  return count === null ? [] : [{ kind: 'bytes', bytes: count }]
}
