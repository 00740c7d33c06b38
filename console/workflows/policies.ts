/** Makes policies: the first at enrolment, each later one by a security administrator; every one signed, none replaced. */

import { randomUUID } from 'node:crypto'
import {
  type Baseline,
  type Ceiling,
  type Command,
  dailyKeyPems,
  type Envelope,
  openEnvelope,
  type Policy,
  type PolicySettings,
  PROTOCOL_VERSION,
  ShoukouError,
  tightenToCeiling,
} from '@shoukou/protocol'
import type { Signer } from '../pki/signer.ts'
import type { PolicyRow, Store } from '../store/ports.ts'
import { assertPolicyWithin, type CeilingNow } from './ceiling/assert-within.ts'
import { type PolicyMediaPlan, policyMediaFor, type Revoked } from './media/policy-media.ts'
import { assertNetworkRules } from './network/check-rules.ts'

/** Has a policy signed, into the row that is stored and sent as it is. Throws as `Signer.sign`. */
export async function signPolicy(
  policy: Policy,
  by: { readonly account: string; readonly reason: string; readonly signer: Signer },
): Promise<PolicyRow> {
  const envelope = await by.signer.sign('policy', Buffer.from(JSON.stringify(policy)))
  return {
    agent: policy.agent,
    version: policy.version,
    createdAt: policy.issuedAtMs,
    createdBy: by.account,
    reason: by.reason,
    envelope: JSON.stringify(envelope),
    settings: policy.settings,
  }
}

/** The first policy of a computer, without what the register adds. */
export function firstPolicy(known: {
  readonly agent: string
  readonly computer: string
  readonly settings: PolicySettings
  readonly baseline: Baseline
  readonly now: number
}): Policy {
  const { agent, computer, settings, baseline, now } = known
  return { v: 1, agent, computer, version: 1, issuedAtMs: now, settings, baseline }
}

export interface PolicyChangeRequest {
  readonly baseVersion: number
  readonly settings: PolicySettings
  readonly reason: string
}

/**
 * Makes the next version of a computer's policy.
 *
 * @throws ShoukouError `not-found`, `edit-conflict` where another version is in force than the one that was edited,
 * `invalid-request` for a mode that this version does not have, `beyond-ceiling`, `signer-unavailable`: nothing is stored then.
 */
export async function changePolicy(
  store: Store,
  agent: string,
  change: PolicyChangeRequest,
  by: {
    readonly account: string
    readonly signer: Signer
    readonly now: number
    readonly ceiling?: CeilingNow | undefined
  },
): Promise<PolicyRow> {
  const computer = await store.computer(agent)
  const current = computer === null ? null : await store.policy(agent, computer.policyVersion)
  if (current === null) throw new ShoukouError('not-found', 'There is no such computer.')
  if (current.version !== change.baseVersion) throw conflict(current.version)
  assertModesExist(change.settings)
  const { media: _old, ...before } = policyOf(current)
  const next = {
    ...before,
    version: current.version + 1,
    issuedAtMs: by.now,
    settings: change.settings,
  }
  assertPolicyWithin(by.ceiling, next, before)
  // Whatever made this version: it carries the register as it stands now.
  const { media } = await policyMediaFor(store, next)
  const { account, signer } = by
  const row = await signPolicy({ ...next, media }, { account, reason: change.reason, signer })
  if (!(await store.addPolicy(row))) throw conflict(next.version)
  return row
}

/** What came of bringing one computer's policy up to the register. */
export interface BroughtUp {
  /** Null where its policy says already what the register says. */
  readonly row: PolicyRow | null
  readonly plan: PolicyMediaPlan
}

/**
 * Makes the next version of a computer's policy where the register says something else than the one in force, or the ceiling
 * no longer allows all of it.
 *
 * @throws ShoukouError `edit-conflict` where another version was made meanwhile: read anew, and try again. `limit-exceeded`.
 */
export async function bringUpToRegister(
  store: Store,
  agent: string,
  revoked: Revoked,
  by: {
    readonly account: string
    readonly reason: string
    readonly signer: Signer
    readonly now: number
    readonly ceiling?: CeilingNow | undefined
  },
): Promise<BroughtUp> {
  const computer = await store.computer(agent)
  const current = computer === null ? null : await store.policy(agent, computer.policyVersion)
  if (current === null) throw new ShoukouError('not-found', 'There is no such computer.')
  const { media: before, ...signed } = policyOf(current)
  // What a ceiling forbids since is left out: a revocation must not wait for somebody to edit the policy first.
  const under = by.ceiling ?? null
  const policy = under === null ? signed : tightenToCeiling(signed, under.ceiling).policy
  const plan = await policyMediaFor(store, policy, revoked)
  const isSameRegister =
    JSON.stringify(before ?? { seals: [], revocations: [] }) === JSON.stringify(plan.media)
  const isVouched = under === null || isSignedByVouched(current, under.ceiling)
  if (isSameRegister && policy === signed && isVouched) {
    return { row: null, plan }
  }
  const next: Policy = { ...policy, version: current.version + 1, issuedAtMs: by.now, media: plan.media }
  const row = await signPolicy(next, by)
  if (!(await store.addPolicy(row))) throw conflict(next.version)
  return { row, plan }
}

/** Signs the command to look at everything again now. */
export async function rescanCommand(agent: string, signer: Signer, now: number): Promise<Envelope> {
  const command: Command = { v: PROTOCOL_VERSION, id: randomUUID(), agent, issuedAtMs: now, name: 'rescan' }
  return signer.sign('command', Buffer.from(JSON.stringify(command)))
}

/**
 * Refuses what no agent of this version could do: a mode that is set must be a mode that holds, and rules of the network
 * must be ones that can be read.
 */
export function assertModesExist(settings: PolicySettings): void {
  for (const [group, mode] of Object.entries(settings.modes)) {
    if (mode === 'observe' || group !== 'files') continue
    throw new ShoukouError('invalid-request', `modes.${group}: this version only observes it; set "observe".`)
  }
  assertNetworkRules(settings)
}

/** Reports whether a daily key that the ceiling vouches for signed a stored policy: no agent takes it otherwise. */
export function isSignedByVouched(row: PolicyRow, ceiling: Ceiling): boolean {
  const envelope = JSON.parse(row.envelope) as Envelope
  return dailyKeyPems(ceiling).some((key) => openEnvelope('policy', envelope, key) !== null)
}

/** Reads the policy out of its stored envelope, which this console signed. */
export function policyOf(row: PolicyRow): Policy {
  const { payload } = JSON.parse(row.envelope) as Envelope
  return JSON.parse(Buffer.from(payload, 'base64').toString('utf8')) as Policy
}

function conflict(version: number): ShoukouError {
  return new ShoukouError(
    'edit-conflict',
    `Version ${version} was made meanwhile; load it, and make the change again.`,
    {
      context: { version },
    },
  )
}
