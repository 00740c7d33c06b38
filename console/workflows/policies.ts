/** Makes policies: the first at enrolment, each later one by a security administrator; every one signed, none replaced. */

import { randomUUID } from 'node:crypto'
import {
  type Baseline,
  type Command,
  type Envelope,
  type Policy,
  type PolicySettings,
  PROTOCOL_VERSION,
  ShoukouError,
  signEnvelope,
} from '@shoukou/protocol'
import type { PolicyRow, Store } from '../store/ports.ts'

/** Signs a policy into the row that is stored and sent as it is. */
export function signPolicy(
  policy: Policy,
  by: { readonly account: string; readonly reason: string; readonly privateKey: string },
): PolicyRow {
  const envelope = signEnvelope('policy', Buffer.from(JSON.stringify(policy)), by.privateKey)
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

/** The first policy of a computer. */
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
 * `invalid-request` for a mode that this version does not have.
 */
export async function changePolicy(
  store: Store,
  agent: string,
  change: PolicyChangeRequest,
  by: { readonly account: string; readonly privateKey: string; readonly now: number },
): Promise<PolicyRow> {
  const computer = await store.computer(agent)
  const current = computer === null ? null : await store.policy(agent, computer.policyVersion)
  if (current === null) throw new ShoukouError('not-found', 'There is no such computer.')
  if (current.version !== change.baseVersion) throw conflict(current.version)
  assertModesExist(change.settings)
  const before = JSON.parse(payloadOf(current)) as Policy
  const next: Policy = {
    ...before,
    version: current.version + 1,
    issuedAtMs: by.now,
    settings: change.settings,
  }
  const row = signPolicy(next, { account: by.account, reason: change.reason, privateKey: by.privateKey })
  if (!(await store.addPolicy(row))) throw conflict(next.version)
  return row
}

/** Signs the command to look at everything again now. */
export function rescanCommand(agent: string, privateKey: string, now: number): Envelope {
  const command: Command = { v: PROTOCOL_VERSION, id: randomUUID(), agent, issuedAtMs: now, name: 'rescan' }
  return signEnvelope('command', Buffer.from(JSON.stringify(command)), privateKey)
}

/** Refuses what no agent of this version could do: a mode that is set must be a mode that holds. */
export function assertModesExist(settings: PolicySettings): void {
  for (const [group, mode] of Object.entries(settings.modes)) {
    if (mode === 'observe') continue
    throw new ShoukouError('invalid-request', `modes.${group}: this version only observes; set "observe".`)
  }
}

function payloadOf(row: PolicyRow): string {
  return Buffer.from((JSON.parse(row.envelope) as Envelope).payload, 'base64').toString('utf8')
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
