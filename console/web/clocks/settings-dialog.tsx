/** Who is told at which time left, the unit's time zone, the day of the yearly hand-in. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Checkbox, Form, Input, InputNumber, Select } from 'antd'
import type { ReactNode } from 'react'
import type { ClockSettingsAnswer, NewClockSettings } from '../../api/contract-clocks.ts'
import { dialogHome } from '../frame/dialog-home.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { ReasonField } from '../media/reason-field.tsx'
import { clockSettingsQuery, refreshClocks } from '../server/clock-queries.ts'
import { request } from '../server/request.ts'

type Step = ClockSettingsAnswer['steps'][number]
interface Fields {
  readonly zone: string
  readonly hasSuperior: boolean
  readonly isOn: boolean
  readonly month: number
  readonly day: number
  readonly steps: readonly { clock: Step['clock']; hours: number; role: Step['role']; person?: string }[]
  readonly reason: string
}

const kinds = ['leak-report', 'leak-result', 'missing-carrier', 'rectification'] as const
const roles = ['sec-admin', 'office-head', 'committee'] as const

export function SettingsDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { data } = useQuery(clockSettingsQuery)
  return data === undefined ? null : <Settings settings={data} onClose={onClose} />
}

function Settings({
  settings,
  onClose,
}: {
  readonly settings: ClockSettingsAnswer
  readonly onClose: () => void
}): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const [form] = Form.useForm<Fields>()
  const send = useMutation({
    mutationFn: (fields: Fields) => request('PUT', '/api/clock-settings', changeOf(fields, settings.version)),
    onSuccess: async () => {
      await refreshClocks(cache)
      onClose()
    },
  })
  const { isOn, month, day } = settings.handIn
  return (
    <AskDialog
      title={t('clocks.settings')}
      okText={t('clocks.save')}
      okTestId="clock-settings-submit"
      width={880}
      error={send.error}
      isPending={send.isPending}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{
          ...{ zone: settings.zone, hasSuperior: settings.hasSuperior, isOn, month, day },
          steps: settings.steps.map(({ leftMinutes, ...one }) => ({ ...one, hours: leftMinutes / 60 })),
        }}
        onFinish={(fields) => send.mutate(fields)}
      >
        <h3>{t('clocks.steps')}</h3>
        <Form.List name="steps">
          {(rows, { add, remove }) => (
            <ul className="clock-steps">
              {rows.map(({ key, name }) => (
                <li key={key} className="field-row">
                  <Form.Item name={[name, 'clock']}>
                    <Select
                      aria-label={t('clocks.field.clock')}
                      getPopupContainer={dialogHome}
                      style={{ width: 230 }}
                      options={kinds.map((value) => ({ value, label: t(`clocks.kind.${value}`) }))}
                    />
                  </Form.Item>
                  <Form.Item name={[name, 'hours']}>
                    <InputNumber
                      aria-label={t('clocks.field.hours')}
                      min={0}
                      max={8_760}
                      suffix={t('clocks.hours-left')}
                      style={{ width: 150 }}
                    />
                  </Form.Item>
                  <Form.Item name={[name, 'role']}>
                    <Select
                      aria-label={t('clocks.field.role')}
                      getPopupContainer={dialogHome}
                      style={{ width: 210 }}
                      options={roles.map((value) => ({ value, label: t(`clocks.role.${value}`) }))}
                    />
                  </Form.Item>
                  <Form.Item name={[name, 'person']}>
                    <Input
                      aria-label={t('clocks.field.name')}
                      placeholder={t('clocks.field.name')}
                      maxLength={100}
                    />
                  </Form.Item>
                  <Button type="text" aria-label={t('clocks.remove')} onClick={() => remove(name)}>
                    ×
                  </Button>
                </li>
              ))}
              <li>
                <Button
                  size="small"
                  onClick={() => add({ clock: 'leak-report', hours: 1, role: 'committee', person: '' })}
                >
                  {t('clocks.add-step')}
                </Button>
              </li>
            </ul>
          )}
        </Form.List>
        <h3>{t('clocks.report-to')}</h3>
        <Form.Item name="hasSuperior" valuePropName="checked" extra={t('clocks.report-to-both')}>
          <Checkbox data-testid="has-superior">{t('clocks.field.hasSuperior')}</Checkbox>
        </Form.Item>
        <h3>{t('clocks.hand-ins')}</h3>
        <div className="field-row">
          <Form.Item name="isOn" valuePropName="checked">
            <Checkbox>{t('clocks.field.isOn')}</Checkbox>
          </Form.Item>
          <Form.Item name="month" label={t('clocks.field.month')}>
            <InputNumber min={1} max={12} precision={0} />
          </Form.Item>
          <Form.Item name="day" label={t('clocks.field.handInDay')}>
            <InputNumber min={1} max={31} precision={0} />
          </Form.Item>
          <Form.Item name="zone" label={t('clocks.field.zone')}>
            <Input maxLength={60} spellCheck={false} />
          </Form.Item>
        </div>
        <ReasonField example={t('clocks.settings-example')} />
      </Form>
    </AskDialog>
  )
}

function changeOf(fields: Fields, baseVersion: number): NewClockSettings {
  return {
    zone: fields.zone.trim(),
    hasSuperior: fields.hasSuperior,
    handIn: { isOn: fields.isOn, month: fields.month, day: fields.day },
    steps: fields.steps.map(({ clock, hours, role, person = '' }) => ({
      ...{ clock, role, leftMinutes: Math.round(hours * 60), person: person.trim() },
    })),
    baseVersion,
    reason: fields.reason.trim(),
  }
}
