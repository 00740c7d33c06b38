/** The sentence of `unregistered-computer`: an agent runs where the register has no filing. It says what was seen, and accuses nobody. Pure. */
import type { EvidenceOf } from '../violations.ts'
import { type Lang, nameInSentence } from './wording.ts'

export function filingHeadline(
  { account, hostname }: EvidenceOf<'unregistered-computer'>,
  computer: string,
  lang: Lang,
): string {
  const name = hostname === null ? '' : nameInSentence(hostname)
  if (lang === 'zh') {
    const called = name === '' ? '' : `：${name}`
    return `${computer} 已接入监控，但台账中没有它的备案，接入由账户 ${showAccount(account)} 批准${called}`
  }
  const called = name === '' ? '' : `: ${name}`
  return `An agent runs on ${computer}, and the register has no filing of it; enrolled on a token of ${showAccount(account)}${called}`
}

function showAccount(account: EvidenceOf<'unregistered-computer'>['account']): string {
  return account === null ? '—' : nameInSentence(account)
}
