/** What is done about the network: each choice with the sentence of what it does. */
import { Radio } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import type { FieldProps } from './setting-fields.tsx'

const modes = ['observe', 'alarm', 'enforce'] as const

export function NetworkModeField({ settings, onChange, isReadOnly }: FieldProps): ReactNode {
  const { t } = useText()
  const hasRules = settings.network !== undefined
  return (
    <Radio.Group
      className="state-choices network-modes"
      aria-label={t('policy.mode.network')}
      value={settings.modes.network}
      disabled={isReadOnly}
      onChange={(event) => {
        const network = modes.find((one) => one === event.target.value)
        if (network !== undefined) onChange({ modes: { ...settings.modes, network } })
      }}
    >
      {modes.map((mode) => {
        const isOpen = mode === 'observe' || hasRules || settings.modes.network === mode
        return (
          <Radio
            key={mode}
            value={mode}
            disabled={isReadOnly || !isOpen}
            data-testid={`network-mode-${mode}`}
          >
            <strong>{t(`policy.mode-${mode}`)}</strong>
            <span className="muted"> — {t(`policy.network-does.${mode}`)}</span>
            {!isOpen && <span className="note"> {t('policy.network-needs-rules')}</span>}
          </Radio>
        )
      })}
    </Radio.Group>
  )
}
