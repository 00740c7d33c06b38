/** The network interfaces that may be there. */
import type { ApprovedInterface } from '@shoukou/protocol'
import { Input } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { isTypeable } from '../show/raw-segments.ts'
import { RawTextView } from '../show/raw-text-view.tsx'
import type { DraftFault } from './policy-draft.ts'
import { RowsField } from './rows-field.tsx'
import type { FieldProps } from './setting-fields.tsx'

const emptyInterface: ApprovedInterface = { mac: '', busPath: null, note: '' }

export function InterfacesField({
  settings,
  onChange,
  faults,
  isReadOnly,
}: FieldProps & { readonly faults: readonly DraftFault[] }): ReactNode {
  const { t } = useText()
  const isWrong = (at: number) => faults.some((fault) => fault.field === 'interface' && fault.at === at)
  return (
    <RowsField
      title={t('policy.field.approvedInterfaces')}
      hint={settings.networkMode === 'standalone' ? t('policy.standalone-note') : null}
      addLabel={t('policy.interface-add')}
      addTestId="interface-add"
      noneLabel={t('policy.no-interfaces')}
      items={settings.approvedInterfaces}
      emptyItem={emptyInterface}
      isReadOnly={isReadOnly}
      columns={[{ title: 'MAC', width: 'w-210' }, { title: t('policy.bus-path') }]}
      onChange={(approvedInterfaces) => onChange({ approvedInterfaces })}
      renderCells={(one, at, set) => [
        <Input
          key="mac"
          aria-label="MAC"
          className="mono"
          placeholder="52:54:00:12:34:56"
          value={one.mac}
          readOnly={isReadOnly}
          {...(isWrong(at) ? { status: 'error' as const } : {})}
          onChange={(event) => set({ mac: event.target.value.trim().toLowerCase().replaceAll('-', ':') })}
        />,
        one.busPath === null || isTypeable(one.busPath) ? (
          <Input
            key="bus-path"
            aria-label={t('policy.bus-path')}
            className="mono"
            placeholder={t('policy.any-place')}
            value={one.busPath ?? ''}
            readOnly={isReadOnly}
            onChange={(event) => set({ busPath: event.target.value === '' ? null : event.target.value })}
          />
        ) : (
          <RawTextView key="bus-path" text={one.busPath} />
        ),
      ]}
    />
  )
}
