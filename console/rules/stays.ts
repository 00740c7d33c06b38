/**
 * Stays: one medium at one place from its coming to its going. Pure; where they are kept is `store/sightings`.
 *
 * A stay joins what several records tell of one insertion, so that an attachment and the examination after it make one
 * violation and not two. Its id is the journal number of the first record about it: the kernel's own numbers come again
 * (a USB bus counts to 127), journal numbers never do.
 */
import type { Level, MediumRight, Passport, RawText, Record, UsbDevice } from '@shoukou/protocol'
import { rawTextKey, usbInstanceOf } from '@shoukou/protocol'
import { identityKeys } from '@shoukou/protocol/media/compare-passports.ts'
import type { RecordOf } from './judgement.ts'
import { isMassStorage, isNewMedium, isSoftwareDisk } from './storage-devices.ts'

export interface Stay {
  /** `epoch:seq` of the first record about it. */
  readonly id: string
  readonly bootId: string
  /** The agent's name of the stay (`usbInstanceOf`, `diskInstanceOf`); null until a record has told it. */
  readonly instance: string | null
  /** What opened it: a USB device, or a disk or a card that came without one. */
  readonly by: 'usb' | 'disk'
  /** Keys of raw text (`rawTextKey`). */
  readonly usbPath: string | null
  readonly disk: string | null
  /** The record that says most of it: its examination, or the first. */
  readonly epoch: string
  readonly seq: number
  readonly isExamined: boolean
  /** By the computer's clock, Unix ms. */
  readonly at: number
  readonly endedAt: number | null
  readonly openedBootMs: number
  readonly number: string | null
  readonly level: Level | null
  /** As `identityKeys` has them. */
  readonly keys: readonly string[]
  readonly passport: Passport | null
  readonly sealId: string | null
  readonly right: MediumRight
  readonly rule: string
  /** Told since the agent last started: after a restart, what left meanwhile is told by nobody. */
  readonly isConfirmed: boolean
  /** Time since boot by which a restarted agent must have told of it again; null where it runs on. */
  readonly dueBootMs: number | null
  /** What is to be raised where the examination never comes: opaque here. */
  readonly pending: string | null
  /** Where it is mounted, as keys of raw text. */
  readonly mounts: readonly string[]
}

export interface StayStep {
  /** The open ones after the record. */
  readonly open: readonly Stay[]
  /** All that the record changed, ended ones included, as they are now. */
  readonly changed: readonly Stay[]
  /** The stay that the record is about. */
  readonly stay: Stay | null
  /** The record is the first about it. */
  readonly isNew: boolean
  /** What was to be raised of stays that ended, or are overdue, unexamined. */
  readonly lapsed: readonly Stay[]
}

/** A sweep and an examination take seconds; what is not told by then after a restart is gone, ms. */
export const retellMsMax = 60_000

/** A device that reports no medium at first and one at once after is one insertion, ms. */
const spinUpMsMax = 15_000

/** Open stays of one computer. Beyond it the oldest counts as gone: no bus holds so many. */
export const openStaysMax = 1_024
const mountsPerStayMax = 64

/** A stay that is over, and when, by the computer's time since boot. */
export interface EndedStay {
  readonly stay: Stay
  readonly bootMs: number
}

/** A slow examination ends this much after its medium was pulled out, at most, ms. The kernel's numbers come again later. */
export const lateExaminationMsMax = 120_000

/**
 * Returns the stay that an examination is about which was told only after the device had gone: it is that one's, and no
 * second insertion. Null where the record is no examination, or its stay stands, or is not known.
 */
export function endedBefore(record: Record, open: readonly Stay[], ended: readonly EndedStay[]): Stay | null {
  if (record.fact.kind !== 'media.examined') return null
  const { instance } = record.fact.place
  if (open.some((stay) => stay.instance === instance)) return null
  const found = ended.findLast(
    ({ stay, bootMs }) =>
      stay.by === 'usb' &&
      stay.instance === instance &&
      stay.bootId === record.bootId &&
      record.bootMs - bootMs < lateExaminationMsMax,
  )
  return found === undefined ? null : withExamination(found.stay, record as RecordOf<'media.examined'>)
}

/** Takes one record of a journal; records come in their order. */
export function stepStays(before: readonly Stay[], record: Record): StayStep {
  const work = new Work(before, record)
  work.lapse()
  work.take()
  return work.result()
}

class Work {
  readonly #record: Record
  readonly #open: Map<string, Stay>
  readonly #changed = new Map<string, Stay>()
  readonly #lapsed: Stay[] = []
  #subject: string | null = null
  #isNew = false

  constructor(before: readonly Stay[], record: Record) {
    this.#record = record
    this.#open = new Map(before.map((stay) => [stay.id, stay]))
  }

  result(): StayStep {
    const stay =
      this.#subject === null ? null : (this.#changed.get(this.#subject) ?? this.#open.get(this.#subject))
    return {
      open: [...this.#open.values()],
      changed: [...this.#changed.values()],
      stay: stay ?? null,
      isNew: this.#isNew,
      lapsed: this.#lapsed,
    }
  }

  /** Another boot ends everything; a restarted agent has had its time to tell again what is still there. */
  lapse(): void {
    const { bootId, bootMs } = this.#record
    for (const stay of [...this.#open.values()]) {
      if (stay.bootId !== bootId) this.#end(stay)
      else if (stay.dueBootMs !== null && bootMs > stay.dueBootMs) {
        if (!stay.isConfirmed) this.#end(stay)
        else this.#put({ ...this.#unpend(stay), dueBootMs: null })
      }
    }
  }

  take(): void {
    const { fact } = this.#record
    // Only what tells of a medium's coming, going or being used; all else leaves stays as they are.
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check
    switch (fact.kind) {
      case 'agent.started':
        return this.#restart()
      case 'usb.attached':
        return this.#usbAttached(fact.device, fact.origin)
      case 'usb.detached':
        return this.#usbDetached(fact.device)
      case 'block.attached':
      case 'block.changed':
        return this.#disk(this.#record as RecordOf<'block.attached'> | RecordOf<'block.changed'>)
      case 'block.detached':
        return this.#diskGone(rawTextKey(fact.device.name))
      case 'media.examined':
        return this.#examined(this.#record as RecordOf<'media.examined'>)
      case 'usb.acted':
        return this.#carries(this.#record as RecordOf<'usb.acted'>)
      case 'media.access':
        return this.#access(this.#record as RecordOf<'media.access'>)
      case 'grant.changed':
        return this.#granted(this.#record as RecordOf<'grant.changed'>)
      case 'mount.added':
        return this.#mounted(fact.mount.source, rawTextKey(fact.mount.target))
      case 'mount.removed':
        return this.#unmounted(rawTextKey(fact.mount.target))
      case 'file.activity':
        return this.#about(this.#find((stay) => stay.mounts.includes(rawTextKey(fact.root))))
      default:
    }
  }

  #restart(): void {
    const dueBootMs = this.#record.bootMs + retellMsMax
    for (const stay of [...this.#open.values()]) this.#put({ ...stay, isConfirmed: false, dueBootMs })
  }

  #usbAttached(device: UsbDevice, origin: RecordOf<'usb.attached'>['fact']['origin']): void {
    const instance = usbInstanceOf(device)
    const usbPath = rawTextKey(device.path)
    const known = this.#find((stay) => stay.by === 'usb' && stay.instance === instance)
    if (known !== null && origin !== 'appeared') {
      this.#put({ ...known, isConfirmed: true })
      return this.#about(known)
    }
    // A port holds one device: whatever stood there before is gone, also where nobody saw it go.
    for (const stay of [...this.#open.values()]) if (stay.usbPath === usbPath) this.#end(stay)
    if (isMassStorage(device)) this.#openNew({ by: 'usb', instance, usbPath })
  }

  #usbDetached(device: UsbDevice): void {
    const instance = usbInstanceOf(device)
    const usbPath = rawTextKey(device.path)
    // Told late, it must not end what stands there since: but one that could not be read is known by its port alone.
    const isNamed = device.bus !== null && device.device !== null
    const atPort = [...this.#open.values()].filter((stay) => stay.usbPath === usbPath)
    const isAnother = isNamed && atPort.some((stay) => stay.by === 'usb' && stay.instance !== instance)
    if (isAnother) return
    for (const stay of atPort) {
      this.#about(stay)
      this.#end(stay)
    }
  }

  #disk({ fact }: RecordOf<'block.attached'> | RecordOf<'block.changed'>): void {
    const { device } = fact
    const disk = rawTextKey(device.name)
    const usbPath = device.usbPath === null ? null : rawTextKey(device.usbPath)
    if (isSoftwareDisk(device)) return
    if (fact.kind === 'block.attached' && fact.origin !== 'appeared') {
      const known = this.#find((stay) => stay.disk === disk)
      if (known !== null) this.#put({ ...known, isConfirmed: true })
      if (known !== null) return this.#about(known)
    }
    if (fact.kind === 'block.changed' && device.sizeBytes === 0) return this.#emptied(disk)
    const carrier =
      usbPath === null ? null : this.#find((stay) => stay.by === 'usb' && stay.usbPath === usbPath)
    if (fact.kind === 'block.attached') {
      if (carrier !== null && device.sizeBytes === 0) {
        // Nothing is in it, so there is nothing to examine; what is put in is told as a change.
        this.#put({ ...carrier, pending: null })
        return this.#about(carrier)
      }
      if (carrier !== null && !isCarrier(carrier)) {
        if (carrier.disk === null) this.#put({ ...carrier, disk })
        return this.#about(carrier)
      }
      if ((carrier === null && (device.bus === 'usb' || usbPath !== null)) || device.sizeBytes === 0) return
    } else {
      if (!isNewMedium(fact)) return
      const isSpinUp =
        carrier !== null &&
        !isCarrier(carrier) &&
        carrier.disk === null &&
        this.#record.bootMs - carrier.openedBootMs < spinUpMsMax
      if (isSpinUp) {
        this.#put({ ...carrier, disk })
        return this.#about(carrier)
      }
    }
    if (this.#record.decision?.rule === ownDisk) return
    this.#emptied(disk)
    this.#openNew({ by: 'disk', instance: null, usbPath, disk })
  }

  /** The medium was taken out, and what carried it may stay: a card out of its reader, a disc out of its drive. */
  #emptied(disk: string): void {
    for (const stay of [...this.#open.values()]) {
      if (stay.disk !== disk) continue
      this.#about(stay)
      this.#end(stay)
    }
  }

  /** A stick stays a stick when the kernel gives its disk up; a card, a disc or a bare disk is gone with it. */
  #diskGone(disk: string): void {
    for (const stay of [...this.#open.values()]) {
      if (stay.disk !== disk) continue
      this.#about(stay)
      if (stay.by === 'disk') this.#end(stay)
      else this.#put({ ...stay, disk: null, mounts: [] })
    }
  }

  #examined({ fact }: RecordOf<'media.examined'>): void {
    const { place } = fact
    const usbPath = keyOf(place.usbPath)
    const disk = keyOf(place.disk)
    const known = this.#stayAt(place.instance, usbPath, disk)
    if (known === null && isNothingRead(fact)) return
    const stay =
      known ??
      this.#openNew({
        by: place.instance.startsWith('usb:') ? 'usb' : 'disk',
        instance: place.instance,
        usbPath,
      })
    this.#put(withExamination(stay, this.#record as RecordOf<'media.examined'>))
    this.#about(stay)
  }

  /** An empty reader, or a device of several units: what is in it is examined as disks, and is no part of this stay. */
  #carries({ fact }: RecordOf<'usb.acted'>): void {
    const stay = this.#find((one) => one.instance === fact.place.instance)
    if (stay === null) return
    this.#about(stay)
    if (carrierCauses.has(fact.cause)) this.#put({ ...stay, rule: fact.cause, pending: null })
  }

  /** A card is named after its coming, so a stay without a name at this place is meant before one that has it. */
  #stayAt(instance: string, usbPath: string | null, disk: string | null): Stay | null {
    return (
      this.#find(
        (stay) =>
          stay.instance === null &&
          (disk === null ? usbPath !== null && stay.usbPath === usbPath : stay.disk === disk),
      ) ?? this.#find((stay) => stay.instance === instance)
    )
  }

  #access({ fact }: RecordOf<'media.access'>): void {
    const stay = this.#find((one) => one.instance === fact.place.instance)
    if (stay === null) return
    this.#about(stay)
    this.#put({ ...stay, right: fact.right, disk: keyOf(fact.place.disk) ?? stay.disk })
    if (fact.cause === 'gone') this.#end(this.#open.get(stay.id) ?? stay)
  }

  #granted({ fact }: RecordOf<'grant.changed'>): void {
    const { place } = fact
    const stay = place === null ? null : this.#find((one) => one.instance === place.instance)
    if (stay === null) return
    this.#about(stay)
    if (fact.state === 'granted') this.#put({ ...stay, right: fact.right, rule: 'granted' })
  }

  #mounted(source: RawText, target: string): void {
    const stay = this.#find(({ disk }) => disk !== null && isPartOf(rawTextKey(source), disk))
    if (stay === null) return
    this.#about(stay)
    if (stay.mounts.length >= mountsPerStayMax || stay.mounts.includes(target)) return
    this.#put({ ...stay, mounts: [...stay.mounts, target] })
  }

  #unmounted(target: string): void {
    const stay = this.#find(({ mounts }) => mounts.includes(target))
    if (stay !== null) this.#put({ ...stay, mounts: stay.mounts.filter((one) => one !== target) })
  }

  #openNew(at: { by: Stay['by']; instance: string | null; usbPath: string | null; disk?: string }): Stay {
    const { epoch, seq, bootId, bootMs, wallMs, decision } = this.#record
    const [oldest] = this.#open.values()
    if (oldest !== undefined && this.#open.size >= openStaysMax) this.#end(oldest)
    const stay: Stay = {
      id: `${epoch}:${seq}`,
      bootId,
      ...at,
      disk: at.disk ?? null,
      epoch,
      seq,
      isExamined: false,
      at: wallMs,
      endedAt: null,
      openedBootMs: bootMs,
      number: null,
      level: null,
      keys: [],
      passport: null,
      sealId: null,
      right: 'none',
      rule: decision?.rule ?? '',
      isConfirmed: true,
      dueBootMs: null,
      pending: null,
      mounts: [],
    }
    this.#put(stay)
    this.#about(stay)
    this.#isNew = true
    return stay
  }

  #find(is: (stay: Stay) => boolean): Stay | null {
    // The youngest first: a name that comes again means the last that had it.
    return [...this.#open.values()].toReversed().find(is) ?? null
  }

  #about(stay: Stay | null): void {
    if (stay !== null) this.#subject = stay.id
  }

  #put(stay: Stay): void {
    this.#open.set(stay.id, stay)
    this.#changed.set(stay.id, stay)
  }

  #end(stay: Stay): void {
    const ended = { ...this.#unpend(stay), endedAt: this.#record.wallMs, mounts: [] }
    this.#open.delete(stay.id)
    this.#changed.set(stay.id, ended)
  }

  #unpend(stay: Stay): Stay {
    if (stay.pending !== null) this.#lapsed.push(stay)
    return { ...stay, pending: null }
  }
}

/** Returns a stay with what its examination told; where it has ended, it stays so. */
function withExamination(stay: Stay, { fact, decision, epoch, seq }: RecordOf<'media.examined'>): Stay {
  const { place, passport, identity, seal, right } = fact
  return {
    ...stay,
    instance: place.instance,
    usbPath: keyOf(place.usbPath) ?? stay.usbPath,
    disk: keyOf(place.disk) ?? stay.disk,
    epoch,
    seq,
    isExamined: true,
    isConfirmed: true,
    pending: null,
    number: identity.number,
    level: identity.level,
    keys: passport === null ? [] : identityKeys(passport),
    passport,
    sealId: seal.id,
    right,
    rule: decision?.rule ?? '',
  }
}

/**
 * An examination that read nothing says no more than the coming of the medium did. Told after its going, because it was
 * pulled out first, it is about nothing that is there, and no second insertion.
 */
export function isNothingRead({ method, passport }: RecordOf<'media.examined'>['fact']): boolean {
  return method === 'none' && passport === null
}

/** The agent's word for a disk of the computer itself: it is no medium. */
const ownDisk = 'baseline'

const carrierCauses: ReadonlySet<string> = new Set(['empty-reader', 'several-units'])

function isCarrier({ rule }: Stay): boolean {
  return carrierCauses.has(rule)
}

/** `/dev/sdb1` is part of `sdb`, `/dev/mmcblk0p1` of `mmcblk0`; `/dev/sdba1` is none of `sdb`. */
function isPartOf(source: string, disk: string): boolean {
  const name = source.slice(source.lastIndexOf('/') + 1)
  const plain = disk.replace(/^s:/, '')
  if (!name.startsWith(plain)) return false
  const rest = name.slice(plain.length)
  return /\d$/.test(plain) ? /^(?:p\d+)?$/.test(rest) : /^\d*$/.test(rest)
}

function keyOf(text: RawText | null): string | null {
  return text === null ? null : rawTextKey(text)
}
