/** The fields of a target by its kind. A secret is typed here and never shown again. */
import { Checkbox, Form, Input, InputNumber, Radio, Select } from 'antd'
import type { ComponentProps, ReactNode } from 'react'
import type { Target } from '../../api/contract-forwarding.ts'
import { useText } from '../i18n/use-text.ts'
import type { TargetKind } from './target-draft.ts'

type Secret = Target['hasSecrets'][number]

interface Props {
  readonly kind: TargetKind
  readonly isPlain: boolean
  readonly hasSecrets: readonly Secret[]
}

export function TargetFieldsOf({ kind, isPlain, hasSecrets }: Props): ReactNode {
  switch (kind) {
    case 'syslog':
    case 'json-lines':
      return (
        <>
          <HostAndPort />
          <Plain />
          {!isPlain && <Tls hasSecrets={hasSecrets} />}
        </>
      )
    case 'webhook':
      return (
        <>
          <Needed name="url" testId="field-url" />
          <SecretField name="hmacKey" hasSecrets={hasSecrets} />
          <Tls hasSecrets={hasSecrets} />
        </>
      )
    case 'smtp':
      return <Mail hasSecrets={hasSecrets} />
    case 'json-file':
      return (
        <>
          <Needed name="folder" testId="field-folder" />
          <div className="field-row">
            <Amount name="fileMegabytesMax" min={1} max={10_240} />
            <Amount name="filesMax" min={2} max={1_000} />
          </div>
        </>
      )
    case 'folder':
      return (
        <>
          <Needed name="folder" testId="field-folder" />
          <Amount name="heartbeatSeconds" min={5} max={3_600} />
        </>
      )
  }
}

function Mail({ hasSecrets }: Pick<Props, 'hasSecrets'>): ReactNode {
  const { t } = useText()
  return (
    <>
      <HostAndPort />
      <Form.Item name="protection" label={t('forward.field.protection')}>
        <Radio.Group
          options={(['starttls', 'tls', 'none'] as const).map((value) => ({
            value,
            label: t(`forward.protection.${value}`),
          }))}
        />
      </Form.Item>
      <div className="field-row">
        <Form.Item name="user" label={t('forward.field.user')}>
          <Input autoComplete="off" />
        </Form.Item>
        <SecretField name="password" hasSecrets={hasSecrets} />
      </div>
      <Needed name="from" testId="field-from" />
      <Form.Item
        name="to"
        label={t('forward.field.to')}
        rules={[{ required: true, whitespace: true, message: t('forward.missing') }]}
      >
        <Input.TextArea rows={1} />
      </Form.Item>
      <Pem name="ca" hint={t('forward.hint.ca')} />
    </>
  )
}

function HostAndPort(): ReactNode {
  const { t } = useText()
  return (
    <div className="field-row">
      <Form.Item
        className="grows"
        name="host"
        label={t('forward.field.host')}
        rules={[{ required: true, whitespace: true, message: t('forward.missing') }]}
      >
        <Input maxLength={253} data-testid="field-host" />
      </Form.Item>
      <Amount name="port" min={1} max={65_535} />
    </div>
  )
}

function Plain(): ReactNode {
  const { t } = useText()
  return (
    <Form.Item name="isPlain" valuePropName="checked" extra={t('forward.hint.plain')}>
      <Checkbox>{t('forward.field.isPlain')}</Checkbox>
    </Form.Item>
  )
}

function Tls({ hasSecrets }: Pick<Props, 'hasSecrets'>): ReactNode {
  const { t } = useText()
  return (
    <>
      <Pem name="ca" hint={t('forward.hint.ca')} />
      <details className="gap-below">
        <summary>{t('forward.client')}</summary>
        <Pem name="clientCertificate" hint="" />
        <SecretField name="clientKey" hasSecrets={hasSecrets} isLong />
      </details>
    </>
  )
}

function Pem({
  name,
  hint,
}: {
  readonly name: 'ca' | 'clientCertificate'
  readonly hint: string
}): ReactNode {
  const { t } = useText()
  return (
    <Form.Item name={name} label={t(`forward.field.${name}`)} extra={hint}>
      <Input.TextArea
        className="mono"
        rows={2}
        placeholder="-----BEGIN CERTIFICATE-----"
        spellCheck={false}
      />
    </Form.Item>
  )
}

function SecretField({
  name,
  hasSecrets,
  isLong = false,
}: {
  readonly name: Secret
  readonly hasSecrets: readonly Secret[]
  readonly isLong?: boolean
}): ReactNode {
  const { t } = useText()
  const isSet = hasSecrets.includes(name)
  const placeholder = isSet ? t('forward.secret-set') : ''
  return (
    <Form.Item name={name} label={t(`forward.field.${name}`)} extra={t(`forward.hint.${name}`)}>
      {isLong ? (
        <Input.TextArea className="mono" rows={2} placeholder={placeholder} />
      ) : (
        <Input.Password
          visibilityToggle={false}
          autoComplete="new-password"
          placeholder={placeholder}
          data-testid={`field-${name}`}
        />
      )}
    </Form.Item>
  )
}

function Needed({
  name,
  testId,
}: {
  readonly name: 'url' | 'folder' | 'from'
  readonly testId: string
}): ReactNode {
  const { t } = useText()
  return (
    <Form.Item
      name={name}
      label={t(`forward.field.${name}`)}
      extra={name === 'from' ? '' : t(`forward.hint.${name}`)}
      rules={[{ required: true, whitespace: true, message: t('forward.missing') }]}
    >
      <Input data-testid={testId} spellCheck={false} />
    </Form.Item>
  )
}

function Amount({
  name,
  min,
  max,
}: {
  readonly name: 'port' | 'fileMegabytesMax' | 'filesMax' | 'heartbeatSeconds'
  readonly min: number
  readonly max: number
}): ReactNode {
  const { t } = useText()
  return (
    <Form.Item
      name={name}
      label={t(`forward.field.${name}`)}
      rules={[{ required: true, message: t('forward.missing') }]}
    >
      <InputNumber min={min} max={max} precision={0} data-testid={`field-${name}`} />
    </Form.Item>
  )
}

/** What is told, and to whom in which words: the same for every kind. */
export function ToldFields(): ReactNode {
  const { t } = useText()
  return (
    <>
      <Form.Item
        name="events"
        label={t('forward.events')}
        rules={[{ required: true, type: 'array', min: 1, message: t('forward.events-missing') }]}
      >
        <Boxes
          options={(
            ['violation', 'violation-ended', 'violation-handled', 'clock', 'watch', 'log'] as const
          ).map((value) => ({
            value,
            label: t(`forward.event.${value}`),
          }))}
        />
      </Form.Item>
      <div className="field-row">
        <Form.Item className="grows" name="severities" label={t('forward.severities')}>
          <Select
            mode="multiple"
            placeholder={t('forward.all-severities')}
            options={(['critical', 'high', 'medium', 'low'] as const).map((value) => ({
              value,
              label: t(`severity.${value}`),
            }))}
          />
        </Form.Item>
        <Form.Item name="language" label={t('forward.language')}>
          <Radio.Group
            options={[
              { value: 'zh', label: <span lang="zh-CN">中文</span> },
              { value: 'en', label: <span lang="en">English</span> },
            ]}
          />
        </Form.Item>
      </div>
      <Form.Item name="content" label={t('forward.content')} extra={t('forward.hint.content')}>
        <Radio.Group
          options={(['headline', 'facts'] as const).map((value) => ({
            value,
            label: t(`forward.content.${value}`),
          }))}
        />
      </Form.Item>
    </>
  )
}

/** A group is no field: that something of it is needed, its error says. */
function Boxes({
  'aria-required': _needed,
  ...group
}: ComponentProps<typeof Checkbox.Group<string>> & {
  readonly 'aria-required'?: boolean | 'true'
}): ReactNode {
  return <Checkbox.Group<string> {...group} />
}
