/** Storms: more attachments on one port than a person makes are counted, and not examined one by one. Pure. */
import type { FactNamed } from '@shoukou/protocol'

export type StormEvent =
  | { readonly kind: 'attached'; readonly port: string; readonly atMs: number; readonly wallMs: number }
  | { readonly kind: 'tick'; readonly atMs: number; readonly wallMs: number }

export interface StormStep {
  readonly facts: readonly FactNamed<'usb.storm'>[]
  /** Of an attachment: the port storms, so keep the device out and do not examine it. */
  readonly isStorming: boolean
}
