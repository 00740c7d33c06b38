/** Makes the row of a judgement: what the store needs to keep it, and to tell it from others of its type. Pure. */
import type { Level, Record } from '@shoukou/protocol'
import { lastingName } from '../rules/incident-subjects.ts'
import { severityOf } from '../rules/judge.ts'
import type { Judgement } from '../rules/judgement.ts'
import type { NewViolation } from '../store/ports.ts'

export function violationOf(
  judgement: Judgement,
  known: Pick<NewViolation, 'key' | 'policyVersion' | 'epoch' | 'seq' | 'occurredAt'> & { level: Level },
): NewViolation {
  return {
    ...known,
    type: judgement.type,
    severity: severityOf(judgement),
    evidence: JSON.stringify(judgement.evidence),
  }
}

/** How the store tells it from others of its type: `rules/network-incidents.ts`. */
export function incidentOf(
  { incident }: Judgement,
  { epoch, bootId }: Record,
): Pick<NewViolation, 'lasting' | 'unlessKey'> {
  if (incident === undefined) return {}
  if (incident.kind === 'lasting') return { lasting: lastingName(bootId, incident.subject) }
  const { subject, unless } = incident
  return unless === undefined ? {} : { unlessKey: `${unless}:${epoch}:${subject}` }
}
