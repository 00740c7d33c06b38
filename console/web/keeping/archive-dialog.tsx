/** Archives what is out of its period, and asks a second person to let it go; shows first what that is. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Form } from 'antd'
import type { ReactNode } from 'react'
import type { Archive, ArchivesAnswer, RemovalAsked } from '../../api/contract-archives.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { ReasonField } from '../media/reason-field.tsx'
import { archivesQuery } from '../server/keeping-queries.ts'
import { request } from '../server/request.ts'
import { RawTextView } from '../show/raw-text-view.tsx'
import { Preview } from './archive-preview.tsx'

interface Props extends Pick<ArchivesAnswer, 'preview'> {
  readonly again: Archive | null
  readonly onClose: () => void
}

export function ArchiveDialog({ preview, again, onClose }: Props): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const [form] = Form.useForm<{ reason: string }>()
  const send = useMutation({
    mutationFn: ({ reason }: { reason: string }) =>
      again === null
        ? request<RemovalAsked>('POST', '/api/archives', { reason: reason.trim() })
        : request<RemovalAsked>('POST', '/api/archives/removal', { name: again.name, reason: reason.trim() }),
    // Also where asking was refused: the archive itself may have been made.
    onSettled: () => void cache.invalidateQueries({ queryKey: archivesQuery.queryKey }),
  })
  return (
    <AskDialog
      title={t('archive.ask')}
      okText={send.isSuccess ? t('isolation.close') : t('archive.do')}
      okTestId="archive-submit"
      error={send.error}
      isPending={send.isPending}
      isDone={send.isSuccess}
      width={640}
      onOk={() => (send.isSuccess ? onClose() : form.submit())}
      onClose={onClose}
    >
      {send.isSuccess ? (
        <p role="status" data-testid="archive-asked">
          {t('archive.asked')} <RawTextView text={send.data.name} />
        </p>
      ) : (
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={{ reason: '' }}
          onFinish={(fields) => send.mutate(fields)}
        >
          <p className="consequence">{t('archive.does')}</p>
          {again === null ? <Preview preview={preview} /> : <RawTextView text={again.name} />}
          <ReasonField example={t('archive.reason-example')} isFirst />
        </Form>
      )}
    </AskDialog>
  )
}
