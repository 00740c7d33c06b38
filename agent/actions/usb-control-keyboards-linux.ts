/** Counts the keyboards that a person can type on now, from <sys>/class/input. Only reads. */
import { readdirSync, readFileSync, realpathSync } from 'node:fs'

/**
 * Returns how many there are: real devices on any bus that have every key from Escape to S.
 *
 * The test is udev's for ID_INPUT_KEYBOARD: power buttons, headsets and media keys are input devices with a keyboard
 * handler too, and nobody can log in on them. Made by software (uinput, uhid) counts for none.
 */
export function countKeyboards(sys: string): number {
  const devices = new Set<string>()
  for (const name of inputs(sys)) {
    const folder = `${sys}/class/input/${name}`
    try {
      const place = realpathSync(folder)
      if (place.includes('/devices/virtual/')) continue
      if (hasLetters(readFileSync(`${folder}/capabilities/key`, 'latin1'))) devices.add(deviceOf(place))
    } catch (fault) {
      // Unplugged while we look: it is no keyboard any more.
      if (!(fault instanceof Error && 'code' in fault)) throw fault
    }
  }
  return devices.size
}

function inputs(sys: string): string[] {
  try {
    return readdirSync(`${sys}/class/input`).filter((name) => /^input\d{1,9}$/.test(name))
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault) return []
    throw fault
  }
}

/** The bitmap is hexadecimal words, the lowest last; bits 1 to 31 are the keys from Escape to S. */
function hasLetters(bitmap: string): boolean {
  const lowest = bitmap.trim().split(/\s+/).at(-1) ?? ''
  if (!/^[0-9a-f]{1,16}$/i.test(lowest)) return false
  return (BigInt(`0x${lowest}`) & 0xff_ff_ff_fen) === 0xff_ff_ff_fen
}

/** One keyboard may show several input devices: of one USB device they count once. */
function deviceOf(place: string): string {
  const usb = /^(.*\/[1-9]\d*-[\d.]+)\/[^/]+:\d+\.\d+\//.exec(place)
  return usb?.[1] ?? place.replace(/\/input\/input\d+$/, '')
}
