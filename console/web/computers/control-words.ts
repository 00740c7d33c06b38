/**
 * What the console names by codes of control (`packet-table failed, link-down: eth0`), in words where there are any:
 * pure. A sentence, and any code without words, stands as it came.
 */
import type { Text } from '../i18n/use-text.ts'
import { ruleWords } from '../media/rule-word.tsx'
import { agentWords } from './agent-words.ts'

/** Returns the words of a list of codes, or of a sentence that the agent said. */
export function controlWords(text: Pick<Text, 't' | 'tryT'>, said: string): string {
  const sentence = agentWords(text, said)
  if (sentence !== said) return sentence
  const [first = '', ...rest] = said.split(': ')
  const cause = isCode(first) ? ruleWords(text, first) : null
  if (cause !== null && rest.length > 0) return `${cause}: ${listOf(text, rest.join(': '))}`
  return listOf(text, said)
}

function listOf(text: Pick<Text, 't' | 'tryT'>, said: string): string {
  return said
    .split(', ')
    .map((part) =>
      part
        .split(' ')
        .map((word) => wordOf(text, word))
        .join(' '),
    )
    .join(text.t('policy.list-join'))
}

function wordOf({ tryT }: Pick<Text, 'tryT'>, word: string): string {
  if (!isCode(word)) return word
  const [step = word, ...on] = word.split(':')
  const words = tryT(`value.layer.${word}`) ?? tryT(`value.state.${word}`) ?? tryT(`step.${step}`)
  if (words === null) return word
  return on.length === 0 || tryT(`step.${step}`) === null ? words : `${words} ${on.join(':')}`
}

function isCode(text: string): boolean {
  return /^[a-z][a-z0-9.:-]*$/i.test(text)
}
