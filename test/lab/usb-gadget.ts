/**
 * USB devices that the guest makes itself, through configfs and dummy_hcd: free vendor, product, serial and functions,
 * which QEMU's own devices don't have. The host side of the guest's kernel sees them like any other device.
 */
import type { Guest } from './boot-guest.ts'

export interface GadgetLun {
  /** A file of the guest; empty: a reader without a card. */
  readonly file: string
  readonly isDisc?: boolean
  readonly isReadOnly?: boolean
  /** As SCSI INQUIRY tells it: vendor (8), product (16), revision (4). */
  readonly inquiry?: string
}

export type GadgetFunction =
  | { readonly kind: 'storage'; readonly luns: readonly GadgetLun[] }
  | { readonly kind: 'keyboard' }
  | { readonly kind: 'modem' }
  | { readonly kind: 'rndis' | 'ecm' | 'ncm' }

export interface GadgetOptions {
  readonly vendorId: string
  readonly productId: string
  /** Left out: the device has none. Any bytes that a shell word may carry. */
  readonly serial?: string
  readonly manufacturer?: string
  readonly product?: string
  /** Class of the device descriptor, hex; left out, each interface says its own. */
  readonly deviceClass?: string
  readonly functions: readonly GadgetFunction[]
  /** Functions of a second configuration, which the kernel would not choose. */
  readonly second?: readonly GadgetFunction[]
}

export interface Gadget {
  /** Puts another file behind a LUN, as another card into a reader; empty: takes it out. */
  swap(file: string, lun?: number): Promise<void>
  /** Pulls it out; it can be plugged in again. */
  pull(): Promise<void>
  /** Pulls it out where it is in, and takes it apart. */
  unplug(): Promise<void>
}

export interface UsbGadgets {
  /** Makes the device without plugging it in. */
  prepare(options: GadgetOptions): Promise<PreparedGadget>
  plug(options: GadgetOptions, port?: number): Promise<Gadget>
}

export interface PreparedGadget extends Gadget {
  /** A script that plugs it in, to be run where a moment counts. */
  readonly plugScript: (port: number) => string
}

/** How many devices can be plugged in at once: each has a host controller of its own. */
export const GADGET_PORTS = 4

/**
 * Of the network interface that a network gadget has on its own side, in the same guest: no part of what is tried, so
 * policy approves it. The side that a computer would see has another.
 */
export const GADGET_SIDE_MAC = '02:00:00:00:77:01'

const CONFIGFS = '/sys/kernel/config/usb_gadget'

/** A keyboard of eight keys at once (HID 1.11, appendix E.6). */
const KEYBOARD_REPORT =
  '05010906a101050719e029e71500250175019508810295017508810395057501050819012905910295017503910395067508150025650507190029658100c0'

/** Returns the guest's own bench of USB devices. Call `startControllers` in the guest before the first plug. */
export function createUsbGadgets(guest: Guest): UsbGadgets {
  let nextNumber = 1

  async function prepare(options: GadgetOptions): Promise<PreparedGadget> {
    const name = `g${nextNumber++}`
    const home = `${CONFIGFS}/${name}`
    await guest.run(
      `set -e
      modprobe libcomposite
      mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
      mkdir ${home} && cd ${home}
      ${scriptOf(options)}`,
    )
    const unbind = `cd ${home} && echo '' >UDC`
    return {
      plugScript: (port) => `echo dummy_udc.${port} >${home}/UDC`,
      async swap(file, lun = 0) {
        await guest.run(
          `cd ${home}/functions/mass_storage.*/lun.${lun} && echo 1 >forced_eject; printf %s ${quote(file)} >file`,
        )
      },
      async pull() {
        await guest.run(unbind)
      },
      async unplug() {
        await guest.run(
          `${unbind}
          rm -f configs/*/*.* ; rmdir configs/*/strings/* configs/*
          for lun in functions/mass_storage.*/lun.*; do case "$lun" in *lun.0 | *\\*) ;; *) rmdir "$lun" ;; esac; done
          rmdir functions/* strings/* 2>/dev/null
          cd .. && rmdir ${name}`,
        )
      },
    }
  }

  return {
    prepare,
    async plug(options, port = 0) {
      const gadget = await prepare(options)
      await guest.run(gadget.plugScript(port))
      return gadget
    },
  }
}

/** The script that brings the ports. Run it before the agent starts, or while it enforces: controllers that come later. */
export const START_CONTROLLERS = `modprobe libcomposite; modprobe dummy_hcd num=${GADGET_PORTS}`

function scriptOf(options: GadgetOptions): string {
  const functions = [...options.functions, ...(options.second ?? [])]
  const names = functions.map(({ kind }, at) => `${FUNCTION_NAMES[kind]}.f${at}`)
  const lines = [
    `echo 0x${options.vendorId} >idVendor; echo 0x${options.productId} >idProduct; echo 0x0200 >bcdUSB`,
    'mkdir strings/0x409',
    ...(options.serial === undefined
      ? []
      : [`printf %s ${quote(options.serial)} >strings/0x409/serialnumber`]),
    `printf %s ${quote(options.manufacturer ?? 'Lab')} >strings/0x409/manufacturer`,
    `printf %s ${quote(options.product ?? 'Gadget')} >strings/0x409/product`,
    ...(options.deviceClass === undefined ? [] : [`echo 0x${options.deviceClass} >bDeviceClass`]),
    ...functions.flatMap((one, at) => [`mkdir functions/${names[at]}`, ...detailsOf(one, names[at] ?? '')]),
    'mkdir -p configs/c.1/strings/0x409',
    ...options.functions.map((_, at) => `ln -s functions/${names[at]} configs/c.1/`),
  ]
  if (options.second !== undefined) {
    lines.push('mkdir -p configs/c.2/strings/0x409')
    const first = options.functions.length
    lines.push(...options.second.map((_, at) => `ln -s functions/${names[first + at]} configs/c.2/`))
  }
  return lines.join('\n')
}

const FUNCTION_NAMES = {
  storage: 'mass_storage',
  keyboard: 'hid',
  modem: 'acm',
  rndis: 'rndis',
  ecm: 'ecm',
  ncm: 'ncm',
} as const

function detailsOf(one: GadgetFunction, name: string): string[] {
  if (one.kind === 'keyboard') {
    const bytes = KEYBOARD_REPORT.replaceAll(/../g, String.raw`\\x$&`)
    return [
      `echo 1 >functions/${name}/protocol; echo 1 >functions/${name}/subclass; echo 8 >functions/${name}/report_length`,
      `busybox printf '${bytes.replaceAll('\\\\', '\\')}' >functions/${name}/report_desc`,
    ]
  }
  if (one.kind === 'modem') return []
  if (one.kind !== 'storage') return [`echo ${GADGET_SIDE_MAC} >functions/${name}/dev_addr`]
  return one.luns.flatMap((lun, at) => [
    ...(at === 0 ? [] : [`mkdir functions/${name}/lun.${at}`]),
    `cd functions/${name}/lun.${at}`,
    `echo 1 >removable; echo ${lun.isDisc === true ? 1 : 0} >cdrom; echo ${lun.isReadOnly === true ? 1 : 0} >ro`,
    ...(lun.inquiry === undefined ? [] : [`printf %s ${quote(lun.inquiry)} >inquiry_string`]),
    `printf %s ${quote(lun.file)} >file`,
    'cd ../../..',
  ])
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
