/**
 * What differs between two pictures of the network: what happened while nobody looked, in the system's own words.
 *
 * Pure. Hardware is not in a picture and not here. When and whether to tell is the sensor's.
 */
import { LIMITS, type Picture, type RawText } from '@shoukou/protocol'

export type DifferenceWhat =
  | 'interface'
  | 'address'
  | 'mac'
  | 'route'
  | 'gateway'
  | 'rule'
  | 'lease'
  | 'dns'
  | 'wireless'
  | 'sharing'

export interface PictureDifference {
  readonly what: DifferenceWhat
  readonly interfaceName: RawText | null
  /** Null: it came. */
  readonly before: RawText | null
  /** Null: it went. */
  readonly after: RawText | null
}

export interface PictureDifferences {
  readonly differences: readonly PictureDifference[]
  /** Beyond the limit of one fact. */
  readonly omitted: number
}
