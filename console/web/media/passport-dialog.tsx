/** Takes what a computer examined just now as the medium's passport: it was formatted, or is seen for the first time. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Form } from 'antd'
import { type ReactNode, useState } from 'react'
import type {
  MediumAnswer,
  MediumItem,
  MediumPassportChange,
  MediumSighting,
  SeenMedium,
} from '../../api/contract-media.ts'
import { useText } from '../i18n/use-text.ts'
import { forgetMedia, mediumPath } from '../server/media-queries.ts'
import { request } from '../server/request.ts'
import { AskDialog } from './ask-dialog.tsx'
import { ReasonField } from './reason-field.tsx'
import { isMedium } from './seen-identity.ts'
import { SeenPicker } from './seen-picker.tsx'

interface Props {
  readonly medium: MediumItem
  readonly sightings: readonly MediumSighting[]
  readonly onClose: () => void
}

export function PassportDialog({ medium, sightings, onClose }: Props): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const { message } = App.useApp()
  const [form] = Form.useForm<{ reason: string }>()
  const [agent, setAgent] = useState(sightings.find((one) => one.endedAt === null)?.agent ?? null)
  const [seen, setSeen] = useState<SeenMedium | null>(null)
  const take = useMutation({
    mutationFn: ({ reason }: { readonly reason: string }) => {
      if (seen === null || seen.record === null) throw new Error('nothing is chosen')
      const body: MediumPassportChange = {
        baseVersion: medium.version,
        from: { agent: seen.agent, ...seen.record },
        reason: reason.trim(),
      }
      return request<MediumAnswer>('POST', mediumPath(medium.number, '/passport'), body)
    },
    onSuccess: () => {
      forgetMedia(cache)
      void message.success(t('passport.taken'))
      onClose()
    },
    onError: () => forgetMedia(cache),
  })
  return (
    <AskDialog
      title={t('passport.take-title', { number: medium.number })}
      okText={t('passport.take')}
      okTestId="passport-submit"
      error={take.error}
      isPending={take.isPending}
      isReady={seen !== null}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <p className="muted">{t('passport.take-why')}</p>
      <SeenPicker
        agent={agent}
        onAgent={(next) => {
          setAgent(next)
          setSeen(null)
        }}
        chosen={seen}
        onChoose={setSeen}
        accept={(one) => one.record !== null && (one.number === null || isMedium(one, medium.number))}
      />
      {medium.sealWrittenAt !== null && <p className="consequence">{t('passport.take-voids')}</p>}
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(fields) => take.mutate(fields)}>
        <ReasonField example={t('passport.reason-example')} />
      </Form>
    </AskDialog>
  )
}
