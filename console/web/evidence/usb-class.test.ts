import { describe, expect, it } from 'vitest'
import { usbClassName } from './usb-class.ts'

const name = (code: string) => {
  const [a = '', b = '', c = ''] = code.split(':')
  return usbClassName({ class: a, subclass: b, protocol: c })
}

describe('usbClassName', () => {
  it('takes the most precise name that there is', () => {
    expect(name('08:06:62')).toBe('storage-uas')
    expect(name('08:06:50')).toBe('storage-bulk')
    expect(name('08:04:00')).toBe('storage')
    expect(name('03:01:01')).toBe('keyboard')
    expect(name('03:00:00')).toBe('hid')
  })

  it('calls the known ways of a network over USB by their names', () => {
    expect(['02:02:ff', 'ef:01:01', 'e0:01:03'].map(name)).toEqual(['rndis', 'rndis', 'rndis'])
    expect(['02:06:00', '02:0d:00'].map(name)).toEqual(['ethernet', 'ethernet'])
  })

  it('does not guess at a code that nobody defined', () => {
    expect(name('77:00:00')).toBe('unknown')
    expect(name('constructor:0:0')).toBe('unknown')
  })
})
