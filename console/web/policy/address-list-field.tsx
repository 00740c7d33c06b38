/** A plain list of addresses or prefixes, one input each. */
import { Button, Input } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import type { NetworkFault, NetworkList } from './network-draft.ts'
import { FieldFaults, isRowWrong } from './network-faults.tsx'

interface Props {
  readonly title: string
  readonly hint?: string
  readonly list: NetworkList
  readonly items: readonly string[]
  readonly itemsMax: number
  readonly label: string
  readonly example: string
  readonly addLabel: string
  readonly noneLabel: string
  readonly faults: readonly NetworkFault[]
  readonly isReadOnly: boolean
  readonly onChange: (items: string[]) => void
}

export function AddressListField(props: Props): ReactNode {
  const { t } = useText()
  const { list, items, label, faults, isReadOnly, onChange } = props
  return (
    <section aria-label={props.title}>
      <div className="panel-head">
        <h3>{props.title}</h3>
        {!isReadOnly && items.length < props.itemsMax && (
          <Button size="small" onClick={() => onChange([...items, ''])} data-testid={`${list}-add`}>
            {props.addLabel}
          </Button>
        )}
      </div>
      {props.hint !== undefined && <p className="muted">{props.hint}</p>}
      {items.length === 0 && <p className="muted">{props.noneLabel}</p>}
      <ul className="address-rows">
        {items.map((one, at) => (
          <li key={at}>
            <Input
              aria-label={`${label} ${at + 1}`}
              className="mono"
              dir="ltr"
              maxLength={49}
              placeholder={props.example}
              value={one}
              readOnly={isReadOnly}
              {...(isRowWrong(faults, list, at) ? { status: 'error' as const } : {})}
              data-testid={`${list}-input`}
              onChange={(event) =>
                onChange(items.map((old, other) => (other === at ? event.target.value.trim() : old)))
              }
            />
            {!isReadOnly && (
              <Button
                size="small"
                aria-label={`${t('policy.remove')} ${one}`}
                onClick={() => onChange(items.filter((_one, other) => other !== at))}
              >
                {t('policy.remove')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <FieldFaults list={list} faults={faults} />
    </section>
  )
}
