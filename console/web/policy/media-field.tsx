/** The registered media: exactly these three facts of a device, as it tells them. */
import type { RegisteredMedium } from '@shoukou/protocol'
import { Input } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { isTypeable } from '../show/raw-segments.ts'
import { RawTextView } from '../show/raw-text-view.tsx'
import type { DraftFault } from './policy-draft.ts'
import { RowsField } from './rows-field.tsx'
import type { FieldProps } from './setting-fields.tsx'

const emptyMedium: RegisteredMedium = { vendorId: '', productId: '', serial: '', note: '' }

export function MediaField({
  settings,
  onChange,
  faults,
  isReadOnly,
}: FieldProps & { readonly faults: readonly DraftFault[] }): ReactNode {
  const { t } = useText()
  const isWrong = (at: number, what: string) =>
    faults.some(
      (fault) =>
        fault.field === 'medium' && fault.at === at && (fault.what === what || fault.what === 'twice'),
    )
  const status = (at: number, what: string) => (isWrong(at, what) ? { status: 'error' as const } : {})
  return (
    <RowsField
      title={t('policy.field.registeredMedia')}
      hint={t('policy.media-why')}
      addLabel={t('policy.medium-add')}
      addTestId="medium-add"
      noneLabel={t('policy.no-media')}
      items={settings.registeredMedia}
      emptyItem={emptyMedium}
      isReadOnly={isReadOnly}
      columns={[
        { title: 'VID', width: 'w-100' },
        { title: 'PID', width: 'w-100' },
        { title: t('policy.serial') },
      ]}
      onChange={(registeredMedia) => onChange({ registeredMedia })}
      renderCells={(one, at, set) => [
        <Input
          key="vendor"
          aria-label="VID"
          className="mono"
          maxLength={4}
          placeholder="0781"
          value={one.vendorId}
          readOnly={isReadOnly}
          {...status(at, 'vendor')}
          onChange={(event) => set({ vendorId: event.target.value.trim().toLowerCase() })}
        />,
        <Input
          key="product"
          aria-label="PID"
          className="mono"
          maxLength={4}
          placeholder="5583"
          value={one.productId}
          readOnly={isReadOnly}
          {...status(at, 'product')}
          onChange={(event) => set({ productId: event.target.value.trim().toLowerCase() })}
        />,
        isTypeable(one.serial) ? (
          <Input
            key="serial"
            aria-label={t('policy.serial')}
            className="mono"
            dir="ltr"
            value={one.serial}
            readOnly={isReadOnly}
            {...status(at, 'serial')}
            onChange={(event) => set({ serial: event.target.value })}
          />
        ) : (
          // What cannot be typed is kept as it is: an input would repair it.
          <RawTextView key="serial" text={one.serial} />
        ),
      ]}
    />
  )
}
