/**
 * Counts what could not be journaled, by kind, and keeps the count on disk until the journal itself has told it.
 *
 * The first drop is written down at once, later ones at most once a second. After an unclean end the count may
 * therefore be low: it is then told as not exact.
 */
import type { FactKind, FactNamed } from '@shoukou/protocol'
import { type Static, Type } from 'typebox'
import { isErrno } from '../base/atomic-file.ts'
import { stateFile } from '../base/state-file.ts'
import { removeFile } from './salvage.ts'

const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

const LossSchema = Type.Object(
  {
    v: Type.Literal(1),
    counts: Type.Record(Type.String({ maxLength: 64 }), count),
    firstWallMs: count,
    lastWallMs: count,
    isExact: Type.Boolean(),
    /** Set when the agent stopped in order: nothing was counted after this was written. */
    isClosed: Type.Boolean(),
  },
  { additionalProperties: false },
)
type Loss = Static<typeof LossSchema>
const lossFile = stateFile(LossSchema)

const writeEveryMs = 1_000

export class LossLedger {
  readonly #path: string
  readonly #onFault: (fault: unknown) => void
  #loss: Loss | null
  #writing: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | null = null

  constructor(path: string, loss: Loss | null, onFault: (fault: unknown) => void) {
    this.#path = path
    this.#loss = loss
    this.#onFault = onFault
  }

  /** Opens the ledger; a count left by an unclean end is no longer exact. */
  static async open(
    path: string,
    onDamaged: (path: string) => void,
    onFault: (fault: unknown) => void,
  ): Promise<LossLedger> {
    const stored = await lossFile.read(path, onDamaged)
    const loss =
      stored === null ? null : { ...stored, isExact: stored.isExact && stored.isClosed, isClosed: false }
    return new LossLedger(path, loss, onFault)
  }

  /** What is not yet told; null where nothing was lost. */
  get outstanding(): FactNamed<'journal.loss'> | null {
    if (this.#loss === null) return null
    const { counts, firstWallMs, lastWallMs, isExact } = this.#loss
    const total = Object.values(counts).reduce((sum, each) => sum + each, 0)
    return { kind: 'journal.loss', counts: { ...counts }, total, firstWallMs, lastWallMs, isExact }
  }

  /** Counts one fact that was not journaled. Never waits, never throws. */
  count(kind: FactKind, wallMs: number): void {
    const isFirst = this.#loss === null
    this.#loss ??= {
      v: 1,
      counts: {},
      firstWallMs: wallMs,
      lastWallMs: wallMs,
      isExact: true,
      isClosed: false,
    }
    this.#loss.counts[kind] = (this.#loss.counts[kind] ?? 0) + 1
    this.#loss.lastWallMs = wallMs
    this.#loss.isClosed = false
    if (isFirst) this.#write()
    else this.#timer ??= setTimeout(() => this.#write(), writeEveryMs).unref()
  }

  /** Takes out what a synced `journal.loss` record has told; later counts stay. */
  async told(fact: FactNamed<'journal.loss'>): Promise<void> {
    if (this.#loss === null) return
    const left: Record<string, number> = {}
    for (const [kind, lost] of Object.entries(this.#loss.counts)) {
      const rest = lost - (fact.counts[kind] ?? 0)
      if (rest > 0) left[kind] = rest
    }
    const wasAll = Object.keys(left).length === 0
    this.#loss = wasAll ? null : { ...this.#loss, counts: left, firstWallMs: fact.lastWallMs, isExact: true }
    this.#write()
    await this.#writing
  }

  /** Writes the count a last time and marks it whole. */
  async close(): Promise<void> {
    if (this.#loss !== null) {
      this.#loss = { ...this.#loss, isClosed: true }
      this.#write()
    }
    await this.#writing
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #write(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#writing = this.#writing.then(() => this.#writeNow())
  }

  async #writeNow(): Promise<void> {
    try {
      if (this.#loss === null) await removeFile(this.#path)
      else await lossFile.write(this.#path, structuredClone(this.#loss))
    } catch (fault) {
      this.#onFault(fault)
      // A full disk is the usual reason for both the loss and this: the count stays in memory and is tried again.
      if (isErrno(fault, 'ENOSPC', 'EIO', 'EDQUOT'))
        this.#timer ??= setTimeout(() => this.#write(), writeEveryMs).unref()
    }
  }
}
