/**
 * Makes the journal's seals, and moves the key on: `protocol/journal-seal.ts` has the rules.
 *
 * A key is given up only when the record that it sealed is on the disk, and the file follows then: after a crash the file
 * may be behind the journal, never before it. Where it is behind, the journal's last seal says how far to move on.
 */
import {
  type FactNamed,
  firstIndexOf,
  generationOf,
  nextSealKey,
  type SealedPlace,
  sealMac,
} from '@shoukou/protocol'
import { type SealKey, SealKeyFile } from '../base/seal-key-file.ts'

export interface SealerOptions {
  readonly path: string
  readonly agent: string
  readonly onFault: (fault: unknown) => void
}

/** The file follows the key at most so often while seals are many: what a thief of the disk gets is at most this old. */
const writeEveryMs = 1_000
/** Keys that are stepped over where the file is behind: more than a journal holds of seals is damage. */
const stepsMax = 10_000_000

export class Sealer {
  readonly #options: SealerOptions
  readonly #file: SealKeyFile
  /** The key of the next seal; null where there is none. */
  #key: SealKey | null
  /** Keys whose seals are numbered and not yet synced, after `#key`. */
  #ahead: SealKey | null = null
  #writtenAt = Number.NEGATIVE_INFINITY
  #writing: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | null = null
  #isDirty = false
  readonly wasDamaged: boolean

  private constructor(
    options: SealerOptions,
    opened: { file: SealKeyFile; found: SealKey | null; isDamaged: boolean },
  ) {
    this.#options = options
    this.#file = opened.file
    this.#key = opened.found
    this.wasDamaged = opened.isDamaged
  }

  /** Opens the key's file; there may be no key in it yet. */
  static async open(options: SealerOptions): Promise<Sealer> {
    return new Sealer(options, await SealKeyFile.open(options.path))
  }

  /** The index of the next seal; null where there is no key to make one. */
  get nextIndex(): number | null {
    return this.#key?.index ?? null
  }

  /** Takes the first key of a generation from the console. Ignored unless it is a later one than what is here. */
  async take(generation: number, key: Buffer): Promise<boolean> {
    if (this.#key !== null && generation <= generationOf(this.#key.index)) return false
    this.#key?.key.fill(0)
    this.#key = { index: firstIndexOf(generation), key: Buffer.from(key) }
    this.#ahead = null
    await this.#write()
    return true
  }

  /** The journal holds a seal of this index: the key moves past it. */
  passed(index: number): void {
    const from = this.#key
    if (from === null || from.index > index) return
    // Of an earlier generation: the key that came after it is here already.
    if (generationOf(index) !== generationOf(from.index) || index - from.index > stepsMax) return
    let { key } = from
    for (let at = from.index; at <= index; at += 1) key = movedOn(key)
    this.#key = { index: index + 1, key }
    this.#schedule()
  }

  /** Makes the next seal. It counts when `synced` is called, and comes again after `givenUp`. */
  seal(place: Pick<SealedPlace, 'epoch' | 'upToSeq' | 'head'>): FactNamed<'journal.sealed'> {
    const from = this.#ahead ?? this.#key
    if (from === null) throw new Error('there is a key')
    const { index, key } = from
    const mac = sealMac(key, { agent: this.#options.agent, index, ...place })
    // The key of what is not on the disk yet is kept: the same seal may have to be made again.
    this.#ahead = { index: index + 1, key: from === this.#key ? nextSealKey(key) : movedOn(key) }
    return { kind: 'journal.sealed', index, upToSeq: place.upToSeq, head: place.head, mac }
  }

  /** All seals made so far are on the disk: their keys go. */
  synced(): void {
    if (this.#ahead === null) return
    this.#key?.key.fill(0)
    this.#key = this.#ahead
    this.#ahead = null
    this.#schedule()
  }

  /** The seals made since `synced` will not be written. */
  givenUp(): void {
    this.#ahead?.key.fill(0)
    this.#ahead = null
  }

  /** Writes the newest key, and closes. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    await this.#writing
    if (this.#isDirty) await this.#write()
    await this.#file.close()
    this.#key?.key.fill(0)
  }

  #schedule(): void {
    this.#isDirty = true
    if (this.#timer !== null) return
    const waitMs = Math.max(0, this.#writtenAt + writeEveryMs - performance.now())
    this.#timer = setTimeout(() => {
      this.#timer = null
      void this.#write()
    }, waitMs).unref()
  }

  #write(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      const now = this.#key
      if (now === null) return
      this.#isDirty = false
      this.#writtenAt = performance.now()
      const copy = { index: now.index, key: Buffer.from(now.key) }
      try {
        await this.#file.write(copy)
      } catch (fault) {
        // The journal itself says how far it is: a file that is behind is caught up at the next start.
        this.#isDirty = true
        this.#options.onFault(fault)
      } finally {
        copy.key.fill(0)
      }
    })
    return this.#writing
  }
}

function movedOn(key: Buffer): Buffer {
  const next = nextSealKey(key)
  key.fill(0)
  return next
}
