/** USB devices other than storage that may be used: keyboards, printers, smart-card readers. */
import type { ApprovedPeripheral } from '@shoukou/protocol'
import { Input } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { isTypeable } from '../show/raw-segments.ts'
import { RawTextView } from '../show/raw-text-view.tsx'
import type { DraftFault } from './policy-draft.ts'
import { RowsField } from './rows-field.tsx'
import type { FieldProps } from './setting-fields.tsx'

const emptyPeripheral: ApprovedPeripheral = { vendorId: '', productId: '', serial: null, note: '' }

export function PeripheralsField({
  settings,
  onChange,
  faults,
  isReadOnly,
}: FieldProps & { readonly faults: readonly DraftFault[] }): ReactNode {
  const { t } = useText()
  const status = (at: number, what: string) =>
    faults.some(
      (fault) =>
        fault.field === 'peripheral' && fault.at === at && (fault.what === what || fault.what === 'twice'),
    )
      ? { status: 'error' as const }
      : {}
  return (
    <RowsField
      title={t('policy.field.approvedPeripherals')}
      hint={t('policy.peripherals-why')}
      addLabel={t('policy.peripheral-add')}
      addTestId="peripheral-add"
      noneLabel={t('policy.no-peripherals')}
      items={settings.approvedPeripherals ?? []}
      emptyItem={emptyPeripheral}
      isReadOnly={isReadOnly}
      columns={[
        { title: 'VID', width: 'w-100' },
        { title: 'PID', width: 'w-100' },
        { title: t('policy.serial') },
      ]}
      onChange={(approvedPeripherals) => onChange({ approvedPeripherals })}
      renderCells={(one, at, set) => [
        <Input
          key="vendor"
          aria-label={t('policy.peripheral-vendor')}
          className="mono"
          maxLength={4}
          placeholder="046d"
          value={one.vendorId}
          readOnly={isReadOnly}
          {...status(at, 'vendor')}
          onChange={(event) => set({ vendorId: event.target.value.trim().toLowerCase() })}
        />,
        <Input
          key="product"
          aria-label={t('policy.peripheral-product')}
          className="mono"
          maxLength={4}
          placeholder="c31c"
          value={one.productId}
          readOnly={isReadOnly}
          {...status(at, 'product')}
          onChange={(event) => set({ productId: event.target.value.trim().toLowerCase() })}
        />,
        one.serial === null || isTypeable(one.serial) ? (
          <Input
            key="serial"
            aria-label={t('policy.peripheral-serial')}
            className="mono"
            dir="ltr"
            placeholder={t('policy.any-serial')}
            value={one.serial ?? ''}
            readOnly={isReadOnly}
            onChange={(event) => set({ serial: event.target.value === '' ? null : event.target.value })}
          />
        ) : (
          // What cannot be typed is kept as it is: an input would repair it.
          <RawTextView key="serial" text={one.serial} />
        ),
      ]}
    />
  )
}
