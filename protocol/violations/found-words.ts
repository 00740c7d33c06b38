/** Words that the sentences of the network share: who, by what, how often, how it ended. Pure. */
import type { NetworkInterface } from '../events/shapes.ts'
import type { Peer } from '../network/shapes.ts'
import type { RawText } from '../raw-text.ts'
import type { EvidenceOf } from '../violations.ts'
import { type Lang, nameInSentence } from './wording.ts'

export type Found = EvidenceOf<'internet-connection'>['found']

/** Evidence bounds an address; what stands there may still be no address. */
const plainAddress = /^[0-9a-fA-F:.%a-z_-]{1,64}$/

/** `8.8.4.4:443`, `[2001:db8::1]:443`; without a port where there is none. */
export function peerInSentence(peer: Peer): string {
  const { address, port } = peer
  const shown = plainAddress.test(address) ? address : nameInSentence(address)
  if (port === null) return shown
  return address.includes(':') ? `[${shown}]:${port}` : `${shown}:${port}`
}

/** The program that a record names; null where it names none. */
export function programIn(found: Found): RawText | null {
  return found?.program?.name ?? null
}

/**
 * How it ended: `blocked` where it was; a record that only saw it says detected, and nothing of why it was let be. Of
 * several connections some may have been refused: the kernel's own counts.
 */
export function foundOutcome(found: Found, lang: Lang): string {
  if (found === undefined || found.outcome === null) return ''
  const [count, refused] = countsOf(found)
  if (refused > 0 && refused < count) {
    return lang === 'zh' ? `，其中 ${refused} 次已阻断` : `; ${refused} of them blocked`
  }
  switch (found.outcome) {
    case 'blocked':
      return lang === 'zh' ? '，已阻断' : '; blocked'
    case 'detected':
      return lang === 'zh' ? '，已检测到' : '; detected'
    case 'allowed':
      return ''
  }
}

/** How many connections stand in it, and how many of them were refused. */
export function countsOf(found: Found): readonly [count: number, refused: number] {
  const flows = found?.flows ?? []
  return [
    flows.reduce((sum, { count }) => sum + count, 0),
    flows.reduce((sum, { refused }) => sum + refused, 0),
  ]
}

/** What is behind the sentence: names that a system or a network chose come last. */
export function tail(names: readonly (RawText | null)[], lang: Lang): string {
  const known = names.flatMap((name) => (name === null || name === '' ? [] : [nameInSentence(name)]))
  if (known.length === 0) return ''
  return `${lang === 'zh' ? '：' : ': '}${known.join(lang === 'zh' ? '，' : ', ')}`
}

export function linkName(adapter: Pick<NetworkInterface, 'name'> | null): RawText | null {
  return adapter?.name ?? null
}
