/**
 * Takes the kernel proper out of Debian's compressed boot file.
 *
 * QEMU starts the bare ELF file through its PVH entry, which saves the emulated processor some 3 s of decompressing
 * (of about 8 s of boot).
 */
import { spawn } from 'node:child_process'
import { buffer } from 'node:stream/consumers'

// Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header".
const SETUP_SECTORS_AT = 0x1f1
const MAGIC_AT = 0x202
const PAYLOAD_OFFSET_AT = 0x248
const PAYLOAD_LENGTH_AT = 0x24c
const SECTOR_BYTES = 512
const XZ_MAGIC = Buffer.from('fd377a585a00', 'hex')
const ELF_MAGIC = Buffer.from('7f454c46', 'hex')

/** Returns the ELF file inside `bootFile`. Throws when it is no x86 boot file, or not compressed with xz. */
export async function extractKernel(bootFile: Buffer): Promise<Buffer> {
  if (bootFile.toString('latin1', MAGIC_AT, MAGIC_AT + 4) !== 'HdrS') throw new Error('no x86 boot header')
  const start =
    (bootFile.readUInt8(SETUP_SECTORS_AT) + 1) * SECTOR_BYTES + bootFile.readUInt32LE(PAYLOAD_OFFSET_AT)
  // The payload ends with its unpacked size in four bytes, which are none of xz's.
  const payload = bootFile.subarray(start, start + bootFile.readUInt32LE(PAYLOAD_LENGTH_AT) - 4)
  if (!payload.subarray(0, XZ_MAGIC.length).equals(XZ_MAGIC))
    throw new Error('the kernel is not compressed with xz')
  const xz = spawn('xz', ['--decompress', '--stdout'], { stdio: ['pipe', 'pipe', 'inherit'] })
  xz.stdin.on('error', () => undefined) // seen as a short output below
  xz.stdin.end(payload)
  const kernel = await buffer(xz.stdout)
  if (!kernel.subarray(0, ELF_MAGIC.length).equals(ELF_MAGIC))
    throw new Error('the unpacked kernel is no ELF file')
  return kernel
}
