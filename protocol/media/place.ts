/** How one stay of a thing is named, so that all facts about it can be joined. Pure. */
import type { UsbDevice } from '../events/shapes.ts'
import { type RawText, showRawText } from '../raw-text.ts'

/** Returns the name of one stay of a USB device: its port, and the numbers that the kernel gave it there. */
export function usbInstanceOf(device: Pick<UsbDevice, 'path' | 'bus' | 'device'>): string {
  return `usb:${showRawText(device.path).slice(0, 100)}#${device.bus ?? '?'}.${device.device ?? '?'}`
}

/** Returns the name of one stay of a disk, or of one medium in a drive: `sequence` is the kernel's `diskseq`. */
export function diskInstanceOf(name: RawText, sequence: number | null): string {
  return `disk:${showRawText(name).slice(0, 100)}#${sequence ?? '?'}`
}
