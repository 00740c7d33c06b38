/** Disks as a subject of the plug watch: where one is, how it is read, how it is told. */
import { diskKey } from '@shoukou/protocol'
import type { Uevent } from '../../base/parse-uevent.ts'
import type { HintState } from '../../base/uevents-linux.ts'
import type { BlockEntry } from '../block-entry.ts'
import { originOfThing } from '../origin.ts'
import type { PlugSubject, ReadRequest, TimedUevent } from '../plug-watch.ts'
import { type BlockListing, listBlock, marksOf, readBlock, readBlockMarks } from '../read-block-linux.ts'
import type { PlugChange, PlugHint, Seen } from '../replay-sightings.ts'
import type { SensorContext } from '../sensor.ts'
import { blockHintsOf, blockPlaceOf, isKernelChange } from './block-hints.ts'

export interface BlockSubjectOptions {
  readonly sys: string
  readonly context: SensorContext
  readonly onCover: (listing: BlockListing, hints: HintState) => void
  readonly onKnown: (instanceKeys: ReadonlySet<string>) => void
}

/** Returns the key of this one stay of a disk. */
export function diskInstanceKey(entry: BlockEntry): string {
  return `${diskKey(entry.device)}#${entry.devpath}#${entry.diskSequence ?? '?'}`
}

export class BlockSubject implements PlugSubject<BlockEntry> {
  readonly sensor = 'media'
  /** The same drive in the same NVMe slot has the same place in sysfs again. */
  readonly instancesAreUnique = false
  readonly #options: BlockSubjectOptions
  #listing: BlockListing = { kind: 'listed', names: [] }

  constructor(options: BlockSubjectOptions) {
    this.#options = options
  }

  placeOf(event: Uevent): string | null {
    return blockPlaceOf(event)
  }

  hintsOf(events: readonly TimedUevent[]): PlugHint<BlockEntry>[] {
    return blockHintsOf(events)
  }

  async read(request: ReadRequest<BlockEntry>): Promise<ReadonlyMap<string, Seen<BlockEntry>> | null> {
    this.#listing = await listBlock(this.#options.sys)
    if (this.#listing.kind === 'unreadable') return null
    const seen = await Promise.all(this.#listing.names.map((name) => this.#readAt(name, request)))
    return new Map(seen.filter((one) => one !== null).map((one) => [one.place, one]))
  }

  async #readAt(name: string, request: ReadRequest<BlockEntry>): Promise<Seen<BlockEntry> | null> {
    const { sys } = this.#options
    const known = request.known.get(name)
    if (known !== undefined && !request.touched.has(name)) {
      if (!request.isSweep) return known
      if ((await readBlockMarks(sys, name)) === marksOf(known.thing)) return known
    }
    const entry = await readBlock(sys, name)
    if (entry === null) return null
    return { place: name, instance: entry.devpath, thing: entry, sighting: 'snapshot' }
  }

  tell(change: PlugChange<BlockEntry>, isStart: boolean): void {
    const { context } = this.#options
    const { thing: entry, sighting } = change.seen
    if (change.kind === 'detached') {
      context.emit({ kind: 'block.detached', sighting, device: entry.device })
      return
    }
    const keys = { identity: diskKey(entry.device), instance: diskInstanceKey(entry) }
    const isOld = isStart && sighting === 'snapshot'
    const origin = isOld ? originOfThing(keys, (key) => context.originAtStart(key)) : 'appeared'
    context.emit({ kind: 'block.attached', origin, sighting, device: entry.device })
  }

  tellChanged(before: Seen<BlockEntry>, after: Seen<BlockEntry>, events: readonly Uevent[]): boolean {
    const isOther =
      JSON.stringify(before.thing.device) !== JSON.stringify(after.thing.device) ||
      before.thing.diskSequence !== after.thing.diskSequence
    if (!isOther && !events.some(isKernelChange)) return false
    const { context } = this.#options
    context.emit({ kind: 'block.changed', before: before.thing.device, device: after.thing.device })
    return true
  }

  afterLook(known: ReadonlyMap<string, Seen<BlockEntry>>): void {
    this.#options.onKnown(new Set([...known.values()].map(({ thing }) => diskInstanceKey(thing))))
  }

  cover(_run: unknown, hints: HintState): void {
    this.#options.onCover(this.#listing, hints)
  }
}
