/** The plain settings of a policy: level, network mode, modes, limits, required sensors. */

import type { NetworkMode, PolicySettings, SensorName } from '@shoukou/protocol'
import { LEVELS } from '@shoukou/protocol/levels.ts'
import { EXPORT_AFTER_MS_DEFAULT } from '@shoukou/protocol/policy.ts'
import { Checkbox, InputNumber, Select } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { levelWords } from '../show/level-tag.tsx'
import { type DraftFault, type LimitName, limitBounds } from './policy-draft.ts'

export interface FieldProps {
  readonly settings: PolicySettings
  readonly onChange: (part: Partial<PolicySettings>) => void
  readonly isReadOnly: boolean
}

const networkModes = ['standalone', 'classified-lan'] as const satisfies readonly NetworkMode[]
const modeChoices = {
  media: ['observe', 'enforce'],
  files: ['observe', 'enforce'],
} as const
const modeGroups = ['media', 'files'] as const
const sensors = [
  'usb',
  'media',
  'network',
  'connections',
  'hardware',
  'files',
  'folders',
  'host',
  'clock',
  'sessions',
] as const satisfies readonly SensorName[]
const limitUnits: Readonly<Record<LimitName, { readonly ms: number; readonly word: 'seconds' | 'hours' }>> = {
  silentAfterMs: { ms: 1_000, word: 'seconds' },
  stoppedAfterMs: { ms: 3_600_000, word: 'hours' },
  clockBackMsMax: { ms: 1_000, word: 'seconds' },
  exportAfterMs: { ms: 3_600_000, word: 'hours' },
}
const limitNames = ['silentAfterMs', 'stoppedAfterMs', 'exportAfterMs', 'clockBackMsMax'] as const

export function LevelField({ settings, onChange, isReadOnly }: FieldProps): ReactNode {
  const { t, language } = useText()
  return (
    <div className="form-row">
      <label>
        <span>{t('policy.field.level')}</span>
        <Select
          value={settings.level}
          disabled={isReadOnly}
          data-testid="policy-level"
          onChange={(level) => onChange({ level })}
          options={LEVELS.toReversed().map((one) => ({
            value: one,
            label: levelWords(one, language === 'en'),
          }))}
        />
      </label>
      <label>
        <span>{t('policy.field.networkMode')}</span>
        <Select
          value={settings.networkMode}
          disabled={isReadOnly}
          onChange={(networkMode) => onChange({ networkMode })}
          options={networkModes.map((one) => ({ value: one, label: t(`value.networkMode.${one}`) }))}
        />
      </label>
    </div>
  )
}

/** What is not built stands there so that nobody thinks it was forgotten. The network's mode stands with its rules. */
export function ModesField({ settings, onChange, isReadOnly }: FieldProps): ReactNode {
  const { t } = useText()
  return (
    <div className="form-row">
      {modeGroups.map((group) => (
        <label key={group}>
          <span>{t(`policy.mode.${group}`)}</span>
          <Select
            value={settings.modes[group]}
            disabled={isReadOnly}
            data-testid={`policy-mode-${group}`}
            onChange={(mode) => onChange({ modes: { ...settings.modes, [group]: mode } })}
            options={modeChoices[group].map((one) => ({
              value: one,
              label: isBuilt(group, one)
                ? t(`policy.mode-${one}`)
                : `${t(`policy.mode-${one}`)} — ${t('policy.not-yet')}`,
              disabled: !isBuilt(group, one),
            }))}
          />
        </label>
      ))}
    </div>
  )
}

function isBuilt(group: (typeof modeGroups)[number], mode: string): boolean {
  return mode === 'observe' || group === 'media'
}

export function LimitsField({
  settings,
  onChange,
  faults,
  isReadOnly,
}: FieldProps & { readonly faults: readonly DraftFault[] }): ReactNode {
  const { t } = useText()
  return (
    <div className="form-row">
      {limitNames.map((name) => {
        const { ms, word } = limitUnits[name]
        const isWrong = faults.some((fault) => fault.field === 'limit' && fault.name === name)
        return (
          <label key={name}>
            <span>{t(`policy.limit.${name}`)}</span>
            <InputNumber
              value={(settings.limits[name] ?? EXPORT_AFTER_MS_DEFAULT) / ms}
              min={limitBounds[name].min / ms}
              max={limitBounds[name].max / ms}
              suffix={t(`unit.${word}`)}
              disabled={isReadOnly}
              {...(isWrong ? { status: 'error' as const } : {})}
              onChange={(value) =>
                onChange({ limits: { ...settings.limits, [name]: Math.round((value ?? 0) * ms) } })
              }
            />
          </label>
        )
      })}
    </div>
  )
}

export function SensorsField({ settings, onChange, isReadOnly }: FieldProps): ReactNode {
  const { t } = useText()
  return (
    <Checkbox.Group
      value={[...settings.requiredSensors]}
      disabled={isReadOnly}
      onChange={(chosen) => onChange({ requiredSensors: sensors.filter((one) => chosen.includes(one)) })}
      options={sensors.map((one) => ({ value: one, label: t(`sensor.${one}`) }))}
    />
  )
}
