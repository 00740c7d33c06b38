/** The network interfaces that may be there. */
import type { ApprovedInterface } from '@shoukou/protocol'
import { Button, Input } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { usePages } from '../show/pager.tsx'
import { isTypeable } from '../show/raw-segments.ts'
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
  const { rows, offset, pager } = usePages(interfaces, pageSize)
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
      {interfaces.length === 0 ? (
        <p className="muted">{t('policy.no-interfaces')}</p>
      ) : (
        <table className="grid-table">
          <thead>
            <tr>
              <th scope="col" className="w-210">
                MAC
              </th>
              <th scope="col">{t('policy.bus-path')}</th>
              <th scope="col">{t('policy.note')}</th>
              <th scope="col" className="w-80">
                <span className="sr-only">{t('policy.remove')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((one, row) => {
              const at = offset + row
              return (
                <tr key={at}>
                  <td>
                    <Input
                      aria-label="MAC"
                      className="mono"
                      placeholder="52:54:00:12:34:56"
                      value={one.mac}
                      readOnly={isReadOnly}
                      {...(isWrong(at) ? { status: 'error' as const } : {})}
                      onChange={(event) =>
                        set(at, { mac: event.target.value.trim().toLowerCase().replaceAll('-', ':') })
                      }
                    />
                  </td>
                  <td>
                    {one.busPath === null || isTypeable(one.busPath) ? (
                      <Input
                        aria-label={t('policy.bus-path')}
                        className="mono"
                        placeholder={t('policy.any-place')}
                        value={one.busPath ?? ''}
                        readOnly={isReadOnly}
                        onChange={(event) =>
                          set(at, { busPath: event.target.value === '' ? null : event.target.value })
                        }
                      />
                    ) : (
                      <RawTextView text={one.busPath} />
                    )}
                  </td>
                  <td>
                    <Input
                      aria-label={t('policy.note')}
                      maxLength={200}
                      value={one.note}
                      readOnly={isReadOnly}
                      onChange={(event) => set(at, { note: event.target.value })}
                    />
                  </td>
                  <td>
                    {!isReadOnly && (
                      <Button
                        size="small"
                        onClick={() =>
                          onChange({ approvedInterfaces: interfaces.filter((_one, other) => other !== at) })
                        }
                      >
                        {t('policy.remove')}
                      </Button>
                    )}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      )}
      {pager}
    </div>
  )
}
