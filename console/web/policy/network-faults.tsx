/** What is wrong with the network rules, said under the list that it is in, with the row named. */
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import type { NetworkFault, NetworkList } from './network-draft.ts'

type RowFault = Extract<NetworkFault, { at: number }>

export function isRowWrong(
  faults: readonly NetworkFault[],
  list: NetworkList,
  at: number,
  ...whats: readonly RowFault['what'][]
): boolean {
  return faults.some(
    (one) =>
      'at' in one && one.list === list && one.at === at && (whats.length === 0 || whats.includes(one.what)),
  )
}

export function FieldFaults({
  list,
  faults,
}: {
  readonly list: NetworkFault['list']
  readonly faults: readonly NetworkFault[]
}): ReactNode {
  const { t } = useText()
  const own = faults.filter((one) => one.list === list)
  if (own.length === 0) return null
  return (
    <ul className="field-faults" role="alert" data-testid={`faults-${list}`}>
      {own.map((one) =>
        'at' in one ? (
          <li key={`${one.at}.${one.what}`}>
            ✕ {t(`policy.fault.${one.what}`, { row: one.at + 1, right: one.right })}
          </li>
        ) : (
          <li key={one.what}>✕ {t(`policy.fault.${one.what}`)}</li>
        ),
      )}
    </ul>
  )
}
