/** The lanes and steps of timelines: without a schema, so that pages take them as they are. */

/** `register`: repairs and whatever else the register says of it. `gaps`: holes in its journal, records that were lost. */
export const TIMELINE_LANES = [
  'violations',
  'media',
  'network',
  'files',
  'sessions',
  'agent',
  'policy',
  'register',
  'gaps',
] as const
export type TimelineLane = (typeof TIMELINE_LANES)[number]

/** Steps of a timeline, ms: a span is cut into at most `TIMELINE_BUCKETS_MAX` of the smallest that fits. */
export const TIMELINE_STEPS = [
  100, 1_000, 5_000, 15_000, 60_000, 300_000, 900_000, 3_600_000, 21_600_000, 86_400_000,
] as const
export const TIMELINE_BUCKETS_MAX = 400
export const TIMELINE_SPAN_MS_MIN = 1_000
export const TIMELINE_SPAN_MS_MAX = 400 * 86_400_000
/** So few things are told one by one. */
export const TIMELINE_ITEMS_MAX = 300
