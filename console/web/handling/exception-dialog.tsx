/** Allows the like of a violation on its computer until a day. */
import { Form } from 'antd'
import type { ReactNode } from 'react'
import type { NewExceptionAnswer } from '../../api/contract-handling.ts'
import { useText } from '../i18n/use-text.ts'
import { ReasonField } from '../media/reason-field.tsx'
import { makeException } from '../server/handling-queries.ts'
import { consoleNow } from '../server/request.ts'
import { DateField } from '../show/date-field.tsx'
import { dayOf, endOfDay } from './days.ts'
import type { DialogProps } from './handling-dialogs.tsx'
import { HandlingForm } from './handling-form.tsx'

const dayMs = 86_400_000

export function ExceptionDialog({ violation, handling, onClose }: DialogProps): ReactNode {
  const { t, pick } = useText()
  const { needsTwo = false, daysMax = 1 } = handling.exception ?? {}
  const now = consoleNow()
  return (
    <HandlingForm
      title={t('handling.exception-title', { id: violation.id })}
      okText={needsTwo ? t('handling.ask') : t('handling.exception-make')}
      does={t('handling.exception-does')}
      initial={{ until: dayOf(now + Math.min(daysMax - 1, 7) * dayMs), reason: '' }}
      send={({ until, reason }) =>
        makeException(violation.id, { until: endOfDay(until) ?? 0, reason: reason.trim() })
      }
      done={(answer) =>
        (answer as NewExceptionAnswer).proposal === null ? t('handling.exception-done') : t('handling.asked')
      }
      onClose={onClose}
    >
      <p className="gap-below">{pick(violation.headline)}</p>
      {needsTwo && (
        <p className="consequence" data-testid="needs-second">
          {t('handling.needs-two')}
        </p>
      )}
      <Form.Item
        name="until"
        label={t('handling.exception-until', { days: daysMax })}
        rules={[{ required: true }]}
      >
        <DateField min={dayOf(now)} max={dayOf(now + (daysMax - 1) * dayMs)} data-testid="field-until" />
      </Form.Item>
      <ReasonField example={t('handling.example.comment')} />
    </HandlingForm>
  )
}
