/**
 * The newest head of the console's own log, held for it: what a console that was set back meets again. To the agent it
 * is opaque; it keeps the one that reaches furthest, and shows it in hello.
 */
import { type Witness, WitnessSchema } from '@shoukou/protocol'
import { Type } from 'typebox'
import { stateFile } from '../base/state-file.ts'

const witnessFile = stateFile(
  Type.Object({ v: Type.Literal(1), witness: WitnessSchema }, { additionalProperties: false }),
)

export class WitnessStore {
  readonly #path: string
  #newest: Witness | null
  #writing: Promise<void> = Promise.resolve()
  /** A write that has not begun: it takes the newest, so that no more than two wait, however many heads come. */
  #waiting: Promise<void> | null = null

  private constructor(path: string, newest: Witness | null) {
    this.#path = path
    this.#newest = newest
  }

  /** Reads the one that is held. A damaged file is set aside. */
  static async open(path: string, onDamaged: (path: string) => void): Promise<WitnessStore> {
    return new WitnessStore(path, (await witnessFile.read(path, onDamaged))?.witness ?? null)
  }

  /** Looks without touching anything, beside a running agent: null where none is held, or what is there is damaged. */
  static async peek(path: string): Promise<Witness | null> {
    const found = await witnessFile.peek(path)
    return found === null || found === 'damaged' ? null : found.witness
  }

  get newest(): Witness | null {
    return this.#newest
  }

  /** Keeps it where it reaches further than the one that is held. Rejects where it can't be written down. */
  take(witness: Witness): Promise<void> {
    if (this.#newest !== null && witness.seq <= this.#newest.seq) return this.#writing
    this.#newest = witness
    if (this.#waiting !== null) return this.#waiting
    const write = () => {
      this.#waiting = null
      return witnessFile.write(this.#path, { v: 1, witness: this.#newest ?? witness })
    }
    // One after another, also behind one that failed: the last that was taken is what stands there.
    this.#waiting = this.#writing.then(write, write)
    this.#writing = this.#waiting
    return this.#writing
  }
}
