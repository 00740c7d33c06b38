/**
 * The wrappers of Bulk-Only Transport (USB Mass Storage Class, Bulk-Only Transport 1.0): a command block wrapper goes out, data
 * go one way, a status wrapper comes back. Pure; the order of transfers and what is done when they fail is
 * `bulk-only-session.ts`.
 */

export const COMMAND_WRAPPER_BYTES = 31
export const STATUS_WRAPPER_BYTES = 13
/** §5.1: a command block has 1 to 16 bytes. */
const commandBytesMax = 16

export interface CommandWrapper {
  readonly tag: number
  readonly unit: number
  /** Bytes that the host expects to move. */
  readonly dataBytes: number
  readonly isIn: boolean
  readonly command: Uint8Array
}

/** Returns a command block wrapper (§5.1). */
export function encodeCommandWrapper({ tag, unit, dataBytes, isIn, command }: CommandWrapper): Buffer {
  const wrapper = Buffer.alloc(COMMAND_WRAPPER_BYTES)
  wrapper.write('USBC', 'latin1')
  wrapper.writeUInt32LE(tag, 4)
  wrapper.writeUInt32LE(dataBytes, 8)
  wrapper[12] = isIn ? 0x80 : 0
  wrapper[13] = unit & 0x0f
  wrapper[14] = Math.min(command.length, commandBytesMax)
  wrapper.set(command.subarray(0, commandBytesMax), 15)
  return wrapper
}

export type Status =
  | { readonly kind: 'passed' | 'failed'; readonly residueBytes: number }
  /** The two ends no longer agree where they are: only a reset helps (§6.6.2, §5.3.3.1). */
  | { readonly kind: 'lost'; readonly reason: string }

/** Reads a status wrapper (§5.2, §6.3): one that is not valid, or not for this command, means that the two are out of step. */
export function parseStatusWrapper(bytes: Uint8Array, expected: { tag: number; dataBytes: number }): Status {
  const wrapper = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (wrapper.length !== STATUS_WRAPPER_BYTES)
    return { kind: 'lost', reason: `a status of ${wrapper.length} bytes` }
  if (wrapper.toString('latin1', 0, 4) !== 'USBS')
    return { kind: 'lost', reason: 'a status without its mark' }
  if (wrapper.readUInt32LE(4) !== expected.tag)
    return { kind: 'lost', reason: 'the status of another command' }
  const residueBytes = wrapper.readUInt32LE(8)
  const status = wrapper[12]
  if (status === 2) return { kind: 'lost', reason: 'a phase error' }
  if (status !== 0 && status !== 1) return { kind: 'lost', reason: `an unknown status ${status}` }
  // Some devices give a residue that can't be; what was really moved is known here, so that it is only cut.
  return {
    kind: status === 0 ? 'passed' : 'failed',
    residueBytes: Math.min(residueBytes, expected.dataBytes),
  }
}
