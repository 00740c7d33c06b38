/**
 * A parser with a fault planted in it: fields of a tag, a length and bytes, where one tag's length is believed without a
 * look. A fuzzer that does not find it finds nothing.
 */
import { ShoukouError } from '@shoukou/protocol'
import type { FuzzTarget } from './run-target.ts'

export const CANARY: FuzzTarget = {
  name: 'the planted fault',
  reach: 'network',
  corpus: [Buffer.from([1, 0, 3, 97, 98, 99, 2, 0, 1, 7, 3, 0, 2, 104, 105])],
  parse: (bytes) => {
    const fields: Buffer[] = []
    for (let at = 0; at < bytes.length; ) {
      const tag = bytes[at]
      if (at + 3 > bytes.length) throw new ShoukouError('malformed-frame', 'cut')
      const length = bytes.readUInt16BE(at + 1)
      const end = at + 3 + length
      if (tag === 2) fields.push(Buffer.from([bytes.readUInt8(end - 1)]))
      else if (end > bytes.length) throw new ShoukouError('malformed-frame', 'cut')
      else fields.push(bytes.subarray(at + 3, end))
      at = end
    }
    return fields
  },
}
