/** Why a medium has the right that it has: the rule's code in words, or the code where there are none. */
import type { ReactNode } from 'react'
import { type Text, useText } from '../i18n/use-text.ts'
import { RawTextView } from '../show/raw-text-view.tsx'

export function RuleWord({ rule }: { readonly rule: string }): ReactNode {
  const text = useText()
  if (rule === '') return <span className="muted">{text.t('value.unknown')}</span>
  return ruleWords(text, rule) ?? <RawTextView text={rule} isPlain />
}

/** Returns the words for a rule or a cause of an act; a rule that refuses is the violation, or the condition, of that name. */
export function ruleWords(text: Pick<Text, 'tryT'>, rule: string): string | null {
  return (
    text.tryT(`value.cause.${rule}`) ??
    text.tryT(`violation.type.${rule}`) ??
    text.tryT(`rule.${rule}`) ??
    text.tryT(`value.condition.${rule}`)
  )
}
