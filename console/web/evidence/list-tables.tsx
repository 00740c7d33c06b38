/** Lists of a fact that say more as a small table: reasons of an identity, steps of an act, layers of control, opens. */
import type { ActionStep } from '@shoukou/protocol/events/action-steps.ts'
import type { FactNamed } from '@shoukou/protocol/events/facts.ts'
import type { IdentityReason } from '@shoukou/protocol/media/shapes.ts'
import type { ReactNode } from 'react'
import { agentWords } from '../computers/agent-words.ts'
import { useText } from '../i18n/use-text.ts'
import { Weight } from '../media/passport-table.tsx'
import { formatCount } from '../show/format.ts'
import { RawTextView } from '../show/raw-text-view.tsx'

type Layer = FactNamed<'control.state'>['layers'][number]
type Open = FactNamed<'guard.refused'>['opens'][number]

/** Returns the table for a list of that name and shape; null where it is none of these. */
export function listTable(name: string, items: readonly unknown[]): ReactNode | null {
  if (name === 'reasons' && items.every(isReason)) return <Reasons reasons={items} />
  if (name === 'steps' && items.every(isStep)) return <Steps steps={items} />
  if (name === 'layers' && items.every(isLayer)) return <Layers layers={items} />
  if (name === 'opens' && items.every(isOpen)) return <Opens opens={items} />
  return null
}

function Reasons({ reasons }: { readonly reasons: readonly IdentityReason[] }): ReactNode {
  const { t, tryT } = useText()
  return (
    <table className="inner-table" data-testid="identity-reasons">
      <thead>
        <tr>
          <th scope="col">{t('reasons.field')}</th>
          <th scope="col">{t('reasons.state')}</th>
          <th scope="col">{t('passport.weight')}</th>
        </tr>
      </thead>
      <tbody>
        {reasons.map((one) => (
          <tr key={one.field} className={`reason-${one.state}`}>
            <td>{tryT(`passport.${one.field}`) ?? <span className="mono">{one.field}</span>}</td>
            <td>
              <span aria-hidden="true">{marks[one.state]}</span> {t(`value.identity.${one.state}`)}
            </td>
            <td>
              <Weight weight={one.weight} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const marks: Readonly<Record<IdentityReason['state'], string>> = {
  same: '=',
  differs: '≠',
  absent: '·',
  placeholder: '○',
}

function Steps({ steps }: { readonly steps: readonly ActionStep[] }): ReactNode {
  const text = useText()
  const { t, tryT } = text
  return (
    <table className="inner-table">
      <tbody>
        {steps.map((one, at) => {
          // `probe:1-1:1.0`: the act, and on what.
          const [act = one.step, ...on] = one.step.split(':')
          const words = tryT(`step.${act}`)
          return (
            <tr key={`${one.step}.${at}`} className={`step-${one.result}`}>
              <td>
                {words ?? <span className="mono">{one.step}</span>}
                {words !== null && on.length > 0 && <span className="mono muted"> {on.join(':')}</span>}
              </td>
              <td className="nowrap">
                <span aria-hidden="true">{stepMarks[one.result]}</span> {t(`value.result.${one.result}`)}
              </td>
              <td>{one.detail !== null && <RawTextView text={agentWords(text, one.detail)} isPlain />}</td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

const stepMarks: Readonly<Record<ActionStep['result'], string>> = { done: '✓', failed: '✕', skipped: '–' }

function Layers({ layers }: { readonly layers: readonly Layer[] }): ReactNode {
  const text = useText()
  const { t } = text
  return (
    <table className="inner-table">
      <tbody>
        {layers.map((one) => (
          <tr key={one.layer}>
            <td>{t(`value.layer.${one.layer}`)}</td>
            <td className="nowrap">{t(`value.state.${one.state}`)}</td>
            <td>{one.detail !== null && <RawTextView text={agentWords(text, one.detail)} isPlain />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Opens({ opens }: { readonly opens: readonly Open[] }): ReactNode {
  const { t, language } = useText()
  return (
    <table className="inner-table">
      <tbody>
        {opens.map((one, at) => (
          <tr key={at}>
            <td>{one.name === null ? '—' : <RawTextView text={one.name} isPlain />}</td>
            <td>
              <span className="mono">{one.number}</span>{' '}
              <span className="muted">{t(`value.type.${one.type}`)}</span>
            </td>
            <td className="nowrap">{formatCount(one.count, language)} ×</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function has(value: unknown, ...keys: readonly string[]): boolean {
  return typeof value === 'object' && value !== null && keys.every((key) => key in value)
}

function isReason(value: unknown): value is IdentityReason {
  return has(value, 'field', 'state', 'weight')
}

function isStep(value: unknown): value is ActionStep {
  return has(value, 'step', 'result', 'detail')
}

function isLayer(value: unknown): value is Layer {
  return has(value, 'layer', 'state', 'detail')
}

function isOpen(value: unknown): value is Open {
  return has(value, 'type', 'number', 'name', 'count')
}
