/**
 * Carries out what a return package orders, with the same judgement as what comes over the link: ceilings first, then the
 * policy, then commands. Each is recorded for itself.
 */
import {
  type Command,
  ceilingDigest,
  type Envelope,
  type Fact,
  type Policy,
  type SentCeiling,
} from '@shoukou/protocol'
import type { CommandStore } from '../link/command-store.ts'
import { type PolicyStore, policyDigest } from '../link/policy-store.ts'

export interface OrderTakers {
  readonly policy: PolicyStore
  readonly commands: CommandStore
  readonly tell: (fact: Fact) => Promise<unknown>
  readonly onPolicy: (before: Policy) => void
  /** Carries a command out; returns its outcome as a code. */
  readonly carryOut: (command: Command) => Promise<string>
}

/** Takes ceilings, oldest first; one that was taken before is passed over. */
export async function takeCeilings(takers: OrderTakers, ceilings: readonly SentCeiling[]): Promise<void> {
  const { policy, tell, onPolicy } = takers
  for (const sent of ceilings) {
    const before = policy.current
    const { verdict, beyond } = await policy.takeCeiling(sent)
    if (verdict.kind === 'same') continue
    if (verdict.kind === 'refused') {
      // The chain of a package may begin before the ceiling that is held.
      if (verdict.reason !== 'older-version')
        await tell({ kind: 'ceiling.refused', version: verdict.version, reason: verdict.reason })
      continue
    }
    const { version } = verdict.ceiling
    if (policy.current !== before) onPolicy(before)
    await tell({ kind: 'ceiling.applied', version, digest: ceilingDigest(sent.ceiling) })
    if (beyond.length > 0)
      await tell({ kind: 'policy.refused', version: before.version, reason: 'beyond-ceiling' })
  }
}

export async function takePolicy(takers: OrderTakers, envelope: Envelope): Promise<void> {
  const { policy, tell, onPolicy } = takers
  const before = policy.current
  const verdict = await policy.take(envelope)
  switch (verdict.kind) {
    case 'same':
      return
    case 'accepted':
      onPolicy(before)
      await tell({
        kind: 'policy.applied',
        version: verdict.policy.version,
        digest: policyDigest(verdict.payload),
      })
      return
    case 'refused':
      await tell({ kind: 'policy.refused', version: verdict.version, reason: verdict.reason })
      return
  }
}

/** Carries commands out; one that was done before is passed over. */
export async function takeCommands(takers: OrderTakers, envelopes: readonly Envelope[]): Promise<void> {
  const { commands, carryOut, tell } = takers
  for (const envelope of envelopes) {
    const verdict = await commands.take(envelope)
    if (verdict.kind === 'refused') {
      if (verdict.command === undefined) continue
      const { id, name } = verdict.command
      await tell({ kind: 'command.done', id, name, outcome: `refused-${verdict.reason}` })
      continue
    }
    const { id, name } = verdict.command
    await tell({ kind: 'command.done', id, name, outcome: await carryOut(verdict.command) })
  }
}
