/** Where the own account is signed in, and ending one of them, or all but here: after proving anew who asks. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Button } from 'antd'
import { type ReactNode, useState } from 'react'
import type { EndedSessions, OwnAccount, OwnSession } from '../../api/contract-sign-in.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { request } from '../server/request.ts'
import { ownAccountQuery } from '../server/sign-in-queries.ts'
import { RawTextView } from '../show/raw-text-view.tsx'
import { AgeView, TimeView } from '../show/time-view.tsx'
import { ProveFields, proofOf } from './prove-fields.tsx'

export function SessionsPanel({ account }: { readonly account: OwnAccount }): ReactNode {
  const { t, tryT } = useText()
  const [asked, setAsked] = useState<OwnSession | 'others' | null>(null)
  const { sessions } = account
  return (
    <section className="panel wide" aria-labelledby="own-sessions">
      <h2 id="own-sessions">{t('account.sessions')}</h2>
      {account.isOneSession && <p className="muted gap-below">{t('account.one-session')}</p>}
      <table className="grid-table" data-testid="own-sessions">
        <thead>
          <tr>
            <th scope="col">{t('account.session-since')}</th>
            <th scope="col">{t('account.session-used')}</th>
            <th scope="col">{t('account.session-from')}</th>
            <th scope="col">{t('account.session-factors')}</th>
            <th scope="col">{t('account.session-browser')}</th>
            <th scope="col">
              <span className="sr-only">{t('account.end-one')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sessions.map((one) => (
            <tr key={one.mark} data-testid="own-session" data-this={one.isThis}>
              <td className="nowrap">
                <TimeView ms={one.createdAt} />{' '}
                {one.isThis && <span className="this-mark">{t('account.session-this')}</span>}
              </td>
              <td className="nowrap">
                <AgeView ms={one.lastUsedAt} />
              </td>
              <td className="mono nowrap">
                {one.address === 'loopback' ? t('account.this-computer') : one.address}
              </td>
              <td>{one.factors.map((factor) => tryT(`factor.${factor}`) ?? factor).join(' + ')}</td>
              <td>{one.browser === '' ? '—' : <RawTextView text={one.browser} isPlain />}</td>
              <td className="nowrap">
                {!one.isThis && (
                  <Button size="small" onClick={() => setAsked(one)} data-testid="end-session">
                    {t('account.end-one')}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="panel-buttons">
        <Button disabled={sessions.length < 2} onClick={() => setAsked('others')} data-testid="end-others">
          {t('account.end-others')}
        </Button>
      </div>
      {asked !== null && (
        <EndDialog
          session={asked === 'others' ? null : asked}
          hasCode={account.secondFactor.since !== null}
          onClose={() => setAsked(null)}
        />
      )}
    </section>
  )
}

interface EndDialogProps {
  /** Null: all but this one. */
  readonly session: OwnSession | null
  readonly hasCode: boolean
  readonly onClose: () => void
}

function EndDialog({ session, hasCode, onClose }: EndDialogProps): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const { message } = App.useApp()
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const end = useMutation({
    mutationFn: () =>
      request<EndedSessions>('POST', '/api/account/sessions/end', {
        ...proofOf(password, code),
        ...(session === null ? {} : { mark: session.mark }),
      }),
    onSuccess: ({ ended }) => {
      void cache.invalidateQueries({ queryKey: ownAccountQuery.queryKey })
      void message.success(t('account.ended', { count: ended }))
      onClose()
    },
  })
  return (
    <AskDialog
      title={t(session === null ? 'account.end-others' : 'account.end-one-title')}
      okText={t(session === null ? 'account.end-others' : 'account.end-one')}
      okTestId="end-submit"
      error={end.error}
      isPending={end.isPending}
      isReady={password !== '' && (!hasCode || code !== '')}
      onOk={() => end.mutate()}
      onClose={onClose}
    >
      <p className="consequence gap-below">
        {session === null ? (
          t('account.end-others-does')
        ) : (
          <>
            {t('account.end-one-does')} <TimeView ms={session.createdAt} />
            {' · '}
            <span className="mono">
              {session.address === 'loopback' ? t('account.this-computer') : session.address}
            </span>
          </>
        )}
      </p>
      <ProveFields
        password={password}
        code={hasCode ? code : null}
        onPassword={setPassword}
        onCode={setCode}
      />
    </AskDialog>
  )
}
