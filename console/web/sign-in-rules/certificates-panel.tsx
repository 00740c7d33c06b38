/** All certificates on USB keys: issued from a request that the key made, revoked at once. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { App, Button, Form } from 'antd'
import { type ReactNode, useState } from 'react'
import type { CertificateItem, RevokeCertificate } from '../../api/contract-sign-in.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { ReasonField } from '../media/reason-field.tsx'
import { request } from '../server/request.ts'
import { certificatesQuery } from '../server/sign-in-queries.ts'
import { useMay } from '../session/session-context.ts'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { CertificateTable } from './certificate-table.tsx'
import { IssueDialog } from './issue-dialog.tsx'

export function CertificatesPanel(): ReactNode {
  const { t } = useText()
  const mayWrite = useMay('accounts.write')
  const query = useQuery(certificatesQuery)
  const [revoked, setRevoked] = useState<CertificateItem | null>(null)
  const [isIssuing, setIssuing] = useState(false)
  const all = query.data?.certificates ?? []
  return (
    <section className="panel panel-below" aria-labelledby="certificates">
      <h2 id="certificates">{t('certificate.title')}</h2>
      <p className="muted gap-below">{t('certificate.what')}</p>
      <QueryError query={query} />
      {query.isPending && !query.isError && <RowsSkeleton rows={2} />}
      {query.isSuccess && all.length === 0 && <p className="muted">{t('certificate.none')}</p>}
      {all.length > 0 && (
        <CertificateTable certificates={all} {...(mayWrite ? { onRevoke: setRevoked } : {})} />
      )}
      {mayWrite && (
        <div className="panel-buttons">
          <Button onClick={() => setIssuing(true)} data-testid="certificate-issue">
            {t('certificate.issue')}
          </Button>
        </div>
      )}
      {isIssuing && <IssueDialog onClose={() => setIssuing(false)} />}
      {revoked !== null && <RevokeDialog certificate={revoked} onClose={() => setRevoked(null)} />}
    </section>
  )
}

interface RevokeProps {
  readonly certificate: CertificateItem
  readonly onClose: () => void
}

function RevokeDialog({ certificate, onClose }: RevokeProps): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const { message } = App.useApp()
  const [form] = Form.useForm<RevokeCertificate>()
  const typed = Form.useWatch('reason', form) ?? ''
  const revoke = useMutation({
    mutationFn: ({ reason }: RevokeCertificate) =>
      request<CertificateItem>(
        'POST',
        `/api/account-certificates/${encodeURIComponent(certificate.serial)}/revoke`,
        { reason: reason.trim() },
      ),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: certificatesQuery.queryKey })
      void message.success(t('certificate.revoked-done'))
      onClose()
    },
  })
  return (
    <AskDialog
      title={t('certificate.revoke-title', { account: certificate.account })}
      okText={t('certificate.revoke')}
      okTestId="revoke-submit"
      error={revoke.error}
      isPending={revoke.isPending}
      isReady={typed.trim() !== ''}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(body) => revoke.mutate(body)}>
        <p className="mono small">{certificate.serial}</p>
        <p className="consequence gap-below">{t('certificate.revoke-does')}</p>
        <ReasonField example={t('medium.reason-example')} isFirst />
      </Form>
    </AskDialog>
  )
}
