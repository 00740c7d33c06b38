/** What a way out is given beside its settings. */
import type { Prefix } from '@shoukou/protocol'
import type { SecretName } from './ports.ts'

export interface TransportParts {
  /** The console's own name in syslog and mail. */
  readonly hostname: string
  /** Networks beside private ones to which the unit lets this console send. */
  readonly prefixes: readonly Prefix[]
  /** Folders of the console itself: nothing is exported into them. */
  readonly ownFolder: string
  /** @throws ForwardError `secret-unreadable` */
  readonly secret: (name: SecretName) => string | null
  readonly now: () => number
  readonly language: 'zh' | 'en'
}
