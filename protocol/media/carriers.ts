/**
 * Devices that carry a medium which is not they: whose own numbers stay while the disk, card or disc changes. Pure.
 *
 * The tables are not complete and need not be: a carrier that is not in them and whose disk was changed for one of the
 * same size, model and serial-less kind is the one gap, and a seal on the medium closes it.
 */
import { rawTextKey } from '../raw-text.ts'
import type { Passport } from './shapes.ts'

/**
 * `bridge`: its USB serial is not the disk's, but the disk's own serial and WWN come through it. `reader`: no number
 * that comes through it is the medium's (cards behind USB, discs, floppies).
 */
export type Carrier = 'bridge' | 'reader'

/** Makers of USB-to-ATA and USB-to-NVMe chips: all that they make. */
const BRIDGE_VENDORS: ReadonlyMap<string, string> = new Map([
  ['152d', 'JMicron'],
  ['174c', 'ASMedia'],
  ['13fd', 'Initio'],
  ['2537', 'Norelsys'],
])

const BRIDGES: ReadonlyMap<string, string> = new Map([
  ['0bda:9210', 'Realtek RTL9210'],
  ['0bda:9201', 'Realtek RTL9201'],
  ['04fc:0c15', 'Sunplus SPDIF215'],
  ['04fc:0c25', 'Sunplus SPDIF225A'],
  ['067b:2506', 'Prolific PL2506'],
  ['067b:2571', 'Prolific PL2571'],
  ['067b:2773', 'Prolific PL2773'],
  ['067b:3507', 'Prolific PL3507'],
  ['05e3:0702', 'Genesys GL811'],
  ['05e3:0718', 'Genesys GL811S'],
  ['05e3:0731', 'Genesys GL3310'],
  ['05e3:0735', 'Genesys GL3321'],
  ['2109:0711', 'VIA VL711'],
  ['2109:0715', 'VIA VL817'],
  ['2109:0716', 'VIA VL716'],
  ['04b4:6830', 'Cypress ISD-300LP'],
  ['04b4:6560', 'Cypress AT2LP'],
])

const READERS: ReadonlyMap<string, string> = new Map([
  ['05e3:0723', 'Genesys GL827L'],
  ['05e3:0727', 'Genesys microSD reader'],
  ['05e3:0736', 'Genesys microSD reader'],
  ['05e3:0743', 'Genesys SD reader'],
  ['05e3:0745', 'Genesys reader'],
  ['05e3:0749', 'Genesys SD reader'],
  ['05e3:0751', 'Genesys microSD reader'],
  ['05e3:0764', 'Genesys SD reader'],
  ['0bda:0109', 'Realtek reader'],
  ['0bda:0111', 'Realtek RTS5111'],
  ['0bda:0119', 'Realtek SD reader'],
  ['0bda:0129', 'Realtek RTS5129'],
  ['0bda:0138', 'Realtek RTS5138'],
  ['0bda:0139', 'Realtek RTS5139'],
  ['0bda:0153', 'Realtek reader'],
  ['0bda:0158', 'Realtek multicard reader'],
  ['0bda:0161', 'Realtek reader'],
  ['0bda:0177', 'Realtek reader'],
  ['0bda:0184', 'Realtek RTS5182'],
  ['0bda:0186', 'Realtek reader'],
  ['0bda:0301', 'Realtek multicard reader'],
  ['0bda:0306', 'Realtek reader'],
  ['0bda:0309', 'Realtek reader'],
  ['0bda:0316', 'Realtek reader'],
  ['0bda:0326', 'Realtek reader'],
  ['0bda:0328', 'Realtek reader'],
  ['058f:6331', 'Alcor reader'],
  ['058f:6335', 'Alcor SD reader'],
  ['058f:6361', 'Alcor multicard reader'],
  ['058f:6362', 'Alcor multicard reader'],
  ['058f:6364', 'Alcor AU6477'],
  ['058f:6366', 'Alcor multicard reader'],
  ['058f:8468', 'Alcor reader'],
  ['05ac:8403', 'Apple internal reader'],
  ['05ac:8404', 'Apple internal reader'],
  ['05ac:8405', 'Apple internal reader'],
  ['05ac:8406', 'Apple internal reader'],
  ['0424:2228', 'SMSC 9-in-2 reader'],
  ['0424:223a', 'SMSC 8-in-1 reader'],
  ['0424:2240', 'SMSC reader'],
  ['0424:4030', 'SMSC reader'],
  ['0424:4040', 'SMSC reader'],
  ['0424:4050', 'SMSC reader'],
  ['0424:4060', 'SMSC reader'],
  ['0424:4064', 'SMSC reader'],
  ['048d:1336', 'ITE SD reader'],
  ['0cf2:6225', 'ENE SD reader'],
  ['0cf2:6230', 'ENE SD reader'],
  ['0cf2:6250', 'ENE SD reader'],
  ['14cd:121c', 'Super Top reader'],
  ['14cd:121f', 'Super Top reader'],
  ['14cd:125c', 'Super Top reader'],
  ['1908:0226', 'GEMBIRD reader'],
  ['067b:2731', 'Prolific reader'],
])

/** How readers call themselves; a stick that says so is treated with more caution, never with less. */
const readerName =
  /card.?reader|sd\/mmc|sd.?card|multi.?card|\bcrw\b|compact ?flash|memory ?stick|\bms\/|xd-picture/i

/** Returns what carries the medium, or null where device and medium are one piece. */
export function carrierOf(passport: Pick<Passport, 'bus' | 'usb' | 'inquiry'>): Carrier | null {
  if (passport.bus === 'optical' || passport.bus === 'floppy') return 'reader'
  const { usb, inquiry } = passport
  if (usb === null) return null
  const ids = `${usb.vendorId}:${usb.productId}`
  if (READERS.has(ids)) return 'reader'
  const names = [usb.product, inquiry?.vendor, inquiry?.product]
  if (names.some((name) => name !== null && name !== undefined && readerName.test(rawTextKey(name))))
    return 'reader'
  return BRIDGE_VENDORS.has(usb.vendorId) || BRIDGES.has(ids) ? 'bridge' : null
}
