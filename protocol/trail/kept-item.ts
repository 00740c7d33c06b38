/**
 * What the evidence chain holds: the very values of a violation, a gap or a policy, as one line of JSON, so that the row
 * in its own table can be compared with it for ever.
 *
 * Pure. The order of the fields is part of the rule: the same row always makes the same bytes.
 */
export type KeptKind = 'violation' | 'gap' | 'gap-settled' | 'policy'

export interface KeptViolation {
  readonly id: number
  readonly agent: string
  readonly key: string
  readonly type: string
  readonly severity: string
  readonly level: string
  readonly policyVersion: number
  readonly evidence: string
  readonly epoch: string | null
  readonly seq: number | null
  readonly occurredAt: number
  readonly receivedAt: number
}

export interface KeptGap {
  readonly agent: string
  readonly epoch: string
  readonly firstSeq: number
  readonly lastSeq: number
  readonly noticedAt: number
  readonly declareBySeq: number
  /** Chain head before the first record that follows, hex, as the agent claimed it; null where it was not kept. */
  readonly headBefore: string | null
}

export interface KeptPolicy {
  readonly agent: string
  readonly version: number
  readonly createdAt: number
  readonly createdBy: string
  readonly reason: string
  readonly envelope: string
  readonly settings: string
}

/** `by`: the product's version that made it, since rules change. */
export function keptViolation(row: KeptViolation, by: string): Buffer {
  return line('violation', by, [
    row.id,
    row.agent,
    row.key,
    row.type,
    row.severity,
    row.level,
    row.policyVersion,
    row.evidence,
    row.epoch,
    row.seq,
    row.occurredAt,
    row.receivedAt,
  ])
}

export function keptGap(row: KeptGap, by: string): Buffer {
  const { agent, epoch, firstSeq, lastSeq, noticedAt, declareBySeq, headBefore } = row
  return line('gap', by, [agent, epoch, firstSeq, lastSeq, noticedAt, declareBySeq, headBefore])
}

export function keptGapSettled(
  row: Pick<KeptGap, 'agent' | 'epoch' | 'firstSeq'> & { readonly state: string },
  by: string,
): Buffer {
  return line('gap-settled', by, [row.agent, row.epoch, row.firstSeq, row.state])
}

export function keptPolicy(row: KeptPolicy, by: string): Buffer {
  const { agent, version, createdAt, createdBy, reason, envelope, settings } = row
  return line('policy', by, [agent, version, createdAt, createdBy, reason, envelope, settings])
}

function line(kind: KeptKind, by: string, values: readonly (string | number | null)[]): Buffer {
  return Buffer.from(JSON.stringify([1, kind, by, ...values]))
}
