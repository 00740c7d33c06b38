/** The own password: how old it is, until when it may be used, and its change. */
import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Modal } from 'antd'
import { type ReactNode, useState } from 'react'
import type { OwnAccount } from '../../api/contract-sign-in.ts'
import { dialogHome } from '../frame/dialog-home.ts'
import { useText } from '../i18n/use-text.ts'
import { ownAccountQuery } from '../server/sign-in-queries.ts'
import { NewPasswordForm } from '../session/new-password-form.tsx'
import { useSession } from '../session/session-context.ts'
import { AgeView, TimeView } from '../show/time-view.tsx'

export function PasswordPanel({ account }: { readonly account: OwnAccount }): ReactNode {
  const { t } = useText()
  const [isOpen, setOpen] = useState(false)
  return (
    <section className="panel" aria-labelledby="own-password">
      <h2 id="own-password">{t('account.password')}</h2>
      <table className="facts">
        <tbody>
          <tr>
            <th scope="row">{t('account.password-set')}</th>
            <td>
              <TimeView ms={account.passwordAt} />{' '}
              <span className="muted">
                <AgeView ms={account.passwordAt} />
              </span>
            </td>
          </tr>
          <tr>
            <th scope="row">{t('account.password-ends')}</th>
            <td data-testid="password-ends">
              <TimeView ms={account.passwordEndsAt} />
            </td>
          </tr>
        </tbody>
      </table>
      <p className="muted small panel-note">
        {t('account.password-rules', {
          hours: account.passwordHoursMin,
          count: account.passwordsRemembered,
        })}
      </p>
      <Button onClick={() => setOpen(true)} data-testid="password-change">
        {t('password.change')}
      </Button>
      {isOpen && <ChangeDialog onClose={() => setOpen(false)} />}
    </section>
  )
}

function ChangeDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { t } = useText()
  const session = useSession()
  const cache = useQueryClient()
  const { message } = App.useApp()
  if (session === null) return null
  return (
    <Modal
      open
      getContainer={dialogHome}
      title={t('password.change')}
      width={520}
      maskClosable={false}
      footer={null}
      onCancel={onClose}
    >
      <NewPasswordForm
        session={session}
        onDone={() => {
          void cache.invalidateQueries({ queryKey: ownAccountQuery.queryKey })
          void message.success(t('password.changed'))
          onClose()
        }}
      >
        {({ isReady, isPending }) => (
          <div className="row-apart">
            <Button onClick={onClose}>{t('enrol.cancel')}</Button>
            <Button
              type="primary"
              htmlType="submit"
              disabled={!isReady}
              loading={isPending}
              data-testid="password-submit"
            >
              {t('password.change')}
            </Button>
          </div>
        )}
      </NewPasswordForm>
    </Modal>
  )
}
