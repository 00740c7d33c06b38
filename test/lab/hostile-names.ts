/** File names as hostile as the guest's file systems take them: a first one, and the one that it is renamed to. */

export interface HostileName {
  readonly first: Buffer
  readonly second: Buffer
}

const NAME_BYTES_MAX = 255
const SLASH = 0x2f

/** Every byte that a name may hold, once, filled up to the longest name. */
const everyByte = Buffer.from(
  [...Array.from({ length: 255 }, (_, at) => at + 1).filter((byte) => byte !== SLASH), 0x78].slice(
    0,
    NAME_BYTES_MAX,
  ),
)

const pair = (first: string | Buffer, second: string | Buffer): HostileName => ({
  first: Buffer.from(first),
  second: Buffer.from(second),
})

/** Any byte but the slash and zero. */
export const ext4Names: readonly HostileName[] = [
  pair(everyByte, Buffer.from(everyByte).reverse()),
  pair('<script>alert(1)<script>', '<img src=x onerror=alert(1)>'),
  pair('plan\u202exslx.exe', '\u2066\u200bplan\ufeff'),
  pair(Buffer.from('b1edff', 'hex'), Buffer.from('eda080', 'hex')),
  pair('line\nbreak\r\u001b[2J', '\u0007\u0008\u007f\u0085\u2028'),
  pair(`"'; DROP TABLE records; --`, '=HYPERLINK("x")'),
  pair('$(reboot) `reboot`', '-rf'),
  pair('\\u{202e}', '\\'),
  pair('机密文件.docx', '密'.repeat(NAME_BYTES_MAX / 3)),
]

/** No control byte and none of the signs that DOS kept for itself; 255 characters of any length in UTF-8. */
export const vfatNames: readonly HostileName[] = [
  pair('plan\u202excod.exe', '\u2066plan\u200b'),
  pair("'; DROP TABLE records; --", '机密文件.docx'),
  pair('a'.repeat(NAME_BYTES_MAX), '密'.repeat(NAME_BYTES_MAX)),
  pair('&lt;b&gt; %00 {{7}}', '=1+1'),
]
