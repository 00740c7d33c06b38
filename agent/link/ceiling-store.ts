/**
 * The ceiling on disk: signed as received, with what it was taken by. Whether one may be taken is the protocol's to say
 * (`accept-ceiling.ts`); what it does to policies and commands is the policy store's.
 */
import {
  type Ceiling,
  type CeilingVerdict,
  judgeCeiling,
  judgeFirstCeiling,
  type SentCeiling,
  ShoukouError,
  type SignedCeiling,
  SignedCeilingSchema,
} from '@shoukou/protocol'
import { Type } from 'typebox'
import { makeFolder } from '../base/atomic-file.ts'
import { stateFile } from '../base/state-file.ts'
import type { StateFolder } from '../base/state-folder.ts'

const ceilingFile = stateFile(
  Type.Object(
    {
      v: Type.Literal(1),
      signed: SignedCeilingSchema,
      /** `enrolment`: pinned with the certificate. `first`: vouched for by the daily key. `successor`: signed by its keys. */
      takenBy: Type.Union([Type.Literal('enrolment'), Type.Literal('first'), Type.Literal('successor')]),
    },
    { additionalProperties: false },
  ),
)

export class CeilingStore {
  readonly #folder: StateFolder
  #held: { readonly signed: SignedCeiling; readonly ceiling: Ceiling } | null

  constructor(folder: StateFolder, held: CeilingStore['held']) {
    this.#folder = folder
    this.#held = held
  }

  /**
   * Reads the ceiling and verifies it again; `versionMin` is the one that was once taken.
   *
   * @throws ShoukouError `ceiling-refused` where one was taken and is not there any more, or does not verify: an agent never
   * goes on without a ceiling that it had.
   */
  static async open(
    folder: StateFolder,
    versionMin: number,
    onDamaged: (path: string) => void,
  ): Promise<CeilingStore> {
    const found = await ceilingFile.read(folder.ceilingFile, onDamaged)
    if (found === null) {
      if (versionMin === 0) return new CeilingStore(folder, null)
      throw unusable('is missing or damaged')
    }
    const verdict = judgeCeiling(found.signed, null)
    if (verdict.kind !== 'accepted') throw unusable('does not hold')
    if (verdict.ceiling.version < versionMin) throw unusable('is older than one that was taken')
    return new CeilingStore(folder, { signed: found.signed, ceiling: verdict.ceiling })
  }

  get held(): { readonly signed: SignedCeiling; readonly ceiling: Ceiling } | null {
    return this.#held
  }

  /** Judges a ceiling and, where it may take the place of the one held, stores it. `dailyKeyPem` was pinned at enrolment. */
  async take(sent: SentCeiling, dailyKeyPem: string): Promise<CeilingVerdict> {
    const held = this.#held
    const verdict =
      held === null ? judgeFirstCeiling(sent, dailyKeyPem) : judgeCeiling(sent.ceiling, held.signed)
    if (verdict.kind !== 'accepted') return verdict
    await writeCeiling(this.#folder, sent.ceiling, held === null ? 'first' : 'successor')
    this.#held = { signed: sent.ceiling, ceiling: verdict.ceiling }
    return verdict
  }
}

/** Writes a verified ceiling. */
export async function writeCeiling(
  folder: StateFolder,
  signed: SignedCeiling,
  takenBy: 'enrolment' | 'first' | 'successor',
): Promise<void> {
  await makeFolder(folder.policy)
  await ceilingFile.write(folder.ceilingFile, { v: 1, signed, takenBy })
}

function unusable(why: string): ShoukouError {
  return new ShoukouError(
    'ceiling-refused',
    `The stored ceiling ${why}; enrol this computer again with --force.`,
  )
}
