/** The media of the unit: most are known by their numbers alone, some by their passports, as after the first months of a register. Pure. */
import type { Level, UsbDevice } from '@shoukou/protocol'
import { STORAGE, usbDevice } from './facts.ts'
import { createRandom } from './random.ts'
import type { DemoUnit } from './unit.ts'

export interface DemoMedium {
  readonly number: string
  readonly level: Level
  readonly kind: 'usb-stick' | 'portable-disk' | 'optical-disc' | 'memory-card'
  readonly custodian: string
  readonly department: string
  /** Numbers; null: every computer of the unit. */
  readonly computers: readonly string[] | null
  /** What it says of itself; null where no station has examined it yet. */
  readonly device: UsbDevice | null
}

/** Share of those known by what they say of themselves: the rest is old, or was never brought to be examined. */
const knownShare = 0.4

/**
 * Returns the media. Those with a device are assigned to computers that have an agent, all of the medium's level: what goes to
 * classified computers goes to no others.
 */
export function makeMedia(
  unit: DemoUnit,
  { seed, media: count }: { seed: string; media: number },
): DemoMedium[] {
  const random = createRandom(`${seed}/media`)
  const watched = unit.computers.filter(({ isStandalone }) => !isStandalone)
  const byDepartment = Map.groupBy(watched, ({ department }) => department)
  const known = Math.ceil(count * knownShare)
  return Array.from({ length: count }, (_, at): DemoMedium => {
    const number = `YM-${String(at + 1).padStart(4, '0')}`
    if (at < known && watched.length > 0) {
      const computer = watched[Math.floor((at * watched.length) / known)] ?? random.pick(watched)
      const { level } = computer
      const others = (byDepartment.get(computer.department) ?? []).filter((one) => one.level === level)
      const other = random.chance(0.35) && others.length > 0 ? random.pick(others) : computer
      return {
        ...{ number, level, kind: random.chance(0.8) ? 'usb-stick' : 'portable-disk' },
        custodian: computer.person.name,
        department: computer.department,
        computers: [...new Set([computer.number, other.number])],
        device: usbDevice(random, STORAGE),
      }
    }
    const { person, level, department } = random.pick(unit.computers)
    return {
      number,
      level,
      kind: random.pick(['usb-stick', 'usb-stick', 'portable-disk', 'optical-disc', 'memory-card'] as const),
      ...{ custodian: person.name, department },
      computers: null,
      device: null,
    }
  })
}

/** Returns the media of each computer, by its number: those that are assigned to it. */
export function mediaByComputer(media: readonly DemoMedium[]): ReadonlyMap<string, readonly DemoMedium[]> {
  const found = new Map<string, DemoMedium[]>()
  for (const medium of media)
    for (const number of medium.computers ?? []) found.set(number, [...(found.get(number) ?? []), medium])
  return found
}
