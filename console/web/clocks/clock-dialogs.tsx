/** What is done about a clock: it was reported, a day was agreed; and what was done so far. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Form, Input, Modal, Radio } from 'antd'
import type { ReactNode } from 'react'
import type { NewRectification, NewReport } from '../../api/contract-clocks.ts'
import { dialogHome } from '../frame/dialog-home.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { ReasonField } from '../media/reason-field.tsx'
import { clockActsQuery, refreshClocks } from '../server/clock-queries.ts'
import { consoleNow, request } from '../server/request.ts'
import { DateField, MinuteField } from '../show/date-field.tsx'
import { QueryError } from '../show/query-states.tsx'
import { TimeView } from '../show/time-view.tsx'
import { DueView } from './due-view.tsx'

export type ClockAct =
  | {
      readonly act: 'report'
      readonly violation: number
      readonly what: 'report' | 'result'
      /** Whom it has not reached yet; the first is proposed. */
      readonly owed: readonly NewReport['recipient'][]
    }
  | { readonly act: 'rectification' | 'history'; readonly violation: number }

export function ClockDialog({
  asked,
  onClose,
}: {
  readonly asked: ClockAct
  readonly onClose: () => void
}): ReactNode {
  if (asked.act === 'report') return <ReportDialog asked={asked} onClose={onClose} />
  if (asked.act === 'history') return <HistoryDialog violation={asked.violation} onClose={onClose} />
  return <RectificationDialog violation={asked.violation} onClose={onClose} />
}

interface ReportFields {
  readonly recipient: NewReport['recipient']
  readonly office: string
  readonly person: string
  readonly number?: string
  readonly at: string
  readonly note?: string
}

const recipients = ['bureau', 'superior', 'committee', 'other'] as const

function ReportDialog({
  asked,
  onClose,
}: {
  readonly asked: Extract<ClockAct, { act: 'report' }>
  readonly onClose: () => void
}): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const [form] = Form.useForm<ReportFields>()
  const recipient = Form.useWatch('recipient', form)
  const send = useMutation({
    mutationFn: ({ at, number = '', note = '', ...fields }: ReportFields) => {
      const body: NewReport = {
        ...fields,
        what: asked.what,
        number,
        note,
        reportedAt: new Date(at).getTime(),
      }
      return request('POST', `/api/violations/${asked.violation}/reports`, body)
    },
    onSuccess: async () => {
      await refreshClocks(cache)
      onClose()
    },
  })
  const needed = [{ required: true, whitespace: true, message: t('clocks.needed') }]
  return (
    <AskDialog
      title={t(asked.what === 'report' ? 'clocks.do-report' : 'clocks.do-result')}
      okText={t('clocks.record')}
      okTestId="clock-submit"
      error={send.error}
      isPending={send.isPending}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ recipient: asked.owed[0] ?? 'bureau', at: localMinute(consoleNow()) }}
        onFinish={(fields) => send.mutate(fields)}
      >
        <p className="consequence">{t(`clocks.does-${asked.what}`)}</p>
        <Form.Item name="recipient" label={t('clocks.field.recipient')}>
          <Radio.Group
            options={recipients.map((value) => ({ value, label: t(`clocks.recipient.${value}`) }))}
          />
        </Form.Item>
        {(recipient === 'committee' || recipient === 'other') && (
          <p className="clock-note" role="status">
            {t('clocks.ends-nothing')}
          </p>
        )}
        <div className="field-row">
          <Form.Item name="office" label={t('clocks.field.office')} rules={needed}>
            <Input maxLength={100} data-testid="field-office" />
          </Form.Item>
          <Form.Item name="person" label={t('clocks.field.person')} rules={needed}>
            <Input maxLength={100} data-testid="field-person" />
          </Form.Item>
        </div>
        <div className="field-row">
          <Form.Item name="at" label={t('clocks.field.at')} rules={needed}>
            <MinuteField max={localMinute(consoleNow() + 60_000)} data-testid="field-at" />
          </Form.Item>
          <Form.Item name="number" label={t('clocks.field.number')}>
            <Input maxLength={100} />
          </Form.Item>
        </div>
        <Form.Item name="note" label={t('clocks.field.note')}>
          <Input maxLength={500} />
        </Form.Item>
        <button type="submit" hidden aria-hidden="true" tabIndex={-1} />
      </Form>
    </AskDialog>
  )
}

function RectificationDialog({
  violation,
  onClose,
}: {
  readonly violation: number
  readonly onClose: () => void
}): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const [form] = Form.useForm<NewRectification>()
  const send = useMutation({
    mutationFn: (fields: NewRectification) =>
      request('POST', `/api/violations/${violation}/rectification`, fields),
    onSuccess: async () => {
      await refreshClocks(cache)
      onClose()
    },
  })
  return (
    <AskDialog
      title={t('clocks.do-rectification')}
      okText={t('clocks.agree')}
      okTestId="clock-submit"
      error={send.error}
      isPending={send.isPending}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(fields) => send.mutate(fields)}>
        <p className="consequence">{t('clocks.does-rectification')}</p>
        <Form.Item
          name="day"
          label={t('clocks.field.day')}
          rules={[{ required: true, message: t('clocks.needed') }]}
        >
          <DateField min={localMinute(consoleNow()).slice(0, 10)} data-testid="field-day" />
        </Form.Item>
        <ReasonField example={t('clocks.rectify-example')} />
      </Form>
    </AskDialog>
  )
}

function HistoryDialog({
  violation,
  onClose,
}: {
  readonly violation: number
  readonly onClose: () => void
}): ReactNode {
  const { t } = useText()
  const query = useQuery(clockActsQuery(violation))
  const acts = query.data
  const count = acts === undefined ? 0 : acts.reports.length + acts.dates.length + acts.escalations.length
  return (
    <Modal
      open
      getContainer={dialogHome}
      title={t('clocks.history')}
      width={640}
      onCancel={onClose}
      footer={null}
    >
      <QueryError query={query} />
      {acts !== undefined && count === 0 && <p className="muted">{t('clocks.no-history')}</p>}
      {acts !== undefined && count > 0 && (
        <ol className="clock-history">
          {acts.reports.map((one) => (
            <li key={`r${one.id}`}>
              <TimeView ms={one.reportedAt} /> {t(`clocks.what.${one.what}`)} ·{' '}
              {t(`clocks.recipient.${one.recipient}`)}: {one.office}, {one.person} {one.number}
              <span className="muted">
                {' '}
                ({t('clocks.written')} <TimeView ms={one.at} /> · {one.account})
              </span>
            </li>
          ))}
          {acts.dates.map((one) => (
            <li key={`d${one.id}`}>
              <TimeView ms={one.at} /> {t('clocks.agreed-by')} <DueView ms={one.dueAt} /> · {one.account} ·{' '}
              {one.reason}
            </li>
          ))}
          {acts.escalations.map((one) => (
            <li key={`e${one.id}`}>
              <TimeView ms={one.at} /> {t('clocks.told')} {t(`clocks.role.${one.role}`)} {one.person}
            </li>
          ))}
        </ol>
      )}
    </Modal>
  )
}

/** As a field of date and time has it, in the reader's own zone. */
function localMinute(ms: number): string {
  const at = new Date(ms)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`
}
