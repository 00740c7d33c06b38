/** The registered media: exactly these three facts of a device, as it tells them. */
import type { RegisteredMedium } from '@shoukou/protocol'
import { showRawText } from '@shoukou/protocol/raw-text.ts'
import { Button, Input, Table } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
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
      <Table<RegisteredMedium & { readonly at: number }>
        size="small"
        rowKey="at"
        dataSource={media.map((one, at) => ({ ...one, at }))}
        pagination={{ pageSize, hideOnSinglePage: true, showSizeChanger: false }}
        locale={{ emptyText: t('policy.no-media') }}
        columns={[
          {
            title: 'VID',
            width: 100,
            render: (_, one) => (
              <Input
                aria-label="VID"
                className="mono"
                maxLength={4}
                placeholder="0781"
                value={one.vendorId}
                readOnly={isReadOnly}
                {...status(one.at, 'vendor')}
                onChange={(event) => set(one.at, { vendorId: event.target.value.trim().toLowerCase() })}
              />
            ),
          },
          {
            title: 'PID',
            width: 100,
            render: (_, one) => (
              <Input
                aria-label="PID"
                className="mono"
                maxLength={4}
                placeholder="5583"
                value={one.productId}
                readOnly={isReadOnly}
                {...status(one.at, 'product')}
                onChange={(event) => set(one.at, { productId: event.target.value.trim().toLowerCase() })}
              />
            ),
          },
          {
            title: t('policy.serial'),
            render: (_, one) =>
              isTypeable(one.serial) ? (
                <Input
                  aria-label={t('policy.serial')}
                  className="mono"
                  dir="ltr"
                  value={one.serial}
                  readOnly={isReadOnly}
                  {...status(one.at, 'serial')}
                  onChange={(event) => set(one.at, { serial: event.target.value })}
                />
              ) : (
                // What cannot be typed is kept as it is: an input would repair it.
                <RawTextView text={one.serial} />
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
                  onClick={() => onChange({ registeredMedia: media.filter((_other, at) => at !== one.at) })}
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

function isTypeable(serial: RegisteredMedium['serial']): serial is string {
  return typeof serial === 'string' && showRawText(serial) === serial
}
