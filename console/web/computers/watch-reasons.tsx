/** Why a computer is not proven: in words, with the remedy. */
import type { ReactNode } from 'react'
import type { Computer, WatchReason } from '../../api/contract.ts'
import { type Text, useText } from '../i18n/use-text.ts'

export function WatchReasons({ computer }: { readonly computer: Computer }): ReactNode {
  const text = useText()
  const { reasons } = computer.watch
  if (reasons.length === 0) return null
  return (
    <ul className="reasons">
      {reasons.map((reason, at) => (
        <li key={at}>
          {reasonText(text, reason)}
          {reason.detail !== null && <span className="reason-detail"> {reason.detail}</span>}
          <span className="remedy">{remedyText(text, reason)}</span>
        </li>
      ))}
    </ul>
  )
}

/** Returns the reason's sentence; a code of a later console stands as it is. */
export function reasonText(text: Text, reason: WatchReason): string {
  const sensor = reason.sensor === null ? '' : (text.tryT(`sensor.${reason.sensor}`) ?? reason.sensor)
  return text.tryT(`reason.${reason.code}`, { sensor }) ?? reason.code
}

/** The agent words its remedies in English: a reader of Chinese gets ours first, and the agent's after it. */
function remedyText(text: Text, reason: WatchReason): string {
  const ours = text.tryT(`reason.remedy.${reason.code}`)
  if (ours === null || reason.remedy === null) return ours ?? reason.remedy ?? ''
  return text.language === 'en' ? reason.remedy : `${ours} ${reason.remedy}`
}
