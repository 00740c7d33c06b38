/** Of one entry, on its own page: the ways to its label and forms, and what was printed of it. */
import { useInfiniteQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { PrintKind } from '../../ledger/print-mark.ts'
import { useText } from '../i18n/use-text.ts'
import { printsQuery } from '../server/print-queries.ts'
import { useMay } from '../session/session-context.ts'
import { TimeView } from '../show/time-view.tsx'

interface Props {
  readonly kind: PrintKind
  readonly number: string
}

export function EntryPrints({ kind, number }: Props): ReactNode {
  const { t } = useText()
  const mayRead = useMay('prints.read')
  const mayPrint = useMay('prints.make')
  const query = useInfiniteQuery({ ...printsQuery({ kind, number }), enabled: mayRead })
  if (!mayRead) return null
  const prints = query.data?.pages[0]?.prints ?? []
  const asked = new URLSearchParams({ kind, numbers: number })
  const form = kind === 'computers' ? 'filing' : 'loan'
  return (
    <section className="panel" aria-labelledby="entry-prints" data-testid="entry-prints">
      <h2 id="entry-prints">{t('prints.of-entry')}</h2>
      {mayPrint && (
        <p className="no-print">
          <Link to={`/prints/labels?${asked}`} data-testid="entry-label">
            {t('prints.of-entry-label')}
          </Link>
          {' · '}
          <Link to={`/prints/forms?form=${form}&${asked}`} data-testid="entry-form">
            {t('prints.of-entry-form')}
          </Link>
        </p>
      )}
      {query.isSuccess && prints.length === 0 && <p className="muted">{t('prints.of-entry-none')}</p>}
      <ul>
        {prints.map((one) => (
          <li key={one.id}>
            <Link to={`/prints/${one.id}`}>
              {t(`prints.what.${one.what}`)} {one.number !== null && <bdi className="mono">{one.number}</bdi>}
            </Link>{' '}
            <span className="muted small">
              <TimeView ms={one.lastAt} /> <bdi>{one.account}</bdi>
              {one.runs > 1 && ` · ${t('prints.copy-now', { n: one.runs })}`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
