/** The own second factor: set up, changed, removed, and its recovery codes. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Modal } from 'antd'
import { type ReactNode, useState } from 'react'
import type { SessionAnswer } from '../../api/contract.ts'
import type { OwnAccount, RecoveryCodes } from '../../api/contract-sign-in.ts'
import { dialogHome } from '../frame/dialog-home.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { sessionQuery } from '../server/queries.ts'
import { request } from '../server/request.ts'
import { ownAccountQuery } from '../server/sign-in-queries.ts'
import { TimeView } from '../show/time-view.tsx'
import { ProveFields, proofOf } from './prove-fields.tsx'
import { RecoveryCodeList } from './recovery-code-list.tsx'
import { SecondFactorSetUp } from './second-factor-set-up.tsx'

const fewCodes = 3

export function SecondFactorPanel({ account }: { readonly account: OwnAccount }): ReactNode {
  const { t } = useText()
  const [open, setOpen] = useState<'none' | 'set-up' | 'remove' | 'renew'>('none')
  const { since, recoveryCodesLeft, isDemanded } = account.secondFactor
  const close = () => setOpen('none')
  return (
    <section className="panel" aria-labelledby="own-factor" data-testid="second-factor">
      <h2 id="own-factor">{t('account.second-factor')}</h2>
      {since === null ? (
        <>
          <p className={isDemanded ? 'note' : ''}>
            {t(isDemanded ? 'account.factor-none-demanded' : 'account.factor-none')}
          </p>
          <p className="muted small panel-note">{t('account.factor-why')}</p>
          <Button onClick={() => setOpen('set-up')} data-testid="second-factor-open">
            {t('account.factor-set-up')}
          </Button>
        </>
      ) : (
        <>
          <table className="facts">
            <tbody>
              <tr>
                <th scope="row">{t('account.factor-since')}</th>
                <td data-testid="second-factor-since">
                  <TimeView ms={since} />
                </td>
              </tr>
              <tr>
                <th scope="row">{t('account.recovery-left')}</th>
                <td>
                  {recoveryCodesLeft}{' '}
                  {recoveryCodesLeft < fewCodes && <span className="note">{t('account.recovery-few')}</span>}
                </td>
              </tr>
            </tbody>
          </table>
          <div className="panel-buttons">
            <Button onClick={() => setOpen('set-up')}>{t('account.factor-replace')}</Button>
            <Button onClick={() => setOpen('renew')}>{t('account.recovery-renew')}</Button>
            {!isDemanded && (
              <Button onClick={() => setOpen('remove')} data-testid="second-factor-remove">
                {t('account.factor-remove')}
              </Button>
            )}
          </div>
        </>
      )}
      {open === 'set-up' && <SetUpDialog hasCode={since !== null} onClose={close} />}
      {open === 'remove' && <RemoveDialog onClose={close} />}
      {open === 'renew' && <RenewDialog onClose={close} />}
    </section>
  )
}

interface DialogProps {
  readonly onClose: () => void
}

function SetUpDialog({ hasCode, onClose }: DialogProps & { readonly hasCode: boolean }): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const close = () => {
    void cache.invalidateQueries({ queryKey: ownAccountQuery.queryKey })
    void cache.invalidateQueries({ queryKey: sessionQuery.queryKey, exact: true })
    onClose()
  }
  return (
    <Modal
      open
      getContainer={dialogHome}
      title={t('set-up.title')}
      width={520}
      maskClosable={false}
      footer={null}
      onCancel={close}
    >
      <SecondFactorSetUp hasCode={hasCode} onDone={close} />
    </Modal>
  )
}

function RemoveDialog({ onClose }: DialogProps): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const remove = useMutation({
    mutationFn: () =>
      request<SessionAnswer>('POST', '/api/account/second-factor/remove', proofOf(password, code)),
    onSuccess: (answer) => {
      cache.setQueryData(sessionQuery.queryKey, answer)
      void cache.invalidateQueries({ queryKey: ownAccountQuery.queryKey })
      onClose()
    },
  })
  return (
    <AskDialog
      title={t('remove.title')}
      okText={t('account.factor-remove')}
      okTestId="remove-submit"
      error={remove.error}
      isPending={remove.isPending}
      isReady={password !== '' && code !== ''}
      onOk={() => remove.mutate()}
      onClose={onClose}
    >
      <p className="consequence gap-below">{t('remove.does')}</p>
      <ProveFields password={password} code={code} onPassword={setPassword} onCode={setCode} />
    </AskDialog>
  )
}

function RenewDialog({ onClose }: DialogProps): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const renew = useMutation({
    mutationFn: () =>
      request<RecoveryCodes>('POST', '/api/account/second-factor/recovery-codes', proofOf(password, code)),
    onSuccess: () => void cache.invalidateQueries({ queryKey: ownAccountQuery.queryKey }),
  })
  const isDone = renew.data !== undefined
  return (
    <AskDialog
      title={t('renew.title')}
      okText={isDone ? t('set-up.finish') : t('account.recovery-renew')}
      okTestId="renew-submit"
      error={renew.error}
      isPending={renew.isPending}
      isReady={isDone || (password !== '' && code !== '')}
      isDone={isDone}
      onOk={() => (isDone ? onClose() : renew.mutate())}
      onClose={onClose}
    >
      {isDone ? (
        <>
          <Alert type="warning" showIcon className="gap-below" title={t('set-up.codes')} />
          <RecoveryCodeList codes={renew.data.recoveryCodes} />
        </>
      ) : (
        <>
          <p className="consequence gap-below">{t('renew.does')}</p>
          <ProveFields password={password} code={code} onPassword={setPassword} onCode={setCode} />
        </>
      )}
    </AskDialog>
  )
}
