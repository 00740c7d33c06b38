/** Who has which account and role; made and changed by the system administrator, read by the other two. */
import { ROLES } from '@shoukou/protocol/access.ts'
import { areTwoPeople, isLastOfRole } from '@shoukou/protocol/access-people.ts'
import { useQuery } from '@tanstack/react-query'
import { Alert, Button, Select } from 'antd'
import { type ReactNode, useMemo, useState } from 'react'
import { useSearchParams } from 'react-router'
import type { AccountItem } from '../../api/contract-access.ts'
import { ACCOUNT_SORTS, ACCOUNT_STATES, accountsIn } from '../../api/contract-account-order.ts'
import { type Text, useText } from '../i18n/use-text.ts'
import { accountsQuery } from '../server/queries.ts'
import { useMay, useSession } from '../session/session-context.ts'
import { ExportButton } from '../sheets/export-button.tsx'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { ColumnChoice, ColumnHead } from '../show/table-head.tsx'
import { keepingView, sortToQuery } from '../show/table-view.ts'
import { TimeView, useConsoleNow } from '../show/time-view.tsx'
import { type ShownTable, useTableView } from '../show/use-table-view.ts'
import { type AccountAct, AccountDialog } from './account-dialogs.tsx'
import {
  type AccountsFilter,
  accountsFilterFromAddress,
  accountsFilterToAddress,
  accountsShape,
  exportedAccountColumns,
} from './accounts-address.ts'
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
  const [address, setAddress] = useSearchParams()
  const filter = useMemo(() => accountsFilterFromAddress(address), [address])
  const change = (next: AccountsFilter) =>
    setAddress((before) => keepingView(before, accountsFilterToAddress(next)), { replace: true })
  const table = useTableView(accountsShape)
  const accounts = query.data?.accounts ?? []
  const sort = ACCOUNT_SORTS.find((one) => one === table.view.sort) ?? null
  const shown = accountsIn(accounts, { ...filter, sort, isDescending: table.view.isDescending })
  const unnamed = accounts.filter(({ person, state }) => person === null && state === 'active').length
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.accounts')}</h1>
        <span className="muted">{t('accounts.what')}</span>
        <span className="top-space" />
        {query.isSuccess && (
          <>
            <ColumnChoice table={table} wordsOf={(column) => columnWords(t, column)} />
            <ExportButton
              table="accounts"
              query={sortToQuery(accountsFilterToAddress(filter), table.view, accountsShape)}
              columns={exportedAccountColumns(table.view.columns)}
            />
          </>
        )}
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
      <search className="table-filter" aria-label={t('media.filter')}>
        <Select
          aria-label={t('accounts.state')}
          value={filter.state ?? everything}
          onChange={(value) =>
            change({ ...filter, state: ACCOUNT_STATES.find((one) => one === value) ?? null })
          }
          options={[
            { value: everything, label: t('accounts.all-states') },
            ...ACCOUNT_STATES.map((value) => ({ value, label: t(`accounts.state.${value}`) })),
          ]}
          popupMatchSelectWidth={false}
          data-testid="accounts-state"
        />
        <Select
          aria-label={t('accounts.role')}
          value={filter.role ?? everything}
          onChange={(value) => change({ ...filter, role: ROLES.find((one) => one === value) ?? null })}
          options={[
            { value: everything, label: t('accounts.all-roles') },
            ...ROLES.map((value) => ({ value, label: t(`role.${value}`) })),
          ]}
          popupMatchSelectWidth={false}
          data-testid="accounts-role"
        />
      </search>
      <div className="panel table-panel">
        <QueryError query={query} />
        {query.isPending && !query.isError && <RowsSkeleton rows={4} />}
        {query.data !== undefined && (
          <AccountsTable
            table={table}
            shown={shown}
            accounts={accounts}
            mayWrite={mayWrite}
            onAsk={setAsked}
          />
        )}
        {query.isSuccess && shown.length === 0 && <EmptyNote title={t('accounts.none-filtered')} />}
      </div>
      {asked?.kind === 'new' && <NewAccountDialog onClose={close} />}
      {asked?.kind === 'history' && <HistoryDialog name={asked.name} onClose={close} />}
      {asked?.kind === 'change' && <AccountDialog act={asked.act} account={asked.account} onClose={close} />}
    </div>
  )
}

const everything = 'all'

function columnWords(t: Text['t'], column: string): string {
  switch (column) {
    case 'person':
      return t('accounts.person')
    case 'role':
      return t('accounts.role')
    case 'state':
      return t('accounts.state')
    case 'password':
      return t('accounts.password')
    default:
      return t('accounts.created')
  }
}

interface TableProps {
  readonly accounts: readonly AccountItem[]
  readonly mayWrite: boolean
  readonly onAsk: (asked: Asked) => void
}

interface ShownProps extends TableProps {
  readonly table: ShownTable
  /** Those of all accounts that the filter lets pass, in order. */
  readonly shown: readonly AccountItem[]
}

function AccountsTable({ table, shown, accounts, mayWrite, onAsk }: ShownProps): ReactNode {
  const { t } = useText()
  return (
    <table className="grid-table accounts-table" data-testid="accounts">
      <thead>
        <tr>
          <ColumnHead table={table} column="name" words={t('accounts.name')} isFirst />
          {table.view.columns.map((column) => (
            <ColumnHead key={column} table={table} column={column} words={columnWords(t, column)} />
          ))}
          <th scope="col" className="no-print">
            {t('accounts.acts')}
          </th>
        </tr>
      </thead>
      <tbody>
        {shown.map((one) => (
          <tr key={one.name} data-testid="account-row" data-account={one.name} data-state={one.state}>
            <th scope="row">
              <RawTextView text={one.name} isPlain />
            </th>
            {table.view.columns.map((column) => (
              <td key={column} className={column === 'created' ? 'nowrap' : undefined}>
                <Cell column={column} account={one} />
              </td>
            ))}
            <td className="no-print">
              <RowActs account={one} accounts={accounts} mayWrite={mayWrite} onAsk={onAsk} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Cell({ column, account }: { readonly column: string; readonly account: AccountItem }): ReactNode {
  const { t } = useText()
  switch (column) {
    case 'person':
      return account.person === null ? (
        <span className="note">{t('accounts.person-none')}</span>
      ) : (
        <RawTextView text={account.person} isPlain />
      )
    case 'role':
      return (
        <>
          {t(`role.${account.role}`)}
          {account.department !== null && (
            <>
              {' '}
              <span className="muted">
                <RawTextView text={account.department} isPlain />
              </span>
            </>
          )}
        </>
      )
    case 'state':
      return (
        <span className={`account-state account-${account.state}`}>
          {t(`accounts.state.${account.state}`)}
        </span>
      )
    case 'password':
      return <Password account={account} />
    default:
      return <TimeView ms={account.createdAt} />
  }
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
