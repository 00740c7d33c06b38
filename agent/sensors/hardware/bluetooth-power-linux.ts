/**
 * Asks the Bluetooth core whether a controller is up (HCIGETDEVINFO), and bluetoothd's folder for what it is paired with.
 *
 * Only asked where <sys>/class/bluetooth names a controller: making an AF_BLUETOOTH socket loads the module, and a sensor
 * must not bring Bluetooth to a computer that has none. Needs no privilege. Kernel: include/net/bluetooth/hci_sock.h.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { type RawText, rawTextOf } from '@shoukou/protocol'
import { type Libc, loadLibc } from '../../base/libc-linux.ts'
import type { BluetoothPower } from './hardware-view.ts'
import { parsePairedName } from './parse-paired-name.ts'
import type { Unread } from './sysfs-folder-linux.ts'

const AF_BLUETOOTH = 31
const SOCK_RAW = 3
const SOCK_CLOEXEC = 0o2000000
const BTPROTO_HCI = 1
/** _IOR('H', 211, int) */
const HCIGETDEVINFO = 0x800448d3
/** struct hci_dev_info: dev_id, name[8], bdaddr[6], flags …: 92 bytes on all ABIs. */
const deviceInfoBytes = 92
const addressOffset = 10
const flagsOffset = 16
const HCI_UP = 1
const controllersMax = 16
const pairedMax = 63

/** Reads the power of the named controllers (`hci0`). Never throws. */
export async function readBluetoothPower(
  names: readonly string[],
  stateFolder: string,
  unread: Unread,
): Promise<BluetoothPower[]> {
  const own = names.filter((name) => /^hci\d{1,4}$/.test(name)).slice(0, controllersMax)
  if (own.length === 0) return []
  const infos = await askKernel(own)
  return own.map((name) => {
    const info = infos.get(name) ?? null
    return {
      name,
      isUp: info === null ? null : info.isUp,
      pairedNames: readPairedNames(stateFolder, info?.address ?? null, unread),
    }
  })
}

interface ControllerInfo {
  readonly isUp: boolean
  readonly address: string
}

async function askKernel(names: readonly string[]): Promise<Map<string, ControllerInfo>> {
  const found = new Map<string, ControllerInfo>()
  let libc: Libc
  try {
    libc = await loadLibc()
  } catch {
    // No library for this processor: rfkill alone is left, and the state's detail says so.
    return found
  }
  const socket = libc.socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC, BTPROTO_HCI)
  if (socket.value < 0) return found
  try {
    for (const name of names) {
      const info = Buffer.alloc(deviceInfoBytes)
      info.writeUInt16LE(Number(name.slice(3)), 0)
      if (libc.ioctl(socket.value, HCIGETDEVINFO, info).value < 0) continue
      found.set(name, { isUp: (info.readUInt32LE(flagsOffset) & HCI_UP) !== 0, address: addressOf(info) })
    }
  } finally {
    libc.close(socket.value)
  }
  return found
}

/** The address as bluetoothd names its folder: upper case, most significant byte first. */
function addressOf(info: Buffer): string {
  const bytes = [...info.subarray(addressOffset, addressOffset + 6)].toReversed()
  return bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(':')
}

const addressPattern = /^[0-9A-F]{2}(?::[0-9A-F]{2}){5}$/

/** Where the controller's address is not known, what any controller is paired with counts. */
function readPairedNames(stateFolder: string, address: string | null, unread: Unread): RawText[] {
  const adapters = address === null ? listAddresses(stateFolder, unread) : [address]
  const names: RawText[] = []
  for (const adapter of adapters) {
    for (const device of listAddresses(`${stateFolder}/${adapter}`, unread)) {
      if (names.length >= pairedMax) return names
      const name = parsePairedName(readInfo(`${stateFolder}/${adapter}/${device}/info`))
      names.push(name ?? rawTextOf(Buffer.from(device)))
    }
  }
  return names
}

function listAddresses(folder: string, unread: Unread): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => addressPattern.test(name))
      .sort()
      .slice(0, 256)
  } catch (error) {
    // Absent: no bluetoothd, or nothing paired.
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    if (code !== 'ENOENT') unread.add(folder, code)
    return []
  }
}

function readInfo(path: string): Buffer {
  try {
    return readFileSync(path).subarray(0, 65_536)
  } catch {
    // The address alone is known then.
    return Buffer.alloc(0)
  }
}
