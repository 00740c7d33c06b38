/** A file put beside a violation, as evidence. */
import { Form, Input } from 'antd'
import { type ReactNode, useState } from 'react'
import { useText } from '../i18n/use-text.ts'
import { attachFile } from '../server/handling-queries.ts'
import { ApiError } from '../server/request.ts'
import type { DialogProps } from './handling-dialogs.tsx'
import { HandlingForm } from './handling-form.tsx'

const bytesMax = 10_485_760

export function AttachDialog({ violation, onClose }: DialogProps): ReactNode {
  const { t } = useText()
  const [file, setFile] = useState<File | null>(null)
  const fault = file !== null && file.size > bytesMax ? t('handling.attach-large') : null
  return (
    <HandlingForm
      title={t('handling.attach-title', { id: violation.id })}
      okText={t('handling.attach')}
      does={t('handling.attach-does')}
      initial={{ note: '' }}
      send={async ({ note }) => {
        if (file === null) throw new ApiError('invalid-request', 400, t('handling.attach-choose'), false)
        return attachFile(violation.id, file, note.trim())
      }}
      done={t('handling.done')}
      onClose={onClose}
    >
      <Form.Item
        label={t('handling.attach-choose')}
        validateStatus={fault === null ? '' : 'error'}
        help={fault}
      >
        <input
          type="file"
          aria-label={t('handling.attach-choose')}
          onChange={(event) => setFile(event.target.files?.[0] ?? null)}
          data-testid="field-file"
        />
      </Form.Item>
      <Form.Item name="note" label={t('handling.attach-note')}>
        <Input maxLength={500} placeholder={t('handling.attach-note-example')} data-testid="field-note" />
      </Form.Item>
    </HandlingForm>
  )
}
