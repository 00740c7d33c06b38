/** What the API asks of the log's proofs. */
import type { Checkpoints } from './checkpoints.ts'
import type { Verification } from './verification.ts'

export interface TrailPort {
  readonly checkpoints: Pick<Checkpoints, 'make' | 'keyName'>
  readonly verification: Pick<Verification, 'state' | 'begin'>
}
