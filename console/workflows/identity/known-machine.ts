/** An enrolment on a machine that is enrolled already: the first one stays, and it is a violation of it. */
import { type HardwareFact, ShoukouError } from '@shoukou/protocol'
import { identityCopied } from '../../rules/identity-copied.ts'
import { isSameMachine } from '../../rules/identity-machine.ts'
import { severityOf } from '../../rules/judge.ts'
import type { Store, ViolationRow } from '../../store/ports.ts'

export interface KnownMachineParts {
  readonly store: Store
  readonly now: number
  readonly address: string
  readonly raised: (violation: ViolationRow) => void
}

const day = 86_400_000

/**
 * Refuses a machine under a second identity. `number`: what the enrolment would be called; `replaces`: whose place it is to
 * take, by its token.
 *
 * @throws ShoukouError `identity-conflict`, naming the computer that it is.
 */
export async function assertNotEnrolled(
  { store, now, address, raised }: KnownMachineParts,
  told: readonly HardwareFact[],
  { number, replaces }: { readonly number: string; readonly replaces: string | null },
): Promise<void> {
  const first = (await store.agentsOnHardware(told)).find(
    (one) => one.agent !== replaces && isSameMachine(one.facts, told),
  )
  const computer = first === undefined ? null : await store.computer(first.agent)
  if (first === undefined || computer === null) return
  const judgement = identityCopied({
    how: 'same-hardware',
    address,
    inCommon: first.facts.filter((one) =>
      told.some(({ part, hash }) => part === one.part && hash === one.hash),
    ).length,
    known: first.facts.length,
    told: told.length,
    otherComputer: number,
  })
  const violation = await store.addViolation(
    first.agent,
    {
      key: `agent-tamper:identity:enrolment:${number}:${Math.floor(now / day)}`,
      type: judgement.type,
      severity: severityOf(judgement),
      level: computer.level,
      policyVersion: computer.policyVersion,
      evidence: JSON.stringify(judgement.evidence),
      epoch: null,
      seq: null,
      occurredAt: now,
    },
    now,
  )
  if (violation !== null) raised(violation)
  throw new ShoukouError(
    'identity-conflict',
    `This machine is enrolled as ${first.number}; where it is to be enrolled anew, make the token on that computer’s page.`,
  )
}
