/**
 * The policy in force, on disk: the signed envelope as received, the highest version ever accepted, and the ceiling above it.
 *
 * What holds is the stricter of both: a policy from before a narrower ceiling goes on without what the ceiling forbids.
 */
import { createHash } from 'node:crypto'
import {
  type Beyond,
  type Ceiling,
  type CeilingVerdict,
  dailyKeyPems,
  type Envelope,
  EnvelopeSchema,
  type MediumRight,
  mayGrant,
  mediumRightMax,
  type Policy,
  type SentCeiling,
  ShoukouError,
  type SignedCeiling,
  tightenToCeiling,
} from '@shoukou/protocol'
import { Type } from 'typebox'
import { makeFolder } from '../base/atomic-file.ts'
import { stateFile } from '../base/state-file.ts'
import type { StateFolder } from '../base/state-folder.ts'
import { judgePolicy, openWithOne, type PolicyVerdict } from '../policy/accept-policy.ts'
import type { CommandStanding } from '../policy/judge-command.ts'
import { CeilingStore } from './ceiling-store.ts'

const envelopeFile = stateFile(EnvelopeSchema)
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const acceptedFile = stateFile(
  Type.Object(
    {
      v: Type.Literal(1),
      version: count,
      /** The daily key that signed it, SPKI PEM, where it is not the one that was pinned: it may be replaced meanwhile. */
      key: Type.Optional(Type.String({ maxLength: 1_024 })),
      /** The newest ceiling ever taken; left out: none. */
      ceilingVersion: Type.Optional(count),
    },
    { additionalProperties: false },
  ),
)

export interface PolicyOwner {
  readonly agent: string
  readonly policyKey: string
}

/** What came of a ceiling that was brought. */
export interface CeilingTaken {
  readonly verdict: CeilingVerdict
  /** What the policy in force allows beyond it: it holds without that from now on. Empty where nothing. */
  readonly beyond: readonly Beyond[]
}

interface Held {
  readonly policy: Policy
  readonly key: string
  readonly versionMax: number
  readonly ceiling: CeilingStore
}

export class PolicyStore {
  readonly #folder: StateFolder
  readonly #owner: PolicyOwner
  readonly #wallMs: () => number
  readonly #ceiling: CeilingStore
  /** As signed. */
  #signed: Policy
  #key: string
  #versionMax: number
  /** As it holds. */
  #current: Policy
  /** A ceiling is on the disk, and the mark that says so is not: a full disk came in between. */
  #isUnmarked = false

  constructor(folder: StateFolder, owner: PolicyOwner, held: Held, wallMs: () => number) {
    this.#folder = folder
    this.#owner = owner
    this.#wallMs = wallMs
    this.#ceiling = held.ceiling
    this.#signed = held.policy
    this.#key = held.key
    this.#versionMax = held.versionMax
    this.#current = this.#tightened()
  }

  /**
   * Reads the stored policy and verifies it again.
   *
   * @throws ShoukouError `policy-refused` where there is none, or one that does not verify or is older than was once
   * accepted, `ceiling-refused` where the ceiling is gone: the files were changed by hand.
   */
  static async open(
    folder: StateFolder,
    owner: PolicyOwner,
    onDamaged: (path: string) => void,
    wallMs: () => number = Date.now,
  ): Promise<PolicyStore> {
    const accepted = await acceptedFile.read(folder.acceptedFile, onDamaged)
    const versionMin = accepted?.version ?? 0
    const ceiling = await CeilingStore.open(folder, accepted?.ceilingVersion ?? 0, onDamaged)
    const envelope = await envelopeFile.read(folder.policyFile, onDamaged)
    if (envelope === null) throw unusable('is missing or damaged')
    // What was accepted stays accepted, also after the key that signed it was replaced: what replaces it is a newer policy.
    const keys = [
      ...(accepted?.key === undefined ? [] : [accepted.key]),
      ...(ceiling.held === null ? [] : dailyKeyPems(ceiling.held.ceiling)),
      owner.policyKey,
    ]
    const key = openWithOne('policy', envelope, keys)?.key ?? owner.policyKey
    const verdict = judgePolicy(envelope, { agent: owner.agent, policyKey: key, versionMax: versionMin })
    if (verdict.kind === 'refused') throw unusable(`does not hold (${verdict.reason})`)
    const { policy } = verdict
    const versionMax = Math.max(versionMin, policy.version)
    return new PolicyStore(folder, owner, { policy, key, versionMax, ceiling }, wallMs)
  }

  /** The policy as it holds: without what the ceiling forbids. */
  get current(): Policy {
    return this.#current
  }

  /** The ceiling that is held; null where there is none. */
  get ceiling(): Ceiling | null {
    return this.#ceiling.held?.ceiling ?? null
  }

  /** The same as it was signed. */
  get signedCeiling(): SignedCeiling | null {
    return this.#ceiling.held?.signed ?? null
  }

  /** Keys under which a seal counts, SPKI PEM: those that the ceiling vouches for; without one, the pinned key. */
  get sealKeys(): readonly string[] {
    return this.ceiling === null ? [this.#owner.policyKey] : dailyKeyPems(this.ceiling)
  }

  /** The widest right that a medium may have here, whatever its seal says. */
  get mediumRightMax(): MediumRight {
    return this.ceiling === null ? 'read-write' : mediumRightMax(this.ceiling, this.#current.settings.level)
  }

  /** Reports whether a temporary right is within the ceiling; spoken codes are held to it as commands are. */
  mayGrant(asked: { readonly right: MediumRight; readonly minutes: number }): boolean {
    return this.ceiling === null || mayGrant(this.ceiling, this.#current.settings.level, asked)
  }

  /** What commands are held to. */
  underCeiling(): NonNullable<CommandStanding['under']> | null {
    const { ceiling } = this
    if (ceiling === null) return null
    return { ceiling, level: this.#signed.settings.level, nowMs: this.#wallMs() }
  }

  /** Judges a policy and, where it is newer, stores it; then it is in force. */
  async take(envelope: Envelope): Promise<PolicyVerdict> {
    const { ceiling } = this
    const verdict = judgePolicy(envelope, {
      ...this.#owner,
      versionMax: this.#versionMax,
      under: ceiling === null ? null : { ceiling, before: this.#signed, nowMs: this.#wallMs() },
    })
    if (verdict.kind !== 'accepted') return verdict
    const { version } = verdict.policy
    await writePolicy(this.#folder, envelope, version, this.#marks(verdict.key))
    this.#signed = verdict.policy
    this.#key = verdict.key
    this.#versionMax = version
    this.#current = this.#tightened()
    return verdict
  }

  /** Judges a ceiling and, where it may follow the one held, stores it; then it is in force, and `current` held to it. */
  async takeCeiling(sent: SentCeiling): Promise<CeilingTaken> {
    const taken = await this.#ceiling.take(sent, this.#owner.policyKey)
    // One that the disk took while it did not take the mark came again: it is taken only now.
    const verdict: CeilingVerdict =
      taken.kind === 'same' && this.#isUnmarked ? { kind: 'accepted', ceiling: taken.ceiling } : taken
    if (verdict.kind !== 'accepted') return { verdict, beyond: [] }
    this.#isUnmarked = true
    // Held to it at once, whatever the disk says next.
    this.#current = this.#tightened()
    // The ceiling is on the disk before the mark: a crash in between leaves one that is newer than the mark, which is harmless.
    await acceptedFile.write(this.#folder.acceptedFile, {
      v: 1,
      version: this.#versionMax,
      ...this.#marks(this.#key),
    })
    this.#isUnmarked = false
    const { beyond } = tightenToCeiling(this.#signed, verdict.ceiling)
    return { verdict, beyond }
  }

  #tightened(): Policy {
    const { ceiling } = this
    return ceiling === null ? this.#signed : tightenToCeiling(this.#signed, ceiling).policy
  }

  #marks(key: string): PolicyMarks {
    const { ceiling } = this
    return {
      ...(key === this.#owner.policyKey ? {} : { key }),
      ...(ceiling === null ? {} : { ceilingVersion: ceiling.version }),
    }
  }
}

/** What is remembered beside a policy. */
export interface PolicyMarks {
  readonly key?: string
  readonly ceilingVersion?: number
}

/** Writes a verified policy. The policy first: a crash in between leaves a newer policy than the mark, which is harmless. */
export async function writePolicy(
  folder: StateFolder,
  envelope: Envelope,
  version: number,
  marks: PolicyMarks = {},
): Promise<void> {
  await makeFolder(folder.policy)
  await envelopeFile.write(folder.policyFile, envelope)
  await acceptedFile.write(folder.acceptedFile, { v: 1, version, ...marks })
}

/** SHA-256 of a policy's signed bytes, hex: how a record names it. */
export function policyDigest(payload: Uint8Array): string {
  return createHash('sha256').update(payload).digest('hex')
}

function unusable(why: string): ShoukouError {
  return new ShoukouError(
    'policy-refused',
    `The stored policy ${why}; enrol this computer again with --force.`,
  )
}
