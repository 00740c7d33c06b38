/** The network interfaces that may be there. */
import type { ApprovedInterface } from '@shoukou/protocol'
import { showRawText } from '@shoukou/protocol/raw-text.ts'
import { Button, Input, Table } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { RawTextView } from '../show/raw-text-view.tsx'
import type { DraftFault } from './policy-draft.ts'
import type { FieldProps } from './setting-fields.tsx'

const pageSize = 20
const emptyInterface: ApprovedInterface = { mac: '', busPath: null, note: '' }

export function InterfacesField({
  settings,
  onChange,
  faults,
  isReadOnly,
}: FieldProps & { readonly faults: readonly DraftFault[] }): ReactNode {
  const { t } = useText()
  const interfaces = settings.approvedInterfaces
  const set = (at: number, part: Partial<ApprovedInterface>) =>
    onChange({
      approvedInterfaces: interfaces.map((one, other) => (other === at ? { ...one, ...part } : one)),
    })
  const isWrong = (at: number) => faults.some((fault) => fault.field === 'interface' && fault.at === at)
  return (
    <div className="panel">
      <div className="panel-head">
        <h2>{t('policy.field.approvedInterfaces')}</h2>
        {!isReadOnly && (
          <Button
            size="small"
            onClick={() => onChange({ approvedInterfaces: [emptyInterface, ...interfaces] })}
          >
            {t('policy.interface-add')}
          </Button>
        )}
      </div>
      {settings.networkMode === 'standalone' && <p className="note">{t('policy.standalone-note')}</p>}
      <Table<ApprovedInterface & { readonly at: number }>
        size="small"
        rowKey="at"
        dataSource={interfaces.map((one, at) => ({ ...one, at }))}
        pagination={{ pageSize, hideOnSinglePage: true, showSizeChanger: false }}
        locale={{ emptyText: t('policy.no-interfaces') }}
        columns={[
          {
            title: 'MAC',
            width: 210,
            render: (_, one) => (
              <Input
                aria-label="MAC"
                className="mono"
                placeholder="52:54:00:12:34:56"
                value={one.mac}
                readOnly={isReadOnly}
                {...(isWrong(one.at) ? { status: 'error' as const } : {})}
                onChange={(event) =>
                  set(one.at, { mac: event.target.value.trim().toLowerCase().replaceAll('-', ':') })
                }
              />
            ),
          },
          {
            title: t('policy.bus-path'),
            render: (_, one) =>
              one.busPath === null ||
              (typeof one.busPath === 'string' && showRawText(one.busPath) === one.busPath) ? (
                <Input
                  aria-label={t('policy.bus-path')}
                  className="mono"
                  placeholder={t('policy.any-place')}
                  value={one.busPath ?? ''}
                  readOnly={isReadOnly}
                  onChange={(event) =>
                    set(one.at, { busPath: event.target.value === '' ? null : event.target.value })
                  }
                />
              ) : (
                <RawTextView text={one.busPath} />
              ),
          },
          {
            title: t('policy.note'),
            render: (_, one) => (
              <Input
                aria-label={t('policy.note')}
                maxLength={200}
                value={one.note}
                readOnly={isReadOnly}
                onChange={(event) => set(one.at, { note: event.target.value })}
              />
            ),
          },
          {
            title: '',
            width: 80,
            render: (_, one) =>
              !isReadOnly && (
                <Button
                  size="small"
                  onClick={() =>
                    onChange({ approvedInterfaces: interfaces.filter((_other, at) => at !== one.at) })
                  }
                >
                  {t('policy.remove')}
                </Button>
              ),
          },
        ]}
      />
    </div>
  )
}
