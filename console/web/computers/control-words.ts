/**
 * What the console names by codes of control (`packet-table failed`, `tether-up: link-down`, `link-down: EPERM`), in
 * words where there are any: pure. A sentence, and any code without words, stands as it came.
 */
import type { Text } from '../i18n/use-text.ts'
import { ruleWords } from '../media/rule-word.tsx'
import { agentWords } from './agent-words.ts'

type Words = Pick<Text, 't' | 'tryT'>

/** Returns the words of what was said: parts behind semicolons, each a code, codes, or a code and a sentence. */
export function controlWords(text: Words, said: string): string {
  const sentence = agentWords(text, said)
  if (sentence !== said) return sentence
  return said
    .split('; ')
    .map((part) => partOf(text, part))
    .join(text.t('control.part-join'))
}

function partOf(text: Words, part: string): string {
  const at = part.indexOf(': ')
  const first = at === -1 ? '' : part.slice(0, at)
  const head = isCode(first) ? (codeWords(text, first) ?? ruleWords(text, first)) : null
  if (head === null) return listOf(text, part)
  const rest = part.slice(at + 2)
  const known = agentWords(text, rest)
  return text.t('control.part', { what: head, detail: known === rest ? listOf(text, rest) : known })
}

/** `connection-guard failed, packet-table absent`: every part of it is a code, or all of it stands. */
function listOf(text: Words, said: string): string {
  const parts = said.split(', ').map((part) => part.split(' '))
  if (!parts.every(([first = '', ...rest]) => codeWords(text, first) !== null && rest.every(isCode)))
    return said
  return parts
    .map((part) => part.map((word) => codeWords(text, word) ?? word).join(' '))
    .join(text.t('policy.list-join'))
}

/** `probe:1-1:1.0`: the act, and on what. */
function codeWords({ tryT }: Words, word: string): string | null {
  const [step = word, ...on] = word.split(':')
  const words = tryT(`value.layer.${step}`) ?? tryT(`value.layer-state.${step}`) ?? tryT(`step.${step}`)
  return words === null || on.length === 0 ? words : `${words} ${on.join(':')}`
}

function isCode(text: string): boolean {
  return /^[a-z][a-z0-9.:-]*$/i.test(text)
}
