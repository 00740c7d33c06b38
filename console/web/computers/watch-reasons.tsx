/** Why a computer is not proven: in words, with the remedy. */
import type { ReactNode } from 'react'
import type { Computer } from '../../api/contract.ts'
import { type Text, useText } from '../i18n/use-text.ts'
import { agentWords } from './agent-words.ts'
import { controlWords } from './control-words.ts'
import { groupReasons, type ReasonGroup } from './group-reasons.ts'

export function WatchReasons({ computer }: { readonly computer: Pick<Computer, 'watch'> }): ReactNode {
  const text = useText()
  const { reasons } = computer.watch
  if (reasons.length === 0) return null
  return (
    <ul className="reasons">
      {groupReasons(reasons).map((reason, at) => {
        const detail = detailText(text, reason)
        return (
          <li key={at}>
            {reasonText(text, reason)}
            {detail !== null && <span className="reason-detail">{detail}</span>}
            <span className="remedy">{remedyText(text, reason)}</span>
          </li>
        )
      })}
    </ul>
  )
}

/** Returns the reason's sentence; a code of a later console stands as it is. */
export function reasonText(text: Text, reason: ReasonGroup): string {
  const sensor = reason.sensors
    .map((one) => text.tryT(`sensor.${one}`) ?? one)
    .join(text.t('policy.list-join'))
  const isCoarse = reason.code === 'sensor-fallback' && reason.sensors.every((one) => one === 'connections')
  return text.tryT(isCoarse ? 'reason.sensor-coarse' : `reason.${reason.code}`, { sensor }) ?? reason.code
}

/** Null where the sentence says it all: which version a computer is behind stands beside it already. */
function detailText(text: Text, { code, detail }: ReasonGroup): string | null {
  if (detail === null || code === 'policy-behind') return null
  if (code === 'gap' || code === 'gap-pending')
    return text.t('reason.records', { range: detail.replace('-', '–') })
  if (code === 'network-not-in-force' || code === 'cut-failed' || code === 'isolation-failed')
    return controlWords(text, detail)
  return agentWords(text, detail)
}

/** The agent knows the remedy better than the console: its own comes first. */
function remedyText(text: Text, { code, remedy }: ReasonGroup): string {
  return remedy === null ? (text.tryT(`reason.remedy.${code}`) ?? '') : agentWords(text, remedy)
}
