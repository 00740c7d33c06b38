/** Brings a signed ceiling: who signed it and what it would change are seen before the button is live. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Form } from 'antd'
import type { ReactNode } from 'react'
import type { CeilingPreview, NewCeiling } from '../../api/contract-ceiling.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { ReasonField } from '../media/reason-field.tsx'
import { bringCeiling, ceilingQuery, previewCeiling } from '../server/ceiling-queries.ts'
import { RawTextView } from '../show/raw-text-view.tsx'
import { BeyondList } from './ceiling-reach.tsx'

const fileBytesMax = 262_144

export function BringDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const [form] = Form.useForm<{ reason: string }>()
  const typed = Form.useWatch('reason', form) ?? ''
  const preview = useMutation({
    mutationFn: async (file: File) => {
      const signed = await signedIn(file, t('ceiling.no-file'))
      return { signed, found: await previewCeiling(signed) }
    },
  })
  const bring = useMutation({
    mutationFn: bringCeiling,
    onSuccess: (answer) => {
      cache.setQueryData(ceilingQuery.queryKey, answer)
      onClose()
    },
  })
  const { data } = preview
  return (
    <AskDialog
      title={t('ceiling.bring-title')}
      okText={t('ceiling.bring')}
      okTestId="ceiling-submit"
      width={720}
      error={bring.error ?? preview.error}
      isPending={bring.isPending}
      isReady={data !== undefined && typed.trim() !== ''}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <p className="muted">{t('ceiling.bring-why')}</p>
      <p className="import-choose">
        <label className="file-button">
          <input
            type="file"
            accept=".json,application/json"
            data-testid="ceiling-file"
            onChange={(event) => {
              const file = event.target.files?.[0]
              bring.reset()
              if (file !== undefined) preview.mutate(file)
              // So that the same file, signed once more, can be chosen again.
              event.target.value = ''
            }}
          />
          <span className="file-button-face">{t('ceiling.choose')}</span>
        </label>
      </p>
      {data !== undefined && <Preview found={data.found} />}
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ reason: '' }}
        onFinish={({ reason }: { reason: string }) => {
          if (data !== undefined) bring.mutate({ signed: data.signed, reason: reason.trim() })
        }}
      >
        <ReasonField example={t('ceiling.reason-example')} />
      </Form>
    </AskDialog>
  )
}

function Preview({ found }: { readonly found: CeilingPreview }): ReactNode {
  const { t } = useText()
  const { ceiling, signedBy, beyond } = found
  return (
    <div className="gap-below" data-testid="ceiling-preview" role="status">
      <p>
        <strong>{t('ceiling.version', { version: ceiling.version })}</strong> ·{' '}
        <RawTextView text={ceiling.unit} isPlain /> · {t('ceiling.signed-by')}:{' '}
        {signedBy.map(({ keyId, holder }, at) => (
          <span key={keyId}>
            {at > 0 && ', '}
            <RawTextView text={holder} isPlain />
          </span>
        ))}
      </p>
      {beyond.length === 0 ? (
        <p>{t('ceiling.changes-none')}</p>
      ) : (
        <>
          <p className="consequence">{t('ceiling.changes', { count: beyond.length })}</p>
          <BeyondList beyond={beyond} />
        </>
      )}
    </div>
  )
}

async function signedIn(file: File, refusal: string): Promise<NewCeiling['signed']> {
  if (file.size > fileBytesMax) throw new Error(refusal)
  const text = await file.text()
  try {
    return JSON.parse(text) as NewCeiling['signed']
  } catch {
    // A draft has comments, and is no signed file: the person is told what to choose.
    throw new Error(refusal)
  }
}
