/**
 * What the store keeps of archives and of stretches of journals that are only there. Part of the store's interface: see
 * `ports.ts`. A stretch goes in one transaction, or not at all.
 */

/** A file that was written, signed and read back; whether anything was removed after it, the stubs say. */
export interface ArchiveRow {
  readonly id: number
  readonly name: string
  readonly folder: string
  /** SHA-256 of the whole file, hex. */
  readonly digest: string
  readonly bytes: number
  readonly records: number
  readonly madeAt: number
  readonly madeBy: string
  /** What was received before it, Unix ms. */
  readonly beforeMs: number
  /** JSON of `archive/archive-manifest.ts`, and its Ed25519 signature, base64. */
  readonly manifest: string
  readonly signature: string
}

export interface ArchiveListRow extends ArchiveRow {
  /** Records of it that are no longer in the database. */
  readonly removed: number
  readonly removedAt: number | null
  readonly askedBy: string | null
  readonly agreedBy: string | null
  readonly reason: string | null
}

/** Who, when, why a stretch goes. */
export interface RemovalNote {
  readonly archive: ArchiveRow
  readonly checkpoint: number
  readonly at: number
  readonly askedBy: string
  readonly agreedBy: string
  readonly reason: string
  /** The entry of the log. */
  readonly trail: number
}

export interface StretchName {
  readonly agent: string
  readonly epoch: string
  readonly firstSeq: number
  readonly lastSeq: number
  readonly count: number
  /** After the last, hex. */
  readonly head: string
}

/** Where an archived record is. */
export interface ArchivedPlace {
  readonly name: string
  readonly digest: string
  readonly at: number
  /** The last number that is in an archive, and the head after it: the journal goes on from there. */
  readonly lastSeq: number
  readonly head: string
}

export interface ArchiveStore {
  addArchive(row: Omit<ArchiveRow, 'id'>): Promise<ArchiveRow>
  archive(name: string): Promise<ArchiveRow | null>
  /** Newest first. */
  archives(limit: number): Promise<readonly ArchiveListRow[]>
  /**
   * Removes one stretch that is in an archive, leaving a stub; false where this archive's stub stands there already.
   *
   * @throws ShoukouError `invalid-request` where the database refuses it, with its reason.
   */
  removeStretch(stretch: StretchName, note: RemovalNote): Promise<boolean>
  /** Where a journal's archived part ends, and the head there; null where it begins at its first record. */
  archivedTo(agent: string, epoch: string): Promise<{ readonly seq: number; readonly head: string } | null>
  /** Which archive holds a record that is no longer here; null where none does. */
  archivedPlace(agent: string, epoch: string, seq: number): Promise<ArchivedPlace | null>
}
