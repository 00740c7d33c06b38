/**
 * What the store keeps of ceilings: each that was brought, for good, and what computers said of them. Part of the store's
 * interface: see `ports.ts`.
 */

export interface CeilingRow {
  readonly version: number
  /** A `SignedCeiling` as JSON: sent as it is. */
  readonly signed: string
  /** SHA-256 of the signed bytes, hex. */
  readonly digest: string
  /** The daily key's signature over the same bytes, base64; null where it gave none. */
  readonly dailySignature: string | null
  readonly broughtBy: string
  readonly broughtAt: number
  readonly reason: string
}

/** The newest that a computer recorded of a ceiling. */
export interface CeilingRecord {
  readonly agent: string
  readonly kind: 'ceiling.applied' | 'ceiling.refused'
  readonly epoch: string
  readonly seq: number
  readonly receivedAt: number
  readonly raw: Uint8Array
}

export interface CeilingStore {
  /** Oldest first. */
  ceilings(): Promise<readonly CeilingRow[]>
  /** Adds one; false where this version or a later one is there. */
  addCeiling(row: CeilingRow): Promise<boolean>
  /** Of each computer the newest applied and the newest refused one. */
  ceilingRecords(): Promise<readonly CeilingRecord[]>
}

/** The tables, as Kysely reads them. */
export interface CeilingTables {
  ceilings: {
    version: number
    signed: string
    digest: string
    daily_signature: string | null
    brought_by: string
    brought_at: number
    reason: string
  }
}
