/** Enrols a computer: makes a token that is good once, and shows it once. */

import { LEVELS, type Level } from '@shoukou/protocol/levels.ts'
import { DEFAULT_POLICY_SETTINGS } from '@shoukou/protocol/policy.ts'
import { useMutation } from '@tanstack/react-query'
import { Alert, Form, Input, InputNumber, Modal, Select } from 'antd'
import type { ReactNode } from 'react'
import type { NewToken, TokenAnswer } from '../../api/contract.ts'
import { dialogHome } from '../frame/dialog-home.ts'
import { useText } from '../i18n/use-text.ts'
import { request } from '../server/request.ts'
import { CopyButton } from '../show/copy-button.tsx'
import { errorText } from '../show/error-text.ts'
import { levelWords } from '../show/level-tag.tsx'
import { TimeView } from '../show/time-view.tsx'

interface Fields {
  readonly number?: string
  readonly level: Level
  readonly networkMode: 'standalone' | 'classified-lan'
  readonly validMinutes: number
}

const numberPattern = /^[\p{L}\p{N}][\p{L}\p{N}._/-]*$/u
const validMinutesMax = 10_080

export function EnrolDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const text = useText()
  const { t, language } = text
  const [form] = Form.useForm<Fields>()
  const make = useMutation({
    mutationFn: ({ number, level, networkMode, validMinutes }: Fields) => {
      const body: NewToken = {
        ...(number === undefined || number === '' ? {} : { number }),
        settings: { ...DEFAULT_POLICY_SETTINGS, level, networkMode },
        validMinutes,
      }
      return request<TokenAnswer>('POST', '/api/enrollment-tokens', body)
    },
  })
  const answer = make.data
  return (
    <Modal
      open
      getContainer={dialogHome}
      title={t('enrol.title')}
      width={640}
      onCancel={onClose}
      maskClosable={answer === undefined}
      okText={answer === undefined ? t('enrol.make') : t('enrol.done')}
      cancelText={t('enrol.cancel')}
      confirmLoading={make.isPending}
      onOk={() => (answer === undefined ? form.submit() : onClose())}
      okButtonProps={{ 'data-testid': 'enrol-submit' }}
      {...(answer === undefined ? {} : { cancelButtonProps: { style: { display: 'none' } } })}
    >
      {make.isError && (
        <Alert type="error" showIcon role="alert" className="gap-below" title={errorText(text, make.error)} />
      )}
      {answer === undefined ? (
        <Form<Fields>
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={{ level: 'confidential', networkMode: 'classified-lan', validMinutes: 60 }}
          onFinish={(fields) => make.mutate(fields)}
        >
          <p className="muted">{t('enrol.why')}</p>
          <Form.Item
            name="number"
            label={t('enrol.number')}
            extra={t('enrol.number-given')}
            rules={[{ pattern: numberPattern, message: t('enrol.number-wrong') }]}
          >
            <Input maxLength={64} placeholder="JM-0231" autoFocus data-testid="enrol-number" />
          </Form.Item>
          <div className="form-row">
            <Form.Item name="level" label={t('policy.field.level')}>
              <Select
                options={LEVELS.toReversed().map((one) => ({
                  value: one,
                  label: levelWords(one, language === 'en'),
                }))}
              />
            </Form.Item>
            <Form.Item name="networkMode" label={t('policy.field.networkMode')}>
              <Select
                options={(['standalone', 'classified-lan'] as const).map((one) => ({
                  value: one,
                  label: t(`value.networkMode.${one}`),
                }))}
              />
            </Form.Item>
            <Form.Item
              name="validMinutes"
              label={t('enrol.valid')}
              rules={[{ required: true, message: t('enrol.valid-wrong') }]}
            >
              <InputNumber min={1} max={validMinutesMax} precision={0} suffix={t('unit.minutes')} />
            </Form.Item>
          </div>
          {/* Without a button of its own a form of several fields ignores Enter. */}
          <button type="submit" hidden aria-hidden="true" tabIndex={-1} />
        </Form>
      ) : (
        <div data-testid="enrol-answer">
          <Alert type="warning" showIcon className="gap-below" title={t('enrol.once')} />
          <p>
            {t('enrol.number')} <bdi className="mono">{answer.number}</bdi> · {t('enrol.until')}{' '}
            <TimeView ms={answer.expiresAt} />
          </p>
          <h3>{t('enrol.command')}</h3>
          <pre className="mono document" data-testid="enrol-command">
            {answer.command}
          </pre>
          <CopyButton text={answer.command} label={t('enrol.copy-command')} />
          <h3>{t('enrol.token')}</h3>
          <pre className="mono document" data-testid="enrol-token">
            {answer.token}
          </pre>
          <CopyButton text={answer.token} label={t('enrol.copy-token')} />
        </div>
      )}
    </Modal>
  )
}
