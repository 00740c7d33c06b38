/** Writes a note to findings, or lets them rest until a day: why is part of it. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Form, Input } from 'antd'
import type { ReactNode } from 'react'
import type { FindingActs } from '../../api/contract-findings.ts'
import { dayOf, endOfDay } from '../handling/days.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { forgetFindings } from '../server/findings-queries.ts'
import { consoleNow, request } from '../server/request.ts'
import { DateField } from '../show/date-field.tsx'
import type { Asked } from './findings-page.tsx'

interface Filled {
  readonly text: string
  /** `2026-11-22`; empty: for good. */
  readonly until?: string
}

const dayMs = 86_400_000
const snoozeDaysMax = 90
const snoozeDaysFirst = 14

export function FindingDialog({
  asked: { act, of },
  onClose,
}: {
  readonly asked: Asked
  readonly onClose: () => void
}): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const [form] = Form.useForm<Filled>()
  const isSnooze = act === 'snooze'
  const now = consoleNow()
  const send = useMutation({
    mutationFn: ({ text, until }: Filled) => {
      const body: FindingActs = {
        findings: of.map(({ id, version }) => ({ id, version })),
        act: isSnooze
          ? { kind: 'snooze', until: endOfDay(until ?? ''), text: text.trim() }
          : { kind: 'note', text: text.trim() },
      }
      return request('POST', '/api/findings/acts', body)
    },
    onSuccess: () => {
      forgetFindings(cache)
      onClose()
    },
  })
  return (
    <AskDialog
      title={t(isSnooze ? 'findings.snooze-title' : 'findings.note-title', {
        number: of.length === 1 ? (of[0]?.number ?? '') : String(of.length),
      })}
      okText={t(isSnooze ? 'findings.snooze' : 'findings.note-add')}
      okTestId="finding-submit"
      error={send.error}
      isPending={send.isPending}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <Form<Filled>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{
          text: isSnooze ? '' : (of[0]?.note ?? ''),
          until: dayOf(now + snoozeDaysFirst * dayMs),
        }}
        onFinish={(filled) => send.mutate(filled)}
      >
        {isSnooze && (
          <Form.Item name="until" label={t('findings.until')} extra={t('findings.until-hint')}>
            <DateField
              min={dayOf(now)}
              max={dayOf(now + (snoozeDaysMax - 1) * dayMs)}
              data-testid="finding-until"
            />
          </Form.Item>
        )}
        <Form.Item
          name="text"
          label={t(isSnooze ? 'medium.reason' : 'findings.note')}
          rules={isSnooze ? [{ required: true, whitespace: true, message: t('medium.reason-missing') }] : []}
        >
          <Input.TextArea
            rows={3}
            maxLength={500}
            placeholder={t(isSnooze ? 'findings.snooze-example' : 'findings.note-example')}
            data-testid="finding-text"
          />
        </Form.Item>
      </Form>
    </AskDialog>
  )
}
