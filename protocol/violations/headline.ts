/**
 * The one sentence that a violation is told in: what happened, where, with what outcome. Pure.
 *
 * It says what was seen and no more: no person, no intent. A name that a device chose comes last, so that the sentence
 * is understood before it.
 */

import type { Level } from '../levels.ts'
import { type EvidenceOf, VIOLATIONS, type ViolationId } from '../violations.ts'
import {
  attemptHeadline,
  driftHeadline,
  dualHomingHeadline,
  internetHeadline,
  otherNetworkHeadline,
  sharingHeadline,
  wirelessHeadline,
} from './connection-headline.ts'
import { crossUseHeadline } from './cross-use-headline.ts'
import { handInHeadline, missingHeadline } from './custody-headline.ts'
import { peripheralHeadline, phoneHeadline, wirelessInputHeadline } from './device-headline.ts'
import { filingHeadline } from './filing-headline.ts'
import { foundOutcome } from './found-words.ts'
import { avDeviceHeadline, bluetoothHeadline, wirelessHardwareHeadline } from './hardware-headline.ts'
import { logGapHeadline } from './log-gap-headline.ts'
import { type MediaEvidence, mediaHeadline } from './media-headline.ts'
import { adapterHeadline, modemHeadline, tetheringHeadline } from './network-headline.ts'
import { registeredMediaHeadline } from './registered-media-headline.ts'
import { tamperHeadline } from './tamper-headline.ts'
import { computerWithLevel, durationInWords, type Lang, nameInSentence } from './wording.ts'

export type { Lang } from './wording.ts'

/** As much of a violation as its sentence needs. */
export type Headlined = {
  readonly [Id in ViolationId]: {
    readonly id: Id
    readonly level: Level
    /** The computer's number in the register. */
    readonly computer: string
    readonly evidence: EvidenceOf<Id>
  }
}[ViolationId]

/** Returns the sentence in one language. Levels always stand with their Chinese word. */
export function headline(violation: Headlined, lang: Lang): string {
  const computer = computerWithLevel(violation.computer, violation.level, lang)
  // Rules come one by one: until a violation has a sentence of its own, its name in the catalogue is one.
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check
  switch (violation.id) {
    case 'unregistered-media-inserted':
      return mediaHeadline(violation.evidence satisfies MediaEvidence, computer, lang)
    case 'unclassified-media-on-classified-host':
    case 'classified-media-on-unclassified-host':
    case 'high-media-on-low-host':
    case 'low-media-write-on-high-host':
    case 'media-not-assigned':
    case 'media-identity-mismatch':
    case 'media-status-invalid':
      return registeredMediaHeadline(violation, computer, lang)
    case 'media-cross-use':
      return crossUseHeadline(violation.evidence, lang)
    case 'media-year-end-overdue':
      return handInHeadline(violation.evidence, lang)
    case 'media-missing':
      return missingHeadline(violation.evidence, lang)
    case 'phone-or-camera-connected':
      return phoneHeadline(violation.evidence, computer, lang)
    case 'wireless-input-device':
      return wirelessInputHeadline(violation.evidence, computer, lang)
    case 'unregistered-peripheral':
      return peripheralHeadline(violation.evidence, computer, lang)
    case 'internet-connection':
      return internetHeadline(violation.evidence, computer, lang)
    case 'nonclassified-network-connection':
      return otherNetworkHeadline(violation.evidence, computer, lang)
    case 'dual-homing':
      return dualHomingHeadline(violation.evidence, computer, lang)
    case 'wireless-hardware-present':
      return wirelessHardwareHeadline(violation.evidence, computer, lang)
    case 'wireless-link-up':
      return wirelessHeadline(violation.evidence, computer, lang)
    case 'bluetooth-enabled':
      return bluetoothHeadline(violation.evidence, computer, lang)
    case 'network-config-drift':
      return driftHeadline(violation.evidence, computer, lang)
    case 'external-connection-attempt':
      return attemptHeadline(violation.evidence, computer, lang)
    case 'connection-sharing':
      return sharingHeadline(violation.evidence, computer, lang)
    case 'av-device-enabled':
      return avDeviceHeadline(violation.evidence, computer, lang)
    case 'modem-or-cellular-dialup':
      return modemHeadline(violation.evidence, computer, lang)
    case 'phone-tethering':
      return tetheringHeadline(violation.evidence, computer, lang)
    case 'agent-tamper':
      return tamperHeadline(violation.evidence, computer, lang) ?? fallbackHeadline(violation, lang)
    case 'unregistered-network-adapter':
      return adapterHeadline(violation.evidence, computer, lang)
    case 'standalone-network-connection':
      return standaloneHeadline(violation.evidence, computer, lang)
    case 'unregistered-computer':
      return filingHeadline(violation.evidence, computer, lang)
    case 'agent-silent':
      return silentHeadline(violation.evidence, computer, lang)
    case 'log-gap-or-clock-tamper':
      return logGapHeadline(violation.evidence, computer, lang)
    default:
      return fallbackHeadline(violation, lang)
  }
}

type Standalone = EvidenceOf<'standalone-network-connection'>

function standaloneHeadline(evidence: Standalone, computer: string, lang: Lang): string {
  const adapter = evidence.interface
  const reachable = adapter.addresses.filter(
    (address) => address.scope === 'global' || address.scope === 'site',
  )
  const first = reachable[0] ?? adapter.addresses[0]
  const name = `${foundOutcome(evidence.found, lang)}${lang === 'zh' ? '：' : ': '}${nameInSentence(adapter.name)}`
  if (lang === 'zh') {
    const address =
      first === undefined ? '尚无地址' : `地址 ${first.address}${more(adapter.addresses.length, lang)}`
    return `单机使用的${computer} 出现网络连接，${address}${name}`
  }
  const address =
    first === undefined ? 'no address yet' : `address ${first.address}${more(adapter.addresses.length, lang)}`
  return `A network link is up on the stand-alone computer ${computer}; ${address}${name}`
}

function more(addresses: number, lang: Lang): string {
  if (addresses <= 1) return ''
  return lang === 'zh' ? ` 等 ${addresses} 个` : ` and ${addresses - 1} more`
}

function silentHeadline(evidence: EvidenceOf<'agent-silent'>, computer: string, lang: Lang): string {
  const silent = durationInWords(evidence.silentMs, lang)
  const limit = durationInWords(evidence.limitMs, lang)
  if (lang === 'zh') {
    return evidence.wasCleanStop
      ? `${computer} 的监控程序正常停止后 ${silent}未恢复（上限 ${limit}）`
      : `${computer} 的监控已失联 ${silent}（上限 ${limit}）`
  }
  return evidence.wasCleanStop
    ? `The agent on ${computer} stopped in good order and has not come back for ${silent} (limit ${limit})`
    : `Nothing has been heard from the agent on ${computer} for ${silent} (limit ${limit})`
}

function fallbackHeadline(
  violation: { id: ViolationId; level: Level; computer: string },
  lang: Lang,
): string {
  const name = VIOLATIONS[violation.id].name[lang]
  return lang === 'zh'
    ? `${computerWithLevel(violation.computer, violation.level, 'zh')}：${name}`
    : `${name}: ${computerWithLevel(violation.computer, violation.level, 'en')}`
}
