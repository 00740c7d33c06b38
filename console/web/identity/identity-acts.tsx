/** What may be done with an identity: take it away, or enrol the computer anew. Each says what it does before the button is live. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Form } from 'antd'
import { type ReactNode, useState } from 'react'
import type { Computer } from '../../api/contract.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { ReasonField } from '../media/reason-field.tsx'
import { enrolAnew, revokeIdentity } from '../server/identity-queries.ts'
import { computerQuery, computersKey } from '../server/queries.ts'
import { useMay } from '../session/session-context.ts'
import { CopyButton } from '../show/copy-button.tsx'
import { TimeView } from '../show/time-view.tsx'

interface Props {
  readonly computer: Computer
  readonly isRevoked: boolean
  /** No later enrolment of this computer has taken its place. */
  readonly isInForce: boolean
}

export function IdentityActs({ computer, isRevoked, isInForce }: Props): ReactNode {
  const { t } = useText()
  const mayRevoke = useMay('identity.revoke')
  const mayEnrol = useMay('enrolment.create')
  const [asked, setAsked] = useState<'revoke' | 'anew' | null>(null)
  if (!isInForce) return null
  return (
    <span className="acts">
      {mayEnrol && (
        <Button size="small" onClick={() => setAsked('anew')} data-testid="enrol-anew">
          {t('identity.anew')}
        </Button>
      )}
      {mayRevoke && !isRevoked && (
        <Button size="small" danger onClick={() => setAsked('revoke')} data-testid="revoke">
          {t('identity.revoke')}
        </Button>
      )}
      {asked === 'revoke' && <RevokeDialog computer={computer} onClose={() => setAsked(null)} />}
      {asked === 'anew' && <AnewDialog computer={computer} onClose={() => setAsked(null)} />}
    </span>
  )
}

interface DialogProps {
  readonly computer: Computer
  readonly onClose: () => void
}

function RevokeDialog({ computer, onClose }: DialogProps): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const [form] = Form.useForm<{ reason: string }>()
  const typed = Form.useWatch('reason', form) ?? ''
  const revoke = useMutation({
    mutationFn: (reason: string) => revokeIdentity(computer.agent, reason.trim()),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: computersKey })
      void cache.invalidateQueries({ queryKey: computerQuery(computer.agent).queryKey })
      void cache.invalidateQueries({ queryKey: ['identity'] })
    },
  })
  return (
    <AskDialog
      title={t('identity.revoke-title', { computer: computer.number })}
      okText={revoke.isSuccess ? t('enrol.done') : t('identity.revoke-do')}
      okTestId="revoke-submit"
      error={revoke.error}
      isPending={revoke.isPending}
      isReady={revoke.isSuccess || typed.trim() !== ''}
      isDone={revoke.isSuccess}
      onOk={() => (revoke.isSuccess ? onClose() : form.submit())}
      onClose={onClose}
    >
      {revoke.data === undefined ? (
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={{ reason: '' }}
          onFinish={({ reason }: { reason: string }) => revoke.mutate(reason)}
        >
          <ul className="consequences">
            <li>{t('identity.revoke-ends')}</li>
            <li>{t('identity.revoke-keeps')}</li>
            <li>{t('identity.revoke-back')}</li>
          </ul>
          <ReasonField example={t('identity.revoke-example')} isFirst />
        </Form>
      ) : (
        <p role="status">{t(revoke.data.wasConnected ? 'identity.was-connected' : 'identity.was-away')}</p>
      )}
    </AskDialog>
  )
}

function AnewDialog({ computer, onClose }: DialogProps): ReactNode {
  const { t } = useText()
  const [form] = Form.useForm<{ reason: string }>()
  const typed = Form.useWatch('reason', form) ?? ''
  const make = useMutation({ mutationFn: (reason: string) => enrolAnew(computer.agent, reason.trim()) })
  return (
    <AskDialog
      title={t('identity.anew-title', { computer: computer.number })}
      okText={make.isSuccess ? t('enrol.done') : t('enrol.make')}
      okTestId="anew-submit"
      width={640}
      error={make.error}
      isPending={make.isPending}
      isReady={make.isSuccess || typed.trim() !== ''}
      isDone={make.isSuccess}
      onOk={() => (make.isSuccess ? onClose() : form.submit())}
      onClose={onClose}
    >
      {make.data === undefined ? (
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={{ reason: '' }}
          onFinish={({ reason }: { reason: string }) => make.mutate(reason)}
        >
          <ul className="consequences">
            <li>{t('identity.anew-number')}</li>
            <li>{t('identity.anew-retires')}</li>
            <li>{t('identity.anew-history')}</li>
          </ul>
          <ReasonField example={t('identity.anew-example')} isFirst />
        </Form>
      ) : (
        <div data-testid="anew-answer">
          <Alert type="warning" showIcon className="gap-below" title={t('enrol.once')} />
          <p>
            {t('enrol.until')} <TimeView ms={make.data.expiresAt} />
          </p>
          <h3>{t('enrol.command')}</h3>
          <pre className="mono document">{make.data.command}</pre>
          <CopyButton text={make.data.command} label={t('enrol.copy-command')} />
        </div>
      )}
    </AskDialog>
  )
}
