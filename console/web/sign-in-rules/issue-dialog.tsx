/** Issues a certificate for an account from the request that its USB key made. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Form, Input, Select } from 'antd'
import { type ReactNode, useRef } from 'react'
import type { NewCertificate, NewCertificateAnswer } from '../../api/contract-sign-in.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { ReasonField } from '../media/reason-field.tsx'
import { accountsQuery } from '../server/queries.ts'
import { request } from '../server/request.ts'
import { certificatesQuery } from '../server/sign-in-queries.ts'

/** As the contract has it. */
const requestCharactersMax = 16_384

export function IssueDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const [form] = Form.useForm<NewCertificate>()
  const issue = useMutation({
    mutationFn: (body: NewCertificate) =>
      request<NewCertificateAnswer>('POST', '/api/account-certificates', {
        ...body,
        reason: body.reason.trim(),
      }),
    onSuccess: () => void cache.invalidateQueries({ queryKey: certificatesQuery.queryKey }),
  })
  const isDone = issue.data !== undefined
  return (
    <AskDialog
      title={t('certificate.issue-title')}
      okText={isDone ? t('certificate.close') : t('certificate.issue')}
      okTestId="issue-submit"
      width={640}
      error={issue.error}
      isPending={issue.isPending}
      isDone={isDone}
      onOk={() => (isDone ? onClose() : form.submit())}
      onClose={onClose}
    >
      {isDone ? (
        <Issued answer={issue.data} />
      ) : (
        <Form form={form} layout="vertical" requiredMark={false} onFinish={(body) => issue.mutate(body)}>
          <IssueFields onRead={(text) => form.setFieldValue('request', text)} />
          <ReasonField example={t('certificate.example')} />
        </Form>
      )}
    </AskDialog>
  )
}

function IssueFields({ onRead }: { readonly onRead: (text: string) => void }): ReactNode {
  const { t } = useText()
  const accounts = useQuery(accountsQuery)
  const file = useRef<HTMLInputElement>(null)
  return (
    <>
      <Form.Item
        name="account"
        label={t('certificate.issue-account')}
        rules={[{ required: true, message: t('certificate.issue-account-missing') }]}
      >
        <Select
          getPopupContainer={(trigger: HTMLElement) => trigger.parentElement ?? trigger}
          options={(accounts.data?.accounts ?? []).map(({ name, role }) => ({
            value: name,
            label: `${name} · ${t(`role.${role}`)}`,
          }))}
          data-testid="issue-account"
        />
      </Form.Item>
      <Form.Item
        name="request"
        label={t('certificate.request')}
        rules={[{ required: true, whitespace: true, message: t('certificate.request-missing') }]}
      >
        <Input.TextArea
          rows={6}
          maxLength={requestCharactersMax}
          className="mono"
          spellCheck={false}
          data-testid="issue-request"
        />
      </Form.Item>
      <p className="gap-below">
        <Button size="small" onClick={() => file.current?.click()}>
          {t('certificate.request-choose')}
        </Button>
        <input
          ref={file}
          type="file"
          className="file-hidden"
          tabIndex={-1}
          aria-label={t('certificate.request-choose')}
          accept=".csr,.pem,.p10,.req"
          onChange={(event) => {
            const chosen = event.target.files?.[0]
            // Cut, not refused: what is longer is no request, and the console says so.
            if (chosen !== undefined) void chosen.slice(0, requestCharactersMax).text().then(onRead)
          }}
          data-testid="issue-file"
        />
      </p>
    </>
  )
}

function Issued({ answer }: { readonly answer: NewCertificateAnswer }): ReactNode {
  const { t } = useText()
  const { item, certificate } = answer
  return (
    <div data-testid="issued">
      <Alert
        type="success"
        showIcon
        className="gap-below"
        title={t('certificate.issued-title', { account: item.account })}
      />
      <p className="gap-below">{t('certificate.issued-how')}</p>
      <pre className="document mono small">{certificate}</pre>
      <a
        href={`data:application/x-pem-file;base64,${btoa(certificate)}`}
        download={`shoukou-${item.serial}.crt`}
      >
        {t('certificate.download')}
      </a>
    </div>
  )
}
