/**
 * Remembers the network as it was seen last, over stops and restarts, and tells at the next start what differs: what
 * happened while nobody looked.
 */
import { type Fact, LIMITS, type Picture, type RawText } from '@shoukou/protocol'
import { lastPictureFile } from './network-file.ts'

export type LastPicture = { readonly bootId: string; readonly wallMs: number; readonly picture: Picture }

interface Differences {
  readonly differences: readonly {
    readonly what: Extract<Fact, { kind: 'network.changed-while-away' }>['differences'][number]['what']
    readonly interfaceName: RawText | null
    readonly before: RawText | null
    readonly after: RawText | null
  }[]
  readonly omitted: number
}

export interface PictureMemoryOptions {
  readonly path: string
  readonly bootId: string
  readonly wallMs: () => number
  /** As the last run left it. */
  readonly last: LastPicture | null
  readonly diff: (before: Picture, after: Picture) => Differences
  readonly tell: (fact: Fact) => unknown
  readonly onFault: (fault: unknown) => void
}

/** A flapping link is not written down at each flap, ms. */
const writeEveryMs = 5_000

export class PictureMemory {
  readonly #options: PictureMemoryOptions
  #isFirst = true
  #newest: Picture | null = null
  #timer: NodeJS.Timeout | null = null
  #writing: Promise<void> = Promise.resolve()

  constructor(options: PictureMemoryOptions) {
    this.#options = options
  }

  /** Reads what the last run left; null where there is nothing, or nothing that can be read. */
  static async read(path: string, onDamaged: (path: string) => void): Promise<LastPicture | null> {
    return await lastPictureFile.read(path, onDamaged)
  }

  /** Takes a picture in; the first one is compared with what the last run saw. */
  came(picture: Picture): void {
    if (this.#isFirst) this.#compare(picture)
    this.#isFirst = false
    this.#newest = picture
    this.#timer ??= setTimeout(() => void this.#write(), writeEveryMs)
  }

  /** Writes the newest down; resolves when it is on the disk, or could not be brought there. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#write()
  }

  #compare(picture: Picture): void {
    const { last, diff, tell, bootId } = this.#options
    if (last === null) return
    const { differences, omitted } = diff(last.picture, picture)
    if (differences.length === 0 && omitted === 0) return
    const max = LIMITS.differencesPerFactMax
    tell({
      kind: 'network.changed-while-away',
      sinceWallMs: last.wallMs,
      sinceBootId: last.bootId,
      hasRebooted: last.bootId !== bootId,
      differences: differences.slice(0, max).map((each) => ({ ...each })),
      omitted: omitted + Math.max(0, differences.length - max),
    })
  }

  async #write(): Promise<void> {
    this.#timer = null
    const picture = this.#newest
    if (picture === null) return
    const { path, bootId, wallMs, onFault } = this.#options
    // Sockets are of the moment, and are not compared.
    const kept: Picture = { ...picture, sockets: [] }
    this.#writing = this.#writing.then(async () => {
      try {
        await lastPictureFile.write(path, { v: 1, bootId, wallMs: wallMs(), picture: kept })
      } catch (fault) {
        onFault(fault)
      }
    })
    await this.#writing
  }
}
