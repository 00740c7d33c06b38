/** The media of the unit: most are known by their numbers alone, some by their passports, as after the first months of a register. Pure. */
import { type Level, levelRank, type UsbDevice } from '@shoukou/protocol'
import { STORAGE, usbDevice } from './facts.ts'
import { createRandom } from './random.ts'
import type { DemoComputer, DemoUnit } from './unit.ts'

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

export const sealedMax = 80

/** Returns the media. Those with a device are assigned to computers that have an agent, of their own level at least. */
export function makeMedia(
  unit: DemoUnit,
  { seed, media: count }: { seed: string; media: number },
): DemoMedium[] {
  const random = createRandom(`${seed}/media`)
  const watched = unit.computers.filter(({ isStandalone }) => !isStandalone)
  const sealed = Math.min(sealedMax, Math.ceil(count / 10), watched.length)
  return Array.from({ length: count }, (_, at): DemoMedium => {
    const number = `YM-${String(at + 1).padStart(4, '0')}`
    if (at < sealed) {
      const computer = watched[Math.floor((at * watched.length) / sealed)] ?? random.pick(watched)
      const other = random.pick(watched)
      const level =
        computer.level === 'internal' ? 'internal' : random.chance(0.15) ? 'internal' : computer.level
      return {
        ...{ number, level, kind: 'usb-stick' },
        custodian: computer.person.name,
        department: computer.department,
        computers:
          mayUse(other, level) && other !== computer ? [computer.number, other.number] : [computer.number],
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

function mayUse(computer: DemoComputer, level: Level): boolean {
  return levelRank(computer.level) >= levelRank(level)
}
