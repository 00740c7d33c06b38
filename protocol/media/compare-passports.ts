/**
 * Tells whether a medium that is here is the one that was registered. Pure, and free of Node: the page uses it too.
 *
 * The rules, in the order in which they are tried:
 *   1. The *anchor* is the strongest number that only one piece has: the USB serial, else the disk's serial, else its
 *      WWN. Placeholders are none, nor is the number of a bridge or a reader (`carriers.ts`). A number that one side could
 *      not read is passed over for the next; one that differs means another medium: unknown.
 *   2. Anchor the same, and a hard field differs: clone suspected. Unknown where one was read through USB and the other was
 *      not: a bridge tells model and size in its own way.
 *   3. Anchor the same and every hard field too: match; degraded where what formatting or new firmware changes differs.
 *   4. The registered medium has an anchor and none of it is confirmed: unknown. What formatting sets can be copied.
 *   5. No anchor was ever there: match where every hard field and an id that formatting set are the same, degraded where
 *      one such id is the same and another differs, unknown where none is the same.
 *
 * What one side does not know is `absent` and never counts as different. It does not count as the same either: the size
 * must be known here where it was known there, for a device that hides it is not to win by that.
 *
 * Two ports, one medium: the descriptor hash is of normalised descriptors (`protocol/usb/normalise-descriptors.ts`), so a
 * USB 2 and a USB 3 port give one. `bcdDevice` and the INQUIRY revision are firmware versions, not in the hash: another
 * one alone is degraded, named, and no clone. VID, PID and serial may not differ by port. Where a device shows another
 * set of interfaces by speed (other than UAS beside Bulk-Only), it is registered on the port where it is used.
 *
 * A card is registered with its reader, a disc with its drive: behind another one it is unknown.
 */
import type { RawText } from '../raw-text.ts'
import { type Carrier, carrierOf } from './carriers.ts'
import { isPlaceholderSerial, serialKey } from './placeholder-serials.ts'
import type { IdentityReason, IdentityResult, Passport } from './shapes.ts'

/** `hard`: normal use cannot change it. `firmware`: an update may. `format`: formatting does. */
export type FieldStability = 'hard' | 'firmware' | 'format'

interface Field {
  readonly field: string
  readonly stability: FieldStability
  /** 0-100: what the same value on both sides adds to the belief that they are one medium. */
  readonly weight: number
  readonly why: string
}

/** Every field that is compared, in the order in which reasons are told. */
export const PASSPORT_FIELDS = [
  { field: 'usb.vendorId', stability: 'hard', weight: 2, why: 'the maker: thousands of models' },
  { field: 'usb.productId', stability: 'hard', weight: 3, why: 'the model: thousands of pieces' },
  { field: 'usb.serial', stability: 'hard', weight: 40, why: 'one piece, where the maker burns one' },
  { field: 'usb.descriptorHash', stability: 'hard', weight: 10, why: 'chip and firmware; gadgets miss it' },
  { field: 'usb.release', stability: 'firmware', weight: 1, why: 'firmware version of the USB side' },
  { field: 'inquiry.model', stability: 'hard', weight: 5, why: 'vendor and product as SCSI tells them' },
  { field: 'inquiry.revision', stability: 'firmware', weight: 1, why: 'firmware version of the disk' },
  { field: 'diskSerial', stability: 'hard', weight: 40, why: 'one disk, also behind a bridge' },
  { field: 'wwn', stability: 'hard', weight: 40, why: 'one disk in the world, where it is kept to' },
  { field: 'sizeBytes', stability: 'hard', weight: 10, why: 'exact bytes vary between batches of a model' },
  {
    field: 'partitionTable.id',
    stability: 'format',
    weight: 15,
    why: '32 or 128 random bits, until parted anew',
  },
  { field: 'fileSystems.uuid', stability: 'format', weight: 15, why: '32 to 128 bits, until formatted anew' },
] as const satisfies readonly Field[]

export type PassportField = (typeof PASSPORT_FIELDS)[number]['field']

export interface Comparison {
  readonly result: IdentityResult
  /** Every field that one side knows at least, in the order of the table. */
  readonly reasons: readonly IdentityReason[]
}

/** `own`: the value is the carrier's, not the medium's: told, and counts for nothing. */
type FieldState = IdentityReason['state'] | 'own-same' | 'own-differs' | 'unknown'

/** Compares what was registered with what is here. */
export function comparePassports(registered: Passport, observed: Passport): Comparison {
  const carrier = carrierOf(registered) ?? carrierOf(observed)
  const states = new Map(
    PASSPORT_FIELDS.map(({ field }) => [field, stateOf(field, registered, observed, carrier)]),
  )
  const isAcrossBuses = (registered.usb === null) !== (observed.usb === null)
  return { result: resultOf({ registered, carrier, states, isAcrossBuses }), reasons: reasonsOf(states) }
}

/**
 * Reports whether two passports name one identity: the strongest number that both have is the same. False where they
 * have none in common: nothing is said of two media without numbers.
 */
export function sameIdentity(a: Passport, b: Passport): boolean {
  const keysOfB = identityKeys(b)
  for (const key of identityKeys(a)) {
    const kind = key.slice(0, key.indexOf(':') + 1)
    const other = keysOfB.find((one) => one.startsWith(kind))
    if (other !== undefined) return other === key
  }
  return false
}

/**
 * Returns the keys by which a medium can be found in an index, strongest first: `usb:VID:PID:serial`, `disk:serial`,
 * `wwn:designator`. Never of a placeholder or of a carrier's own number; equal bytes give equal keys.
 */
export function identityKeys(passport: Passport): string[] {
  const carrier = carrierOf(passport)
  const keys: string[] = []
  const { usb } = passport
  if (usb !== null && carrier === null && isUnique(usb.serial, usb.vendorId)) {
    keys.push(`usb:${usb.vendorId}:${usb.productId}:${serialKey(usb.serial)}`)
  }
  if (hasOwnDiskNumber('diskSerial', passport, carrier)) keys.push(`disk:${serialKey(passport.diskSerial)}`)
  if (hasOwnDiskNumber('wwn', passport, carrier)) keys.push(`wwn:${serialKey(passport.wwn)}`)
  return keys
}

interface Compared {
  readonly registered: Passport
  readonly carrier: Carrier | null
  readonly states: ReadonlyMap<PassportField, FieldState>
  readonly isAcrossBuses: boolean
}

function resultOf({ registered, carrier, states, isAcrossBuses }: Compared): IdentityResult {
  const isSame = (field: PassportField) => states.get(field) === 'same'
  const has = (stability: FieldStability, state: FieldState) =>
    PASSPORT_FIELDS.some((one) => one.stability === stability && states.get(one.field) === state)
  const anchors = anchorsOf(registered, carrier)
  const anchor = anchors.find((field) => states.get(field) === 'same' || states.get(field) === 'differs')
  if (anchor !== undefined && !isSame(anchor)) return 'unknown'
  const isOtherModel = ['usb.vendorId', 'usb.productId'].some(
    (field) => states.get(field as PassportField) === 'differs',
  )
  if (isOtherModel) return 'unknown'
  if (has('hard', 'differs')) {
    return anchor === undefined || isAcrossBuses ? 'unknown' : 'clone-suspected'
  }
  if (registered.sizeBytes !== null && !isSame('sizeBytes')) return 'unknown'
  const hasChanged = has('format', 'differs') || has('firmware', 'differs')
  if (anchor !== undefined) return hasChanged ? 'degraded' : 'match'
  const isSameModel = isSame('inquiry.model') || (isSame('usb.vendorId') && isSame('usb.productId'))
  if (anchors.length > 0 || !isSame('sizeBytes') || !isSameModel) return 'unknown'
  if (!has('format', 'same')) return 'unknown'
  return hasChanged ? 'degraded' : 'match'
}

/** Returns the numbers of the registered medium that only one piece has, strongest first. */
function anchorsOf(passport: Passport, carrier: Carrier | null): PassportField[] {
  const anchors: PassportField[] = []
  const { usb } = passport
  if (usb !== null && carrier === null && isUnique(usb.serial, usb.vendorId)) anchors.push('usb.serial')
  for (const field of ['diskSerial', 'wwn'] as const) {
    if (hasOwnDiskNumber(field, passport, carrier)) anchors.push(field)
  }
  return anchors
}

/** A reader has no number of the medium; a bridge that repeats its own serial as the disk's has none either. */
function hasOwnDiskNumber(field: 'diskSerial' | 'wwn', passport: Passport, carrier: Carrier | null): boolean {
  const vendorId = passport.usb?.vendorId ?? null
  if (carrier === 'reader' || !isUnique(passport[field], vendorId)) return false
  const usbSerial = passport.usb?.serial ?? null
  return carrier !== 'bridge' || usbSerial === null || serialKey(passport[field]) !== serialKey(usbSerial)
}

function stateOf(
  field: PassportField,
  registered: Passport,
  observed: Passport,
  carrier: Carrier | null,
): FieldState {
  switch (field) {
    case 'usb.vendorId':
      return stateOfText(registered.usb?.vendorId, observed.usb?.vendorId)
    case 'usb.productId':
      return stateOfText(registered.usb?.productId, observed.usb?.productId)
    case 'usb.serial': {
      const vendorId = registered.usb?.vendorId ?? null
      const state = stateOfSerial(registered.usb?.serial, observed.usb?.serial, vendorId)
      return carrier === null ? state : asOwn(state)
    }
    case 'usb.descriptorHash':
      return stateOfText(registered.usb?.descriptorHash, observed.usb?.descriptorHash)
    case 'usb.release':
      return stateOfText(registered.usb?.release, observed.usb?.release)
    case 'inquiry.model':
      return stateOfText(modelKey(registered.inquiry), modelKey(observed.inquiry))
    case 'inquiry.revision':
      return stateOfText(revisionKey(registered.inquiry), revisionKey(observed.inquiry))
    case 'diskSerial':
    case 'wwn': {
      const vendorId = registered.usb?.vendorId ?? null
      const state = stateOfSerial(registered[field], observed[field], vendorId)
      const isOwn =
        carrier === 'bridge' &&
        !hasOwnDiskNumber(field, registered, carrier) &&
        !hasOwnDiskNumber(field, observed, carrier)
      return isOwn ? asOwn(state) : state
    }
    case 'sizeBytes':
      return stateOfText(registered.sizeBytes, observed.sizeBytes)
    case 'partitionTable.id':
      return stateOfTable(registered.partitionTable, observed.partitionTable)
    case 'fileSystems.uuid':
      return stateOfText(fileSystemsKey(registered), fileSystemsKey(observed))
  }
}

type Plain = string | number | null | undefined

function stateOfText(registered: Plain, observed: Plain): FieldState {
  const isKnownThere = registered !== null && registered !== undefined
  const isKnownHere = observed !== null && observed !== undefined
  if (!isKnownThere || !isKnownHere) return isKnownThere || isKnownHere ? 'absent' : 'unknown'
  return registered === observed ? 'same' : 'differs'
}

function stateOfSerial(
  registered: RawText | null | undefined,
  observed: RawText | null | undefined,
  vendorId: string | null,
): FieldState {
  const state = stateOfText(serialKey(registered), serialKey(observed))
  return state === 'same' && !isUnique(registered, vendorId) ? 'placeholder' : state
}

function stateOfTable(
  registered: Passport['partitionTable'],
  observed: Passport['partitionTable'],
): FieldState {
  if (registered === null || observed === null) {
    return registered === null && observed === null ? 'unknown' : 'absent'
  }
  if (registered.kind !== observed.kind) return 'differs'
  const state = stateOfText(registered.id, observed.id)
  return state === 'same' && /^[0-]*$/.test(registered.id ?? '') ? 'placeholder' : state
}

/**
 * The ids of all file systems, as one text; null where there is none that tells media apart. That of ISO 9660 is the
 * image's time stamp, the same on everything that the image was written to: it counts on discs alone.
 */
function fileSystemsKey(passport: Passport): string | null {
  const ids = passport.fileSystems
    .filter(({ kind, uuid }) => uuid !== null && !/^[0-]*$/.test(uuid) && mayTell(kind, passport.bus))
    .map(({ partition, kind, uuid }) => `${partition} ${kind} ${uuid}`)
  return ids.length === 0 ? null : ids.toSorted().join('\n')
}

function mayTell(kind: string, bus: Passport['bus']): boolean {
  return bus === 'optical' || kind !== 'iso9660'
}

function asOwn(state: FieldState): FieldState {
  return state === 'same' ? 'own-same' : state === 'differs' ? 'own-differs' : state
}

function reasonsOf(states: ReadonlyMap<PassportField, FieldState>): IdentityReason[] {
  return PASSPORT_FIELDS.flatMap(({ field, weight }): IdentityReason[] => {
    const state = states.get(field) ?? 'unknown'
    switch (state) {
      case 'unknown':
        return []
      case 'own-same':
        return [{ field, state: 'same', weight: 0 }]
      case 'own-differs':
        return [{ field, state: 'differs', weight: 0 }]
      case 'same':
      case 'differs':
        return [{ field, state, weight }]
      case 'absent':
      case 'placeholder':
        return [{ field, state, weight: 0 }]
    }
  })
}

function isUnique(serial: RawText | null | undefined, vendorId: string | null): boolean {
  return serial !== null && serial !== undefined && !isPlaceholderSerial(serial, vendorId)
}

function modelKey(inquiry: Passport['inquiry']): string | null {
  return inquiry === null ? null : JSON.stringify([serialKey(inquiry.vendor), serialKey(inquiry.product)])
}

function revisionKey(inquiry: Passport['inquiry']): string | null {
  return inquiry === null ? null : serialKey(inquiry.revision)
}
