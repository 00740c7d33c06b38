/** Asks whoever sat at the computer for a statement: makes the form that is printed and comes back written. */
import { Form, Input } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { askStatement } from '../server/handling-queries.ts'
import { consoleNow } from '../server/request.ts'
import { DateField } from '../show/date-field.tsx'
import { dayOf, endOfDay } from './days.ts'
import type { DialogProps } from './handling-dialogs.tsx'
import { HandlingForm } from './handling-form.tsx'

const dueDays = 3
const dayMs = 86_400_000

export function AskStatementDialog({ violation, onClose }: DialogProps): ReactNode {
  const { t } = useText()
  return (
    <HandlingForm
      title={t('handling.statement-ask-title', { id: violation.id })}
      okText={t('handling.statement-ask')}
      does={t('handling.statement-ask-does')}
      initial={{
        person: '',
        question: t('handling.statement-question-example'),
        due: dayOf(consoleNow() + dueDays * dayMs),
      }}
      send={({ person, question, due }) =>
        askStatement(violation.id, {
          person: person.trim(),
          question: question.trim(),
          dueAt: endOfDay(due) ?? 0,
        })
      }
      done={t('handling.done')}
      onClose={onClose}
    >
      <Form.Item
        name="person"
        label={t('handling.statement-person')}
        rules={[{ required: true, whitespace: true }]}
      >
        <Input maxLength={100} autoFocus data-testid="field-person" />
      </Form.Item>
      <Form.Item
        name="question"
        label={t('handling.statement-question')}
        rules={[{ required: true, whitespace: true }]}
      >
        <Input.TextArea rows={3} maxLength={2_000} data-testid="field-question" />
      </Form.Item>
      <Form.Item name="due" label={t('handling.statement-due')} rules={[{ required: true }]}>
        <DateField min={dayOf(consoleNow())} data-testid="field-due" />
      </Form.Item>
    </HandlingForm>
  )
}
