/** The words of media control in English: part of `en.ts`. */
import type { mediaZhCN } from './media-zh-cn.ts'

export const mediaEn: Readonly<Record<keyof typeof mediaZhCN, string>> = {
  'records.group.media': 'Media and control',
  'fact.media.examined': 'Medium examined',
  'fact.media.access': 'Right of a medium changed',
  'fact.media.sealed': 'Seal written onto a medium',
  'fact.usb.acted': 'USB device acted on',
  'fact.usb.re-enumerated': 'Another device on the same port',
  'fact.usb.storm': 'Storm of attachments on one port',
  'fact.control.state': 'State of control changed',
  'fact.guard.refused': 'Opening of storage refused',
  'fact.grant.changed': 'Temporary grant changed',
  'fact.count.opens_one': '{{count}} time',
  'fact.count.opens_other': '{{count}} times',
  'fact.count.attaches_one': '{{count}} attachment',
  'fact.count.attaches_other': '{{count}} attachments',
  'fact.count.minutes_one': '{{count}} minute',
  'fact.count.minutes_other': '{{count}} minutes',
}
