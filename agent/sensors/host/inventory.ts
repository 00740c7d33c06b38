/** What systeminformation says of the host, as the fact that is told. Pure. */
import { type FactNamed, LIMITS, type RawText } from '@shoukou/protocol'

/** The parts of its answers that are used; any may be missing or of another type on a strange machine. */
export interface InventorySource {
  readonly system: { manufacturer?: unknown; model?: unknown; serial?: unknown }
  readonly uuid: { hardware?: unknown; os?: unknown }
  readonly os: { hostname?: unknown; distro?: unknown; release?: unknown; kernel?: unknown; arch?: unknown }
  readonly cpu: { manufacturer?: unknown; brand?: unknown; cores?: unknown }
  readonly memory: { total?: unknown }
  readonly disks: readonly {
    device?: unknown
    name?: unknown
    vendor?: unknown
    serialNum?: unknown
    size?: unknown
  }[]
}

export function inventoryOf(source: InventorySource): FactNamed<'host.inventory'> {
  const { system, uuid, os, cpu, memory, disks } = source
  return {
    kind: 'host.inventory',
    hostname: textOf(os.hostname),
    manufacturer: textOf(system.manufacturer),
    model: textOf(system.model),
    serial: textOf(system.serial),
    hardwareId: textOf(uuid.hardware) || textOf(uuid.os),
    operatingSystem: [os.distro, os.release, os.arch].map(textOf).filter(Boolean).join(' '),
    kernel: textOf(os.kernel),
    processor: [cpu.manufacturer, cpu.brand].map(textOf).filter(Boolean).join(' '),
    memoryBytes: countOf(memory.total),
    disks: disks.slice(0, LIMITS.disksPerInventoryMax).map((disk) => ({
      name: textOf(disk.device),
      vendor: textOf(disk.vendor),
      model: textOf(disk.name),
      serial: textOf(disk.serialNum),
      sizeBytes: countOf(disk.size),
    })),
  }
}

const textMax = 1_024

/** The library hands out strings; `-` is its word for "unknown". */
function textOf(value: unknown): RawText & string {
  if (typeof value !== 'string') return ''
  const text = value.trim().slice(0, textMax)
  return text === '-' ? '' : text
}

function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0
}
