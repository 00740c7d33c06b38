/** What people fill in of a medium, between the form and the contract: pure. */
import { type Level, levelRank } from '@shoukou/protocol/levels.ts'
import type { Passport } from '@shoukou/protocol/media/shapes.ts'
import type { MediumDetails, MediumItem, MediumKind, SeenMedium } from '../../api/contract-media.ts'
import { levels } from '../violations/filter-address.ts'

/** The form's fields. Days are `2026-11-21`, in the browser's time zone; an empty one is none. */
export interface MediumForm {
  readonly number: string
  readonly level: Level
  readonly kind: MediumKind
  readonly custodian: string
  readonly department: string
  readonly isForAllComputers: boolean
  readonly computers: readonly string[]
  /** None: everyone. */
  readonly users: readonly string[]
  readonly right: 'read-only' | 'read-write'
  readonly validFrom: string
  readonly validUntil: string
  readonly note: string
  readonly reason: string
}

export const mediumKinds = [
  'usb-stick',
  'portable-disk',
  'memory-card',
  'optical-disc',
  'floppy',
  'tape',
  'other',
] as const satisfies readonly MediumKind[]

/** Returns the form for a new medium: of the computer's level and for that computer, where it is seen in one. */
export function newForm(
  seen: Pick<SeenMedium, 'computer' | 'passport'> | null,
  level: Level,
  now: number,
): MediumForm {
  const passport = seen?.passport ?? null
  return {
    number: '',
    level,
    kind: passport === null ? 'usb-stick' : kindOfPassport(passport),
    custodian: '',
    department: '',
    isForAllComputers: false,
    computers: seen === null ? [] : [seen.computer],
    users: [],
    right: 'read-write',
    validFrom: dayOf(now),
    validUntil: '',
    note: '',
    reason: '',
  }
}

/** Returns the form for a registered medium. */
export function formOf(medium: MediumItem): MediumForm {
  return {
    number: medium.number,
    level: medium.level,
    kind: medium.kind,
    custodian: medium.custodian,
    department: medium.department,
    isForAllComputers: medium.computers === null,
    computers: medium.computers ?? [],
    users: medium.users ?? [],
    right: medium.right,
    validFrom: dayOf(medium.validFromMs),
    validUntil: medium.validUntilMs === null ? '' : dayOf(medium.validUntilMs),
    note: medium.note,
    reason: '',
  }
}

/**
 * Returns what the console is told. A day that was not touched keeps its very moment in `before`; a medium is valid
 * from the first moment of its first day to the last of its last.
 */
export function detailsOf(
  form: MediumForm,
  before: Pick<MediumDetails, 'validFromMs' | 'validUntilMs'> | null = null,
): MediumDetails {
  const until = before?.validUntilMs ?? null
  return {
    level: form.level,
    kind: form.kind,
    custodian: form.custodian.trim(),
    department: form.department.trim(),
    computers: form.isForAllComputers ? null : [...form.computers],
    users: form.users.length === 0 ? null : [...form.users],
    right: form.right,
    validFromMs:
      before !== null && dayOf(before.validFromMs) === form.validFrom
        ? before.validFromMs
        : startOfDay(form.validFrom),
    validUntilMs:
      form.validUntil === ''
        ? null
        : until !== null && dayOf(until) === form.validUntil
          ? until
          : startOfDay(form.validUntil, 1) - 1,
    note: form.note.trim(),
  }
}

/** Returns the levels that a medium may have from now on, the highest first: never below what it has. */
export function levelsFrom(level: Level): Level[] {
  return levels.filter((one) => levelRank(one) >= levelRank(level))
}

/** Returns what a medium most likely is, by its bus. */
export function kindOfPassport({ bus }: Passport): MediumKind {
  switch (bus) {
    case 'usb':
      return 'usb-stick'
    case 'mmc':
      return 'memory-card'
    case 'optical':
      return 'optical-disc'
    case 'floppy':
      return 'floppy'
    case 'ata':
    case 'scsi':
    case 'nvme':
      return 'portable-disk'
    case 'virtio':
    case 'network':
    case 'loop':
    case 'mapped':
    case 'memory':
    case 'other':
      return 'other'
  }
}

/** Returns the day of a moment: `2026-11-21`. */
export function dayOf(ms: number): string {
  const at = new Date(ms)
  const pad = (value: number, length: number) => String(value).padStart(length, '0')
  return `${pad(at.getFullYear(), 4)}-${pad(at.getMonth() + 1, 2)}-${pad(at.getDate(), 2)}`
}

/** The first moment of a day, or of one `after` days later: days are not all of one length. */
function startOfDay(day: string, after = 0): number {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  return new Date(year, month - 1, date + after).getTime()
}

/** Joins my form with what somebody else saved meanwhile: what I did not touch is theirs, what I touched stays mine. */
export function joinForms(base: MediumForm, mine: Partial<MediumForm>, theirs: MediumForm): MediumForm {
  const touched = Object.entries(mine).filter(
    ([field, value]) => !isSame(value, base[field as keyof MediumForm]),
  )
  return { ...theirs, ...Object.fromEntries(touched) }
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
