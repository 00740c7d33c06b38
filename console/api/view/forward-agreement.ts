/** What a target of forwarding waits for: whose agreement, asked for by whom and since when. */
import { areTwoPeople, mayRole, TWO_PERSON_ACTS } from '@shoukou/protocol'
import type { Store } from '../../store/ports.ts'
import type { TargetAgreement } from '../contract-forwarding.ts'

const act = 'forward-evidence'
/** More names say nothing more. */
const namesMax = 20

/** Reads it for a target that awaits agreement. `proposal` is null where nobody has asked: it expired, or was refused. */
export async function readForwardAgreement(store: Store, target: string): Promise<TargetAgreement> {
  const [open] = await store.proposals({ acts: [act], isOpen: true, object: target, limit: 1 })
  const accounts = await store.accounts()
  const asker = open === undefined ? undefined : accounts.find(({ name }) => name === open.askedBy)
  const mayAgree = accounts.filter(
    (one) =>
      one.state === 'active' &&
      mayRole(one.role, TWO_PERSON_ACTS[act].agree) &&
      one.person !== null &&
      (asker === undefined || areTwoPeople(one, asker)),
  )
  return {
    proposal: open?.id ?? null,
    askedBy: open?.askedBy ?? null,
    askedAt: open?.askedAt ?? null,
    expiresAt: open?.expiresAt ?? null,
    mayAgree: mayAgree.slice(0, namesMax).map(({ name }) => name),
  }
}
