/** Bounds of acts that two people must want. */
export const TWO_PERSON_LIMITS = {
  /** Who asks for something on a Friday is answered on a Monday; nothing lies around for longer. */
  openMsMax: 72 * 3_600_000,
  /** How often it is looked for those whose time is over. */
  overdueCheckMs: 60_000,
  overduePerCheckMax: 200,
  /** A release of a thousand computers. */
  payloadCharactersMax: 100_000,
  objectCharactersMax: 200,
  detailCharactersMax: 4_000,
} as const
