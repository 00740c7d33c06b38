/** Where the own account is signed in, and ending all of it but here. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Button } from 'antd'
import type { ReactNode } from 'react'
import type { EndedSessions, OwnAccount } from '../../api/contract-sign-in.ts'
import { useText } from '../i18n/use-text.ts'
import { request } from '../server/request.ts'
import { ownAccountQuery } from '../server/sign-in-queries.ts'
import { errorText } from '../show/error-text.ts'
import { RawTextView } from '../show/raw-text-view.tsx'
import { AgeView, TimeView } from '../show/time-view.tsx'

export function SessionsPanel({ account }: { readonly account: OwnAccount }): ReactNode {
  const text = useText()
  const { t, tryT } = text
  const cache = useQueryClient()
  const { message } = App.useApp()
  const end = useMutation({
    mutationFn: () => request<EndedSessions>('POST', '/api/account/sessions/end-others'),
    onSuccess: ({ ended }) => {
      void cache.invalidateQueries({ queryKey: ownAccountQuery.queryKey })
      void message.success(t('account.ended', { count: ended }))
    },
    onError: (error) => void message.error(errorText(text, error)),
  })
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
            </tr>
          ))}
        </tbody>
      </table>
      <div className="panel-buttons">
        <Button
          disabled={sessions.length < 2}
          loading={end.isPending}
          onClick={() => end.mutate()}
          data-testid="end-others"
        >
          {t('account.end-others')}
        </Button>
      </div>
    </section>
  )
}
