/**
 * What the sensors have already told of in this boot, in `present.json`: so that a restarted agent does not take what
 * it has judged before for something new.
 *
 * Written only after the records about it are synced. The other order could lose an insertion for good: remembered as
 * told, and never told.
 */
import { SENSORS, type SensorName, SensorNameSchema } from '@shoukou/protocol'
import { Type } from 'typebox'
import { stateFile } from './base/state-file.ts'

const presentFile = stateFile(
  Type.Object(
    {
      v: Type.Literal(1),
      bootId: Type.String({ maxLength: 64 }),
      sensors: Type.Array(
        Type.Object(
          { sensor: SensorNameSchema, keys: Type.Array(Type.String()) },
          { additionalProperties: false },
        ),
        {
          maxItems: SENSORS.length,
        },
      ),
    },
    { additionalProperties: false },
  ),
)

export interface PresentThingsOptions {
  readonly path: string
  readonly bootId: string
  /** Resolves when everything told so far is synced. */
  readonly flushed: () => Promise<void>
  readonly onFault: (fault: unknown) => void
}

export class PresentThings {
  readonly #options: PresentThingsOptions
  readonly #keys: Map<SensorName, ReadonlySet<string>>
  #saving: Promise<void> | null = null
  #isDirty = false

  constructor(options: PresentThingsOptions, keys: Map<SensorName, ReadonlySet<string>>) {
    this.#options = options
    this.#keys = keys
  }

  /** Reads the file; empty where it is of another boot. */
  static async open(
    options: PresentThingsOptions,
    onDamaged: (path: string) => void,
  ): Promise<PresentThings> {
    const found = await presentFile.read(options.path, onDamaged)
    const isOfThisBoot = found?.bootId === options.bootId
    return new PresentThings(
      options,
      new Map(isOfThisBoot ? found.sensors.map(({ sensor, keys }) => [sensor, new Set(keys)]) : []),
    )
  }

  keysOf(sensor: SensorName): ReadonlySet<string> {
    return this.#keys.get(sensor) ?? new Set()
  }

  /** Takes the whole set of what a sensor sees now. */
  remember(sensor: SensorName, keys: ReadonlySet<string>): void {
    this.#keys.set(sensor, new Set(keys))
    this.#isDirty = true
    this.#saving ??= this.#save().finally(() => {
      this.#saving = null
    })
  }

  /** Resolves when what was remembered is on the disk. */
  async saved(): Promise<void> {
    await this.#saving
  }

  async #save(): Promise<void> {
    const { path, bootId, flushed, onFault } = this.#options
    while (this.#isDirty) {
      // One turn later, so that what is told in the same turn comes first.
      await Promise.resolve()
      this.#isDirty = false
      const sensors = [...this.#keys].map(([sensor, keys]) => ({ sensor, keys: [...keys] }))
      try {
        await flushed()
        await presentFile.write(path, { v: 1, bootId, sensors })
      } catch (fault) {
        onFault(fault)
      }
    }
  }
}
