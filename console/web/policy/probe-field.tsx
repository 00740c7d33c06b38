/** The active probe: off unless somebody wants it, and what it means said beside it. */
import type { NetworkRules } from '@shoukou/protocol'
import { Checkbox, Input, InputNumber } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { type NetworkFault, probeBounds } from './network-draft.ts'
import { FieldFaults } from './network-faults.tsx'

type Probe = NonNullable<NetworkRules['probe']>

interface Props {
  readonly probe: NetworkRules['probe']
  readonly faults: readonly NetworkFault[]
  readonly isReadOnly: boolean
  readonly onChange: (probe: NetworkRules['probe']) => void
}

const firstProbe: Probe = { address: '', port: 443, everyMinutes: 60 }

export function ProbeField({ probe, faults, isReadOnly, onChange }: Props): ReactNode {
  const { t } = useText()
  const wrong = (...whats: readonly NetworkFault['what'][]) =>
    faults.some((one) => one.list === 'probe' && whats.includes(one.what)) ? { status: 'error' as const } : {}
  return (
    <section aria-label={t('policy.probe')}>
      <h3>{t('policy.probe')}</h3>
      <p className="consequence">{t('policy.probe-warning')}</p>
      <Checkbox
        checked={probe !== null}
        disabled={isReadOnly}
        data-testid="probe-on"
        onChange={(event) => onChange(event.target.checked ? firstProbe : null)}
      >
        {t('policy.probe-on')} {probe === null && <span className="muted">({t('policy.probe-off')})</span>}
      </Checkbox>
      {probe !== null && (
        <div className="probe-row">
          <label>
            {t('policy.address')}
            <Input
              className="mono"
              dir="ltr"
              maxLength={45}
              placeholder="10.1.0.10"
              value={probe.address}
              readOnly={isReadOnly}
              {...wrong('probe-address', 'probe-outside', 'probe-unapproved')}
              data-testid="probe-address"
              onChange={(event) => onChange({ ...probe, address: event.target.value.trim() })}
            />
          </label>
          <label>
            {t('policy.probe-port')}
            <InputNumber
              value={probe.port}
              min={probeBounds.portMin}
              max={probeBounds.portMax}
              disabled={isReadOnly}
              {...wrong('probe-port')}
              onChange={(port) => onChange({ ...probe, port: port ?? 0 })}
            />
          </label>
          <label>
            {t('policy.probe-every')}
            <InputNumber
              value={probe.everyMinutes}
              min={probeBounds.everyMin}
              max={probeBounds.everyMax}
              suffix={t('unit.minutes')}
              disabled={isReadOnly}
              {...wrong('probe-every')}
              onChange={(everyMinutes) => onChange({ ...probe, everyMinutes: everyMinutes ?? 0 })}
            />
          </label>
        </div>
      )}
      <FieldFaults list="probe" faults={faults} />
    </section>
  )
}
