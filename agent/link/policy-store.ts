/** The policy in force, on disk: the signed envelope as received, and the highest version ever accepted. */
import { createHash } from 'node:crypto'
import { type Envelope, EnvelopeSchema, type Policy, ShoukouError } from '@shoukou/protocol'
import { Type } from 'typebox'
import { makeFolder } from '../base/atomic-file.ts'
import { stateFile } from '../base/state-file.ts'
import type { StateFolder } from '../base/state-folder.ts'
import { judgePolicy, type PolicyVerdict } from '../policy/accept-policy.ts'

const envelopeFile = stateFile(EnvelopeSchema)
const acceptedFile = stateFile(
  Type.Object(
    { v: Type.Literal(1), version: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }) },
    { additionalProperties: false },
  ),
)

export interface PolicyOwner {
  readonly agent: string
  readonly policyKey: string
}

export class PolicyStore {
  readonly #folder: StateFolder
  readonly #owner: PolicyOwner
  #policy: Policy
  #versionMax: number

  constructor(folder: StateFolder, owner: PolicyOwner, policy: Policy, versionMax: number) {
    this.#folder = folder
    this.#owner = owner
    this.#policy = policy
    this.#versionMax = versionMax
  }

  /**
   * Reads the stored policy and verifies it again.
   *
   * @throws ShoukouError `policy-refused` where there is none, or one that does not verify or is older than was once
   * accepted: the files were changed by hand.
   */
  static async open(
    folder: StateFolder,
    owner: PolicyOwner,
    onDamaged: (path: string) => void,
  ): Promise<PolicyStore> {
    const accepted = (await acceptedFile.read(folder.acceptedFile, onDamaged))?.version ?? 0
    const envelope = await envelopeFile.read(folder.policyFile, onDamaged)
    if (envelope === null) throw unusable('is missing or damaged')
    const verdict = judgePolicy(envelope, { ...owner, versionMax: accepted })
    if (verdict.kind === 'refused') throw unusable(`does not hold (${verdict.reason})`)
    return new PolicyStore(folder, owner, verdict.policy, Math.max(accepted, verdict.policy.version))
  }

  get current(): Policy {
    return this.#policy
  }

  /** Judges a policy and, where it is newer, stores it; then it is in force. */
  async take(envelope: Envelope): Promise<PolicyVerdict> {
    const verdict = judgePolicy(envelope, { ...this.#owner, versionMax: this.#versionMax })
    if (verdict.kind !== 'accepted') return verdict
    await writePolicy(this.#folder, envelope, verdict.policy.version)
    this.#policy = verdict.policy
    this.#versionMax = verdict.policy.version
    return verdict
  }
}

/** Writes a verified policy. The policy first: a crash in between leaves a newer policy than the mark, which is harmless. */
export async function writePolicy(folder: StateFolder, envelope: Envelope, version: number): Promise<void> {
  await makeFolder(folder.policy)
  await envelopeFile.write(folder.policyFile, envelope)
  await acceptedFile.write(folder.acceptedFile, { v: 1, version })
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
