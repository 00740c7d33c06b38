/**
 * Goes through stays of media as they were received and makes `media-cross-use` of those that were at a classified computer and
 * at one that is not. What counts is `rules/cross-use.ts`; here is that no stay is left out, also after a new start.
 */
import { crossUse } from '../../rules/cross-use.ts'
import { severityOf } from '../../rules/judge.ts'
import type { PlacedSighting } from '../../store/findings-ports.ts'
import type { Store, ViolationRow } from '../../store/ports.ts'
import { FINDING_LIMITS } from './limits.ts'

const mark = 'cross-use'
/** A stay is examined after it was received: those of the last while are looked at again. */
const againIds = 500

export class CrossUseWatch {
  readonly #options: {
    readonly store: Store
    readonly now: () => number
    readonly changed: (violation: ViolationRow) => void
  }

  constructor(options: {
    readonly store: Store
    readonly now: () => number
    readonly changed: (violation: ViolationRow) => void
  }) {
    this.#options = options
  }

  async look(): Promise<void> {
    const { store } = this.#options
    const done = (await store.findingMark(mark)) ?? 0
    const rows = await store.sightingsAfter(Math.max(0, done - againIds), FINDING_LIMITS.staysPerLookMax)
    for (const row of rows) if (row.isExamined) await this.#judge(row)
    const last = rows.at(-1)?.id ?? done
    if (last > done) await store.setFindingMark(mark, last)
  }

  /** Each stay counts at the level that its computer had then, also where the computer was enrolled anew or retired since. */
  async #judge(row: PlacedSighting): Promise<void> {
    const { store, now, changed } = this.#options
    const judgement = crossUse(row, await store.sightingsSharing(row, FINDING_LIMITS.sharingMax))
    if (judgement === null) return
    const added = await store.addViolation(
      row.agent,
      {
        // Each stay that crosses is one; the same stay looked at again is the same.
        key: `${judgement.type}:${row.stay}`,
        type: judgement.type,
        severity: severityOf(judgement),
        level: row.hostLevel,
        policyVersion: row.policyVersion,
        evidence: JSON.stringify(judgement.evidence),
        epoch: row.epoch,
        seq: row.seq,
        occurredAt: row.at,
      },
      now(),
    )
    if (added !== null) changed(added)
  }
}
