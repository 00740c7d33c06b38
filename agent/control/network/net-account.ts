/**
 * The books of one net: what the kernel counted, what stands in records, what was lost on the way. Pure.
 *
 * `drained` are the events that were ever taken from the kernel, over all runs of the agent; those of an earlier run that
 * no record tells of were taken and then lost with it, and are declared.
 */
import type { NetTotals } from '@shoukou/protocol'

export class NetAccount {
  readonly netId: string
  #told: number
  #lost: number
  #wasSaid = ''

  /** `kept`: what the last run wrote down; null where it wrote nothing: then all that was drained is taken as told. */
  constructor(
    netId: string,
    drained: number,
    kept: { readonly events: number; readonly lost: number } | null,
  ) {
    this.netId = netId
    this.#told = Math.min(drained, kept?.events ?? drained)
    this.#lost = drained - this.#told
  }

  get kept(): { readonly netId: string; readonly events: number; readonly lost: number } {
    return { netId: this.netId, events: this.#told, lost: this.#lost }
  }

  /** Events that stand in a record now. */
  told(events: number): void {
    this.#told += events
  }

  /** Events that were taken from the kernel and that no record will tell of. */
  lost(events: number): void {
    this.#lost += events
  }

  /** Returns the totals of the kernel with what became of them here. */
  totals(kernel: NetTotals): NetTotals {
    return { ...kernel, reported: this.#told, lost: kernel.lost + this.#lost }
  }

  /** Returns whether these totals were not said last. */
  isNew(totals: NetTotals): boolean {
    const text = JSON.stringify(totals)
    if (text === this.#wasSaid) return false
    this.#wasSaid = text
    return true
  }
}
