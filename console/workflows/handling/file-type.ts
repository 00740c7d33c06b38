/**
 * What a file is by its first bytes, as far as they say: never by its name, and never to open it. Pure.
 *
 * Shown beside the file, so that a program called `photo.jpg` is called a program.
 */
const signatures: readonly (readonly [string, number, readonly number[]])[] = [
  ['pdf', 0, [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ['png', 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['jpeg', 0, [0xff, 0xd8, 0xff]],
  ['gif', 0, [0x47, 0x49, 0x46, 0x38]],
  ['tiff', 0, [0x49, 0x49, 0x2a, 0x00]],
  ['tiff', 0, [0x4d, 0x4d, 0x00, 0x2a]],
  ['zip-based', 0, [0x50, 0x4b, 0x03, 0x04]],
  ['ole-document', 0, [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]],
  ['program', 0, [0x4d, 0x5a]],
  ['program', 0, [0x7f, 0x45, 0x4c, 0x46]],
  ['script', 0, [0x23, 0x21]],
  ['rar', 0, [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07]],
  ['7z', 0, [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['gzip', 0, [0x1f, 0x8b]],
  ['webp', 8, [0x57, 0x45, 0x42, 0x50]],
  ['video', 4, [0x66, 0x74, 0x79, 0x70]],
]

const textBytesMax = 4_096

/** Returns a word for what the bytes are; `unknown` where they do not say. */
export function fileTypeOf(bytes: Uint8Array): string {
  for (const [type, at, wanted] of signatures) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return type
  }
  const start = bytes.subarray(0, textBytesMax)
  if (
    start.length === 0 ||
    start.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)
  )
    return 'unknown'
  const text = new TextDecoder().decode(start).trimStart().toLowerCase()
  return text.startsWith('<') ? 'markup' : 'text'
}
