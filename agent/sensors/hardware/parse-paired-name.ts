/** The name in the `info` file that bluetoothd keeps of a device. Pure. */
import { type RawText, rawTextOf } from '@shoukou/protocol'

/** Returns `Alias` before `Name`; null where there is neither. The keys of the pairing in that file are not read. */
export function parsePairedName(info: Uint8Array): RawText | null {
  const lines = Buffer.from(info).toString('latin1').split('\n')
  let isGeneral = false
  let name: string | null = null
  for (const line of lines.slice(0, 1_000)) {
    if (line.startsWith('[')) isGeneral = line.trim() === '[General]'
    const value = isGeneral ? /^(Alias|Name)=(.*)$/.exec(line) : null
    if (value?.[2] === undefined) continue
    if (value[1] === 'Alias') return rawTextOf(Buffer.from(value[2], 'latin1'))
    name ??= value[2]
  }
  return name === null ? null : rawTextOf(Buffer.from(name, 'latin1'))
}
