/** What the kernel's uevents alone say of disks. Pure. */
import type { Uevent } from '../../base/parse-uevent.ts'
import { type BlockEntry, blockBusOf, usbPathOf } from '../block-entry.ts'
import type { TimedUevent } from '../plug-watch.ts'
import type { PlugHint } from '../replay-sightings.ts'

/** Returns the disk that an event of it or of one of its partitions speaks of; null for all else. */
export function blockPlaceOf(event: Uevent): string | null {
  if (event.subsystem !== 'block') return null
  const parts = event.devpath.split('/')
  if (event.devtype === 'disk') return parts.at(-1) ?? null
  if (event.devtype === 'partition') return parts.at(-2) ?? null
  return null
}

/** Returns the comings and goings of disks that a row of events tells. */
export function blockHintsOf(events: readonly TimedUevent[]): PlugHint<BlockEntry>[] {
  return events.flatMap(({ event, atMs }): PlugHint<BlockEntry>[] => {
    const place = blockPlaceOf(event)
    if (place === null || event.devtype !== 'disk') return []
    if (event.action !== 'add' && event.action !== 'remove') return []
    return [{ action: event.action, place, instance: event.devpath, atMs, thing: entryOf(event, place) }]
  })
}

/** Reports whether the kernel itself says that something about the disk changed; not a trigger written to sysfs. */
export function isKernelChange(event: Uevent): boolean {
  return event.devtype === 'disk' && event.action === 'change' && !event.fields.has('SYNTH_UUID')
}

function entryOf(event: Uevent, name: string): BlockEntry {
  const [major, minor] = [event.fields.get('MAJOR'), event.fields.get('MINOR')]
  const number = `${major}:${minor}`
  const sequence = Number(event.fields.get('DISKSEQ') ?? Number.NaN)
  return {
    device: {
      name: name.replaceAll('!', '/'),
      number: /^\d{1,10}:\d{1,10}$/.test(number) ? number : null,
      bus: blockBusOf(name, event.devpath),
      sizeBytes: null,
      isRemovable: null,
      isReadOnly: null,
      vendor: null,
      model: null,
      serial: null,
      wwn: null,
      usbPath: usbPathOf(event.devpath),
    },
    devpath: event.devpath,
    diskSequence: Number.isSafeInteger(sequence) ? sequence : null,
    partitions: [],
    slaves: [],
    mappedName: null,
  }
}
