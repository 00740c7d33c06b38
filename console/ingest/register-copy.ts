/**
 * Tells at an attachment whether the register has a medium that the device could be. A copy of what the register knows
 * by USB, read again when the register's mark has changed.
 *
 * It is asked so that a stranger's stick is a violation at once and not only when it has been examined. In doubt it says
 * yes: then the examination tells.
 */
import type { Passport, UsbDevice } from '@shoukou/protocol'
import { identityKeys } from '@shoukou/protocol/media/compare-passports.ts'
import type { RegisterEntry } from '../rules/register-rules.ts'
import type { Store } from '../store/ports.ts'

type RegisterStore = Pick<Store, 'registerMark' | 'registeredUsbPassports' | 'mediaWithKeys'>

/** Media that share a number of the hardware: more than these are compared no further. */
const sharingMax = 200

interface Model {
  /** Of media with a number of their own. */
  readonly keys: Set<string>
  /** Media that only an examination can tell apart: no serial, a placeholder, a reader, a bridge. */
  hasUnnumbered: boolean
}

export class RegisterCopy {
  readonly #store: RegisterStore
  #mark: string | null = null
  #models: ReadonlyMap<string, Model> = new Map()

  constructor(store: RegisterStore) {
    this.#store = store
  }

  /** By vendor, product and serial: a serial that differs means another medium, one that is not told may be any. */
  async mayKnow(device: UsbDevice): Promise<boolean> {
    const mark = await this.#store.registerMark()
    if (mark !== this.#mark) {
      this.#models = modelsOf(await this.#store.registeredUsbPassports())
      this.#mark = mark
    }
    const model = this.#models.get(`${device.vendorId}:${device.productId}`)
    if (model === undefined) return false
    const key = usbKeyOf(passportOf(device))
    return model.hasUnnumbered || key === null || model.keys.has(key)
  }

  /** Registered media that share a number of the hardware with one that was examined. */
  async sharing(passport: Passport): Promise<readonly RegisterEntry[]> {
    const keys = identityKeys(passport)
    return keys.length === 0 ? [] : await this.#store.mediaWithKeys(keys, sharingMax)
  }
}

function modelsOf(passports: readonly Passport[]): Map<string, Model> {
  const models = new Map<string, Model>()
  for (const passport of passports) {
    if (passport.usb === null) continue
    const name = `${passport.usb.vendorId}:${passport.usb.productId}`
    const model = models.get(name) ?? { keys: new Set<string>(), hasUnnumbered: false }
    const key = usbKeyOf(passport)
    if (key === null) model.hasUnnumbered = true
    else model.keys.add(key)
    models.set(name, model)
  }
  return models
}

function usbKeyOf(passport: Passport): string | null {
  return identityKeys(passport).find((key) => key.startsWith('usb:')) ?? null
}

function passportOf(device: UsbDevice): Passport {
  const { vendorId, productId, deviceRelease: release, serial, manufacturer, product } = device
  return {
    bus: 'usb',
    usb: { vendorId, productId, release, serial, manufacturer, product, descriptorHash: null },
    inquiry: null,
    diskSerial: null,
    wwn: null,
    sizeBytes: null,
    blockBytes: null,
    partitionTable: null,
    fileSystems: [],
  }
}
