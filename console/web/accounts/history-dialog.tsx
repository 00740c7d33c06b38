/** What was done with an account, newest first. */
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { accountHistoryQuery } from '../server/access-queries.ts'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView } from '../show/time-view.tsx'

interface Props {
  readonly name: string
  readonly onClose: () => void
}

export function HistoryDialog({ name, onClose }: Props): ReactNode {
  const { t } = useText()
  const query = useQuery(accountHistoryQuery(name))
  return (
    <AskDialog
      title={t('accounts.history-title', { name })}
      okText={t('isolation.close')}
      okTestId="history-close"
      isPending={false}
      isDone
      width={760}
      onOk={onClose}
      onClose={onClose}
    >
      <QueryError query={query} />
      {query.isPending && !query.isError && <RowsSkeleton rows={3} />}
      {query.data !== undefined && (
        <table className="grid-table" data-testid="account-history">
          <tbody>
            {query.data.events.map((one) => (
              <tr key={`${one.at} ${one.kind} ${one.changes}`}>
                <td className="nowrap">
                  <TimeView ms={one.at} />
                </td>
                <th scope="row" className="nowrap">
                  {t(`accounts.event.${one.kind}`)}
                </th>
                <td>
                  <Changes changes={one.changes} />
                </td>
                <td>
                  {one.by === '' ? (
                    t('accounts.history-console')
                  ) : (
                    <>
                      <RawTextView text={one.by} isPlain />
                      {one.reason !== '' && (
                        <div className="muted">
                          <RawTextView text={one.reason} isPlain />
                        </div>
                      )}
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </AskDialog>
  )
}

/** As the console writes them: a name, or nothing. */
type Value = string | null

function Changes({ changes }: { readonly changes: string }): ReactNode {
  const { tryT } = useText()
  const fields = Object.entries(JSON.parse(changes) as Record<string, readonly [Value, Value]>)
  const word = (field: string, value: Value): string =>
    value === null ? '—' : (tryT(`${field === 'state' ? 'accounts.state' : field}.${value}`) ?? value)
  return (
    <ul className="value-list">
      {fields
        .filter(([, [before, after]]) => before !== after)
        .map(([field, [before, after]]) => (
          <li key={field}>
            <span className="muted">{tryT(`accounts.field.${field}`) ?? field}</span>{' '}
            {before !== null && <>{word(field, before)} → </>}
            {word(field, after)}
          </li>
        ))}
    </ul>
  )
}
