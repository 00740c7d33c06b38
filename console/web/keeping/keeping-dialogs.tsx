/** What may be done with backups, each with its reason and what it will do. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Checkbox, Form, Input, InputNumber } from 'antd'
import type { ReactNode } from 'react'
import type { KeepingAnswer, KeepingChange, RestoreOrder } from '../../api/contract-keeping.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { ReasonField } from '../media/reason-field.tsx'
import { keepingQuery } from '../server/keeping-queries.ts'
import { request } from '../server/request.ts'
import { HalvesFields } from './halves-fields.tsx'

interface Props {
  readonly act: 'begin' | 'settings' | 'passphrase' | 'restore'
  readonly state: KeepingAnswer
  readonly onClose: () => void
}

interface Fields {
  readonly reason: string
  readonly isDaily?: boolean
  readonly time?: string
  readonly keep?: number
  readonly folder?: string
  readonly ageHoursMax?: number
  readonly retentionYears?: number
  readonly first?: string
  readonly firstAgain?: string
  readonly second?: string
  readonly secondAgain?: string
  readonly place?: string
}

export function KeepingDialog({ act, state, onClose }: Props): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const [form] = Form.useForm<Fields>()
  const send = useMutation({
    mutationFn: (fields: Fields) => sendAct(act, state, fields),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: keepingQuery.queryKey })
      if (act !== 'restore') onClose()
    },
  })
  const isAsked = act === 'restore' && send.isSuccess
  return (
    <AskDialog
      title={t(`backup.${act}`)}
      okText={isAsked ? t('isolation.close') : t(`backup.do-${act}`)}
      okTestId="backup-submit"
      error={send.error}
      isPending={send.isPending}
      isDone={isAsked}
      onOk={() => (isAsked ? onClose() : form.submit())}
      onClose={onClose}
    >
      {isAsked ? (
        <p role="status">{t('backup.asked')}</p>
      ) : (
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={initialOf(state)}
          onFinish={(fields) => send.mutate(fields)}
        >
          <p className="consequence">{t(`backup.does-${act}`)}</p>
          {act === 'settings' && <SettingFields state={state} />}
          {act === 'restore' && <Needed name="place" />}
          {(act === 'passphrase' || act === 'restore') && <HalvesFields isNew={act === 'passphrase'} />}
          <ReasonField example={t('backup.reason-example')} isFirst={act === 'begin'} />
        </Form>
      )}
    </AskDialog>
  )
}

function SettingFields({ state }: Pick<Props, 'state'>): ReactNode {
  const { t } = useText()
  const isDaily = Form.useWatch<boolean | undefined>('isDaily') ?? state.daily !== null
  return (
    <>
      <Needed name="folder" />
      <Form.Item name="isDaily" valuePropName="checked">
        <Checkbox>{t('backup.field.isDaily')}</Checkbox>
      </Form.Item>
      {isDaily && (
        <div className="field-row">
          <Form.Item
            name="time"
            label={t('backup.field.time')}
            rules={[
              { required: true, pattern: /^([01]\d|2[0-3]):[0-5]\d$/, message: t('backup.time-wrong') },
            ]}
          >
            <Input style={{ width: 120 }} maxLength={5} />
          </Form.Item>
          <Amount name="keep" min={2} max={1_000} />
        </div>
      )}
      <div className="field-row">
        <Amount name="ageHoursMax" min={1} max={8_760} />
        <Amount name="retentionYears" min={state.retentionYears} max={100} />
      </div>
    </>
  )
}

function Needed({ name }: { readonly name: 'folder' | 'place' }): ReactNode {
  const { t } = useText()
  return (
    <Form.Item
      name={name}
      label={t(`backup.field.${name}`)}
      extra={t(`backup.hint.${name}`)}
      rules={[{ required: true, whitespace: true, message: t('forward.missing') }]}
    >
      <Input spellCheck={false} data-testid={`field-${name}`} />
    </Form.Item>
  )
}

function Amount({
  name,
  min,
  max,
}: {
  readonly name: 'keep' | 'ageHoursMax' | 'retentionYears'
  readonly min: number
  readonly max: number
}): ReactNode {
  const { t } = useText()
  return (
    <Form.Item
      name={name}
      label={t(`backup.field.${name}`)}
      rules={[{ required: true, message: t('forward.missing') }]}
    >
      <InputNumber min={min} max={max} precision={0} />
    </Form.Item>
  )
}

function initialOf(state: KeepingAnswer): Fields {
  const minute = state.daily?.minuteOfDay ?? 120
  const two = (value: number): string => String(value).padStart(2, '0')
  return {
    reason: '',
    isDaily: state.daily !== null,
    time: `${two(Math.floor(minute / 60))}:${two(minute % 60)}`,
    keep: state.daily?.keep ?? 14,
    folder: state.folder ?? '',
    ageHoursMax: state.ageHoursMax,
    retentionYears: state.retentionYears,
  }
}

function sendAct(act: Props['act'], state: KeepingAnswer, fields: Fields): Promise<unknown> {
  const reason = fields.reason.trim()
  const halves = { first: fields.first ?? '', second: fields.second ?? '' }
  switch (act) {
    case 'begin':
      return request('POST', '/api/backups', { reason })
    case 'passphrase':
      return request('POST', '/api/backups/passphrase', { version: state.version, halves, reason })
    case 'restore': {
      const order: RestoreOrder = { place: fields.place?.trim() ?? '', halves, reason }
      return request('POST', '/api/backups/restore', order)
    }
    case 'settings': {
      const [hour = 0, minute = 0] = (fields.time ?? '02:00').split(':').map(Number)
      const isDaily = fields.isDaily ?? false
      const change: KeepingChange = {
        version: state.version,
        daily: isDaily ? { minuteOfDay: hour * 60 + minute, keep: fields.keep ?? 14 } : null,
        folder: fields.folder?.trim() ?? null,
        ageHoursMax: fields.ageHoursMax ?? state.ageHoursMax,
        retentionYears: fields.retentionYears ?? state.retentionYears,
        reason,
      }
      return request('PUT', '/api/backups/settings', change)
    }
  }
}
