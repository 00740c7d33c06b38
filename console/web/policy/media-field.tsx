/** The registered media: exactly these three facts of a device, as it tells them. */
import type { RegisteredMedium } from '@shoukou/protocol'
import { Button, Input } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { usePages } from '../show/pager.tsx'
import { isTypeable } from '../show/raw-segments.ts'
import { RawTextView } from '../show/raw-text-view.tsx'
import type { DraftFault } from './policy-draft.ts'
import type { FieldProps } from './setting-fields.tsx'

const pageSize = 20
const emptyMedium: RegisteredMedium = { vendorId: '', productId: '', serial: '', note: '' }

export function MediaField({
  settings,
  onChange,
  faults,
  isReadOnly,
}: FieldProps & { readonly faults: readonly DraftFault[] }): ReactNode {
  const { t } = useText()
  const media = settings.registeredMedia
  const { rows, offset, pager } = usePages(media, pageSize)
  const set = (at: number, part: Partial<RegisteredMedium>) =>
    onChange({ registeredMedia: media.map((one, other) => (other === at ? { ...one, ...part } : one)) })
  const isWrong = (at: number, what: string) =>
    faults.some(
      (fault) =>
        fault.field === 'medium' && fault.at === at && (fault.what === what || fault.what === 'twice'),
    )
  const status = (at: number, what: string) => (isWrong(at, what) ? { status: 'error' as const } : {})
  return (
    <div className="panel">
      <div className="panel-head">
        <h2>{t('policy.field.registeredMedia')}</h2>
        {!isReadOnly && (
          <Button
            size="small"
            onClick={() => onChange({ registeredMedia: [emptyMedium, ...media] })}
            data-testid="medium-add"
          >
            {t('policy.medium-add')}
          </Button>
        )}
      </div>
      <p className="muted">{t('policy.media-why')}</p>
      {media.length === 0 ? (
        <p className="muted">{t('policy.no-media')}</p>
      ) : (
        <table className="grid-table">
          <thead>
            <tr>
              <th scope="col" className="w-100">
                VID
              </th>
              <th scope="col" className="w-100">
                PID
              </th>
              <th scope="col">{t('policy.serial')}</th>
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
                      aria-label="VID"
                      className="mono"
                      maxLength={4}
                      placeholder="0781"
                      value={one.vendorId}
                      readOnly={isReadOnly}
                      {...status(at, 'vendor')}
                      onChange={(event) => set(at, { vendorId: event.target.value.trim().toLowerCase() })}
                    />
                  </td>
                  <td>
                    <Input
                      aria-label="PID"
                      className="mono"
                      maxLength={4}
                      placeholder="5583"
                      value={one.productId}
                      readOnly={isReadOnly}
                      {...status(at, 'product')}
                      onChange={(event) => set(at, { productId: event.target.value.trim().toLowerCase() })}
                    />
                  </td>
                  <td>
                    {isTypeable(one.serial) ? (
                      <Input
                        aria-label={t('policy.serial')}
                        className="mono"
                        dir="ltr"
                        value={one.serial}
                        readOnly={isReadOnly}
                        {...status(at, 'serial')}
                        onChange={(event) => set(at, { serial: event.target.value })}
                      />
                    ) : (
                      // What cannot be typed is kept as it is: an input would repair it.
                      <RawTextView text={one.serial} />
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
                          onChange({ registeredMedia: media.filter((_one, other) => other !== at) })
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
