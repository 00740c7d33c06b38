/** Who has which account and role; made and changed by the system administrator, read by the other two. */
import { areTwoPeople, isLastOfRole } from '@shoukou/protocol/access-people.ts'
import { useQuery } from '@tanstack/react-query'
import { Alert, Button } from 'antd'
import { type ReactNode, useState } from 'react'
import type { AccountItem } from '../../api/contract-access.ts'
import { useText } from '../i18n/use-text.ts'
import { accountsQuery } from '../server/queries.ts'
import { useMay, useSession } from '../session/session-context.ts'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView, useConsoleNow } from '../show/time-view.tsx'
import { type AccountAct, AccountDialog } from './account-dialogs.tsx'
import { HistoryDialog } from './history-dialog.tsx'
import { NewAccountDialog } from './new-account-dialog.tsx'

type Asked =
  | { readonly kind: 'new' }
  | { readonly kind: 'history'; readonly name: string }
  | { readonly kind: 'change'; readonly act: AccountAct; readonly account: AccountItem }

export function AccountsPage(): ReactNode {
  const { t } = useText()
  const query = useQuery(accountsQuery)
  const mayWrite = useMay('accounts.write')
  const [asked, setAsked] = useState<Asked | null>(null)
  const close = () => setAsked(null)
  const accounts = query.data?.accounts ?? []
  const unnamed = accounts.filter(({ person, state }) => person === null && state === 'active').length
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.accounts')}</h1>
        <span className="muted">{t('accounts.what')}</span>
        <span className="top-space" />
        {mayWrite && (
          <Button type="primary" onClick={() => setAsked({ kind: 'new' })} data-testid="new-account">
            {t('accounts.new')}
          </Button>
        )}
      </header>
      {unnamed > 0 && (
        <Alert
          type="warning"
          showIcon
          className="above-table"
          data-testid="unnamed"
          title={t('accounts.unnamed', { count: unnamed })}
        />
      )}
      <div className="panel table-panel">
        <QueryError query={query} />
        {query.isPending && !query.isError && <RowsSkeleton rows={4} />}
        {query.data !== undefined && (
          <AccountsTable accounts={accounts} mayWrite={mayWrite} onAsk={setAsked} />
        )}
      </div>
      {asked?.kind === 'new' && <NewAccountDialog onClose={close} />}
      {asked?.kind === 'history' && <HistoryDialog name={asked.name} onClose={close} />}
      {asked?.kind === 'change' && <AccountDialog act={asked.act} account={asked.account} onClose={close} />}
    </div>
  )
}

interface TableProps {
  readonly accounts: readonly AccountItem[]
  readonly mayWrite: boolean
  readonly onAsk: (asked: Asked) => void
}

function AccountsTable({ accounts, mayWrite, onAsk }: TableProps): ReactNode {
  const { t } = useText()
  return (
    <table className="grid-table accounts-table" data-testid="accounts">
      <thead>
        <tr>
          <th scope="col">{t('accounts.name')}</th>
          <th scope="col">{t('accounts.person')}</th>
          <th scope="col">{t('accounts.role')}</th>
          <th scope="col">{t('accounts.state')}</th>
          <th scope="col">{t('accounts.password')}</th>
          <th scope="col">{t('accounts.created')}</th>
          <th scope="col" className="no-print">
            {t('accounts.acts')}
          </th>
        </tr>
      </thead>
      <tbody>
        {accounts.map((one) => (
          <tr key={one.name} data-testid="account-row" data-account={one.name} data-state={one.state}>
            <th scope="row">
              <RawTextView text={one.name} isPlain />
            </th>
            <td>
              {one.person === null ? (
                <span className="note">{t('accounts.person-none')}</span>
              ) : (
                <RawTextView text={one.person} isPlain />
              )}
            </td>
            <td>
              {t(`role.${one.role}`)}
              {one.department !== null && (
                <>
                  {' '}
                  <span className="muted">
                    <RawTextView text={one.department} isPlain />
                  </span>
                </>
              )}
            </td>
            <td>
              <span className={`account-state account-${one.state}`}>{t(`accounts.state.${one.state}`)}</span>
            </td>
            <td>
              <Password account={one} />
            </td>
            <td className="nowrap">
              <TimeView ms={one.createdAt} />
            </td>
            <td className="no-print">
              <RowActs account={one} accounts={accounts} mayWrite={mayWrite} onAsk={onAsk} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Password({ account }: { readonly account: AccountItem }): ReactNode {
  const { t } = useText()
  const now = useConsoleNow()
  return (
    <>
      {account.mustChangePassword ? t('accounts.one-time') : t('accounts.own-password')}
      {account.lockedUntil !== null && account.lockedUntil > now && (
        <div className="note">
          {t('accounts.locked-until')} <TimeView ms={account.lockedUntil} />
        </div>
      )}
    </>
  )
}

function RowActs({
  account,
  accounts,
  mayWrite,
  onAsk,
}: TableProps & { readonly account: AccountItem }): ReactNode {
  const { t } = useText()
  const own = useSession()?.name
  const me = accounts.find(({ name }) => name === own)
  // One's own accounts, under whatever name: nobody changes the own role.
  const isOwn =
    account.name === own ||
    (me !== undefined && me.person !== null && account.person !== null && !areTwoPeople(account, me))
  const button = (act: AccountAct, word: string) => (
    <Button
      size="small"
      danger={act === 'disable'}
      onClick={() => onAsk({ kind: 'change', act, account })}
      data-testid={`account-${act}`}
    >
      {word}
    </Button>
  )
  return (
    <span className="acts">
      {mayWrite && account.person === null && button('person', t('accounts.person-set'))}
      {mayWrite && !isOwn && account.person !== null && account.state !== 'disabled' && (
        <>
          {button('role', account.state === 'waiting' ? t('accounts.role-again') : t('accounts.role-change'))}
        </>
      )}
      {/* Without the last of the three roles the others watch nobody: the console refuses it too. */}
      {mayWrite &&
        account.state === 'active' &&
        !isLastOfRole(accounts, account) &&
        button('disable', t('accounts.disable'))}
      {mayWrite && account.state === 'disabled' && button('enable', t('accounts.enable'))}
      <Button
        size="small"
        type="text"
        onClick={() => onAsk({ kind: 'history', name: account.name })}
        data-testid="account-history-open"
      >
        {t('accounts.history')}
      </Button>
    </span>
  )
}
