/** Enrols a computer that no network reaches: its request file in, the answer file and the mark to be typed out. */
import { LEVELS, type Level } from '@shoukou/protocol/levels.ts'
import { DEFAULT_POLICY_SETTINGS } from '@shoukou/protocol/policy.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Form, Input, Modal, Select } from 'antd'
import { type ReactNode, useState } from 'react'
import type { OfflineEnrolledAnswer, OfflineEnrolmentAsked } from '../../api/contract-bundles.ts'
import { dialogHome } from '../frame/dialog-home.ts'
import { useText } from '../i18n/use-text.ts'
import { bundlesQuery } from '../server/bundles-queries.ts'
import { request } from '../server/request.ts'
import { errorText } from '../show/error-text.ts'
import { levelWords } from '../show/level-tag.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { saveBlob } from './upload-file.ts'

interface Fields {
  readonly number?: string
  readonly level: Level
}

const numberPattern = /^[\p{L}\p{N}][\p{L}\p{N}._/-]*$/u
const fileBytesMax = 4_194_304

export function EnrolOfflineDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const text = useText()
  const { t, language } = text
  const [form] = Form.useForm<Fields>()
  const [file, setFile] = useState<File | null>(null)
  const queries = useQueryClient()
  const enrol = useMutation({
    mutationFn: async ({ number, level }: Fields) => {
      const body: OfflineEnrolmentAsked = {
        file: await base64Of(file),
        ...(number === undefined || number === '' ? {} : { number }),
        settings: { ...DEFAULT_POLICY_SETTINGS, level, networkMode: 'standalone' },
      }
      return request<OfflineEnrolledAnswer>('POST', '/api/bundles/enrolments', body)
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: bundlesQuery.queryKey }),
  })
  const answer = enrol.data
  const isTooLarge = file !== null && file.size > fileBytesMax
  return (
    <Modal
      open
      getContainer={dialogHome}
      title={t('bundles.enrol')}
      width={640}
      onCancel={onClose}
      maskClosable={answer === undefined}
      okText={answer === undefined ? t('bundles.enrol-make') : t('enrol.done')}
      cancelText={t('enrol.cancel')}
      confirmLoading={enrol.isPending}
      okButtonProps={{ disabled: answer === undefined && (file === null || isTooLarge) }}
      onOk={() => (answer === undefined ? form.submit() : onClose())}
      {...(answer === undefined ? {} : { cancelButtonProps: { style: { display: 'none' } } })}
    >
      {enrol.isError && (
        <Alert
          type="error"
          showIcon
          role="alert"
          className="gap-below"
          title={errorText(text, enrol.error)}
        />
      )}
      {answer === undefined ? (
        <Form<Fields>
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={{ level: 'confidential' }}
          onFinish={(fields) => enrol.mutate(fields)}
        >
          <p className="muted">{t('bundles.enrol-why')}</p>
          <Form.Item label={t('bundles.enrol-file')} extra={isTooLarge ? t('bundles.fault.too-large') : ''}>
            <input
              type="file"
              accept=".skq"
              aria-label={t('bundles.enrol-file')}
              data-testid="enrol-request"
              onChange={({ target }) => setFile(target.files?.[0] ?? null)}
            />
          </Form.Item>
          <Form.Item
            name="number"
            label={t('enrol.number')}
            extra={t('enrol.number-given')}
            rules={[{ pattern: numberPattern, message: t('enrol.number-wrong') }]}
          >
            <Input maxLength={32} placeholder="JM-0231" />
          </Form.Item>
          <Form.Item name="level" label={t('policy.field.level')}>
            <Select
              options={LEVELS.toReversed().map((one) => ({
                value: one,
                label: levelWords(one, language === 'en'),
              }))}
            />
          </Form.Item>
        </Form>
      ) : (
        <div data-testid="enrol-offline-answer">
          <p>
            {t('bundles.enrolled')} <RawTextView text={answer.computer} isPlain />
          </p>
          <Button
            type="primary"
            onClick={() => saveBlob(new Blob([bytesOf(answer.answer)]), answer.fileName)}
            data-testid="save-answer"
          >
            {t('bundles.save-answer')}
          </Button>
          <h3>{t('bundles.mark')}</h3>
          <p className="bundle-mark mono" data-testid="mark">
            {answer.mark}
          </p>
          <Alert type="warning" showIcon title={t('bundles.mark-why')} />
          <h3>{t('bundles.enrol-then')}</h3>
          <pre className="mono document">{`shoukou-agent enroll --answer ${answer.fileName} --mark ${answer.mark}`}</pre>
        </div>
      )}
    </Modal>
  )
}

async function base64Of(file: File | null): Promise<string> {
  const bytes = new Uint8Array((await file?.arrayBuffer()) ?? new ArrayBuffer(0))
  let text = ''
  for (let at = 0; at < bytes.length; at += 8_192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8_192))
  return btoa(text)
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
}
