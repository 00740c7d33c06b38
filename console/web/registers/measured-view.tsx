/** What the register says of a computer beside what the computer told of itself, with the differences marked. */
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { kindOf } from '../../ledger/kinds.ts'
import { useText } from '../i18n/use-text.ts'
import { measuredQuery } from '../server/register-queries.ts'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { TimeView } from '../show/time-view.tsx'
import { EntryValue, fieldWords, useWords } from './entry-value.tsx'

const computers = kindOf('computers')

export function MeasuredView({ number }: { readonly number: string }): ReactNode {
  const { t } = useText()
  const say = useWords()
  const query = useQuery(measuredQuery(number))
  if (query.data === undefined)
    return query.isError ? <QueryError query={query} /> : <RowsSkeleton rows={3} />
  const { agent, linkedBy, measuredAt, rows, differences } = query.data
  if (agent === null)
    return <EmptyNote title={t('measured.no-agent')}>{t('measured.no-agent-remedy')}</EmptyNote>
  const differing = new Set(differences.map(({ field }) => field))
  return (
    <div data-testid="measured">
      <p className="measured-note">
        {measuredAt === null ? (
          t('measured.never')
        ) : (
          <>
            {t('measured.at')} <TimeView ms={measuredAt} />
          </>
        )}
        {linkedBy === 'person' && <span className="muted"> · {t('measured.by-person')}</span>}
      </p>
      {differences.length === 0 ? (
        <p className="measured-same">{t('measured.same')}</p>
      ) : (
        <ul className="differences" data-testid="differences">
          {differences.map((one) => (
            <li key={`${one.kind} ${one.registered ?? ''} ${one.measured ?? ''}`}>
              <strong>{t(`measured.difference.${one.kind}`)}</strong>{' '}
              {one.registered !== null && (
                <>
                  <span className="muted">{t('measured.registered')}</span>{' '}
                  <EntryValue
                    kind={computers}
                    field={one.field}
                    value={shownAs(one.field, one.registered)}
                  />{' '}
                </>
              )}
              {one.measured !== null && (
                <>
                  <span className="muted">{t('measured.told')}</span>{' '}
                  <EntryValue kind={computers} field={one.field} value={shownAs(one.field, one.measured)} />
                </>
              )}
              {one.since !== null && (
                <span className="muted">
                  {' '}
                  · {t('measured.since')} <TimeView ms={one.since} />
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      <table className="grid-table measured-table">
        <thead>
          <tr>
            <th scope="col">{t('registers.field')}</th>
            <th scope="col">{t('measured.registered')}</th>
            <th scope="col">{t('measured.told')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ field, registered, measured }) => (
            <tr key={field} className={differing.has(field) ? 'differs' : ''}>
              <th scope="row">
                {say(fieldWords(computers, field))}
                {differing.has(field) && <span className="differs-mark"> ≠ {t('measured.differs')}</span>}
              </th>
              <td>
                <Told field={field} values={registered} />
              </td>
              <td>
                {measured === null ? (
                  <span className="muted">{t('measured.not-told')}</span>
                ) : (
                  <Told field={field} values={measured} />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Told({ field, values }: { readonly field: string; readonly values: readonly string[] }): ReactNode {
  const { t } = useText()
  if (values.length === 0) return <span className="muted">{t('value.none')}</span>
  return (
    <span className="value-lines">
      {values.map((value) => (
        <EntryValue key={value} kind={computers} field={field} value={shownAs(field, value)} />
      ))}
    </span>
  )
}

/** A list's item stands alone here. */
function shownAs(field: string, value: string): unknown {
  return field === 'diskSerials' || field === 'macs' ? [value] : value
}
