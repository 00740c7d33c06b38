/**
 * What a USB audio function is connected to: whether it can hear and whether it can be heard. Pure.
 *
 * Read from the terminals of its AudioControl interface (USB Audio 1.0 §4.3.2, 2.0 §4.7.2, 3.0 §4.5.2: `wTerminalType`
 * stands at the same offset in all three); type numbers are those of "Universal Serial Bus Device Class Definition for
 * Terminal Types".
 */
export interface AudioTerminals {
  readonly canCapture: boolean
  readonly canPlay: boolean
  /** A microphone by its own word, not just a line that one can be put into. */
  readonly namesMicrophone: boolean
}

export const NO_TERMINALS: AudioTerminals = { canCapture: false, canPlay: false, namesMicrophone: false }

const TYPE_INTERFACE = 0x04
const TYPE_CLASS_INTERFACE = 0x24
const CLASS_AUDIO = 0x01
const SUBCLASS_CONTROL = 0x01
const INPUT_TERMINAL = 0x02
const OUTPUT_TERMINAL = 0x03
const TERMINAL_LENGTH_MIN = 7
const descriptorsMax = 4_096

/** Returns the union over all configurations; nothing where the bytes end early or make no sense. */
export function audioTerminalsOf(descriptors: Uint8Array): AudioTerminals {
  const found = { canCapture: false, canPlay: false, namesMicrophone: false }
  let isControl = false
  let at = 0
  for (let count = 0; at + 2 <= descriptors.length && count < descriptorsMax; count += 1) {
    const length = descriptors[at] ?? 0
    if (length < 2) break
    const type = descriptors[at + 1]
    if (type === TYPE_INTERFACE) {
      isControl = descriptors[at + 5] === CLASS_AUDIO && descriptors[at + 6] === SUBCLASS_CONTROL
    } else if (isControl && type === TYPE_CLASS_INTERFACE && length >= TERMINAL_LENGTH_MIN) {
      const terminal = (descriptors[at + 4] ?? 0) | ((descriptors[at + 5] ?? 0) << 8)
      note(found, descriptors[at + 2], terminal)
    }
    at += length
  }
  return found
}

function note(
  found: { canCapture: boolean; canPlay: boolean; namesMicrophone: boolean },
  subtype: number | undefined,
  terminal: number,
): void {
  const family = terminal >> 8
  // 01: the stream to and from the computer itself.
  if (family === 0x01) return
  if (subtype === INPUT_TERMINAL) {
    found.canCapture = true
    // 02: input (microphones); 04: headsets and handsets, both ways in one terminal.
    if (family === 0x02 || family === 0x04) found.namesMicrophone = true
  }
  if (subtype === OUTPUT_TERMINAL) found.canPlay = true
}
