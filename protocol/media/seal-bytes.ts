/**
 * The form in which a seal stands on a medium: short enough for the gaps that file systems leave. Pure; finding the place
 * and writing is the agent's.
 *
 * Set in stone: media written today are read by computers that get no update for years.
 *
 *   0   8   magic "SHKSEAL" 1a
 *   8   1   version: 1
 *   9   2   length of the payload, little-endian, at most `sealBytesMax`
 *   11  2   length of the deflated payload, n
 *   13  64  Ed25519 signature over the payload, as in `envelope.ts`
 *   77  n   the payload's very bytes, deflated raw (RFC 1951) with the preset dictionary below
 *   77+n 4  CRC-32 (IEEE 802.3) of all before, little-endian
 *
 * The checksum tells what was written over from what was forged; against forging there is the signature.
 */
import { constants, crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import { ShoukouError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import type { SignedSeal } from './shapes.ts'

const magic = Buffer.from('SHKSEAL\x1a', 'latin1')
const version = 1
const signatureBytes = 64
const checksumBytes = 4

/** Bytes before the deflated payload: as much as must be read to know how long the seal is. */
export const SEAL_HEAD_BYTES = 13 + signatureBytes

/** The longest that the form can be: no reader needs more bytes than these. */
export const SEAL_FORM_BYTES_MAX = SEAL_HEAD_BYTES + 0xffff + checksumBytes

export type SealReading =
  /** No seal begins here. */
  | { readonly kind: 'absent' }
  /** `length`: bytes that it takes. Whether it counts is `judge-seal.ts`. */
  | { readonly kind: 'found'; readonly signed: SignedSeal; readonly length: number }
  /** A seal began here once. */
  | { readonly kind: 'damaged'; readonly reason: 'truncated' | 'checksum' | 'malformed' }

/**
 * What seals say, the likeliest last: deflate refers back to it, so that the keys cost next to nothing. Changing one
 * byte of it takes a new version.
 */
const dictionary = Buffer.from(
  '"iso9660""udf""ext4""ntfs""exfat""vfat"unclassifiedinternaltop-secretconfidentialsecretread-only' +
    '"bus":"mmc","bus":"nvme","bus":"ata","bus":"scsi","usb":null,"inquiry":null,"partitionTable":null,' +
    '"manufacturer":"Kingston","product":"DataTraveler 3.0","manufacturer":"SanDisk","product":"Ultra",' +
    '"vendor":"General ","vendor":"Generic","product":"USB Flash Disk","kind":"none","id":null}' +
    ',"fileSystems":[]}}"kind":"gpt","id":"{"b64":"},"computers":null,"users":["' +
    '{"v":1,"id":"seal-","number":"M-202","level":"confidential","custodian":"","computers":["C-202","C-202"]' +
    ',"users":null,"right":"read-write","validFromMs":17,"validUntilMs":null,"issuedAtMs":17' +
    ',"passport":{"bus":"usb","usb":{"vendorId":"0951","productId":"1666","release":"0110","serial":"' +
    ',"manufacturer":"","product":"","descriptorHash":"","inquiry":{"vendor":"","product":"","revision":"1.00"}' +
    ',"diskSerial":null,"wwn":null,"sizeBytes":,"blockBytes":512,"partitionTable":{"kind":"mbr","id":""}' +
    ',"fileSystems":[{"partition":1,"kind":"vfat","uuid":"","label":null}]}}',
)

/**
 * Returns a signed seal as it is written onto a medium.
 *
 * @throws ShoukouError `seal-refused` where its signature has not 64 bytes, `limit-exceeded` above `sealBytesMax`.
 */
export function encodeSealBytes(signed: SignedSeal): Buffer {
  const payload = Buffer.from(signed.payload, 'base64')
  const signature = Buffer.from(signed.signature, 'base64')
  if (signature.length !== signatureBytes) throw new ShoukouError('seal-refused', 'The seal is not signed.')
  if (payload.length > LIMITS.sealBytesMax) {
    throw new ShoukouError('limit-exceeded', 'The seal is too long.', { context: { bytes: payload.length } })
  }
  const deflated = deflateRawSync(payload, {
    dictionary,
    level: 9,
    memLevel: 9,
    strategy: constants.Z_DEFAULT_STRATEGY,
  })
  const lengths = Buffer.alloc(5)
  lengths[0] = version
  lengths.writeUInt16LE(payload.length, 1)
  lengths.writeUInt16LE(deflated.length, 3)
  const body = Buffer.concat([magic, lengths, signature, deflated])
  const checksum = Buffer.alloc(checksumBytes)
  checksum.writeUInt32LE(crc32(body))
  return Buffer.concat([body, checksum])
}

/** Reads what stands at the start of `bytes`; more may follow. Never throws, and inflates no more than a seal may have. */
export function readSealBytes(bytes: Uint8Array): SealReading {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!all.subarray(0, magic.length).equals(magic)) return { kind: 'absent' }
  if (all.length < SEAL_HEAD_BYTES) return { kind: 'damaged', reason: 'truncated' }
  const payloadLength = all.readUInt16LE(9)
  const end = SEAL_HEAD_BYTES + all.readUInt16LE(11)
  if (all[8] !== version || payloadLength > LIMITS.sealBytesMax)
    return { kind: 'damaged', reason: 'malformed' }
  const length = end + checksumBytes
  if (all.length < length) return { kind: 'damaged', reason: 'truncated' }
  if (crc32(all.subarray(0, end)) !== all.readUInt32LE(end)) return { kind: 'damaged', reason: 'checksum' }
  const payload = inflate(all.subarray(SEAL_HEAD_BYTES, end), payloadLength)
  if (payload === null) return { kind: 'damaged', reason: 'malformed' }
  const signature = all.subarray(13, SEAL_HEAD_BYTES)
  const signed = { payload: payload.toString('base64'), signature: signature.toString('base64') }
  return { kind: 'found', signed, length }
}

function inflate(deflated: Buffer, length: number): Buffer | null {
  if (length === 0) return null
  try {
    const payload = inflateRawSync(deflated, { dictionary, maxOutputLength: length })
    return payload.length === length ? payload : null
  } catch {
    // Made by somebody who knows the form and wrote no stream into it; the caller reports it as malformed.
    return null
  }
}
