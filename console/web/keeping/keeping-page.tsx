/** Backups and retention: is there a good one, how old, what is in it, and what is kept until when. */
import { useQuery } from '@tanstack/react-query'
import { Alert, Button } from 'antd'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import type { Backup, KeepingAnswer } from '../../api/contract-keeping.ts'
import { useText } from '../i18n/use-text.ts'
import { keepingQuery } from '../server/keeping-queries.ts'
import { useMay } from '../session/session-context.ts'
import { formatCount } from '../show/format.ts'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView } from '../show/time-view.tsx'
import { ArchiveSection } from './archive-section.tsx'

type Asked = 'begin' | 'settings' | 'passphrase' | 'restore'
const KeepingDialog = lazy(async () => ({ default: (await import('./keeping-dialogs.tsx')).KeepingDialog }))

export function KeepingPage(): ReactNode {
  const { t } = useText()
  const query = useQuery(keepingQuery)
  const mayMake = useMay('backup.make')
  const mayRestore = useMay('backup.restore')
  const [asked, setAsked] = useState<Asked | null>(null)
  const state = query.data
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.backups')}</h1>
        <span className="top-space" />
        {mayRestore && <Button onClick={() => setAsked('restore')}>{t('backup.restore')}</Button>}
        {mayMake && <Button onClick={() => setAsked('passphrase')}>{t('backup.passphrase')}</Button>}
        {mayMake && (
          <Button onClick={() => setAsked('settings')} data-testid="backup-settings">
            {t('backup.settings')}
          </Button>
        )}
        {mayMake && (
          <Button
            type="primary"
            disabled={state === undefined || state.isRunning || state.folder === null || !state.hasPassphrase}
            onClick={() => setAsked('begin')}
            data-testid="backup-begin"
          >
            {t('backup.begin')}
          </Button>
        )}
      </header>
      <QueryError query={query} />
      {query.isPending && !query.isError && <RowsSkeleton rows={5} />}
      {state !== undefined && (
        <div className="keeping">
          <Standing state={state} />
          <Kept state={state} />
          <List backups={state.backups} />
          <ArchiveSection />
        </div>
      )}
      <Suspense>
        {asked !== null && state !== undefined && (
          <KeepingDialog act={asked} state={state} onClose={() => setAsked(null)} />
        )}
      </Suspense>
    </div>
  )
}

function Standing({ state }: { readonly state: KeepingAnswer }): ReactNode {
  const { t } = useText()
  return (
    <section className="panel" aria-labelledby="backup-standing">
      <h2 id="backup-standing">{t('backup.standing')}</h2>
      {state.staged !== null && (
        <Alert
          type="warning"
          showIcon
          className="gap-below"
          title={
            <>
              {t('backup.staged')} <TimeView ms={state.staged.madeAt} />{' '}
              <RawTextView text={state.staged.place} />
            </>
          }
        />
      )}
      {state.isLate && (
        <Alert
          type="error"
          showIcon
          role="alert"
          className="gap-below"
          data-testid="backup-late"
          title={
            state.lastGoodAt === null ? t('backup.none-yet') : t('backup.late', { hours: state.ageHoursMax })
          }
          description={remedyOf(state, t)}
        />
      )}
      <table className="facts">
        <tbody>
          <tr>
            <th scope="row">{t('backup.last-good')}</th>
            <td>
              {state.lastGoodAt === null ? t('backup.never') : <TimeView ms={state.lastGoodAt} />}{' '}
              {state.isRunning && <span className="note">{t('backup.running')}</span>}
            </td>
          </tr>
          <tr>
            <th scope="row">{t('backup.daily')}</th>
            <td>
              {state.daily === null ? (
                t('backup.not-daily')
              ) : (
                <>
                  {t('backup.daily-at', { time: clockOf(state.daily.minuteOfDay), count: state.daily.keep })}{' '}
                  {state.nextAt !== null && (
                    <span className="muted">
                      {t('backup.next')} <TimeView ms={state.nextAt} />
                    </span>
                  )}
                </>
              )}
            </td>
          </tr>
          <tr>
            <th scope="row">{t('backup.folder')}</th>
            <td>{state.folder === null ? t('backup.no-folder') : <RawTextView text={state.folder} />}</td>
          </tr>
          <tr>
            <th scope="row">{t('backup.keys')}</th>
            <td>{t(state.hasPassphrase ? 'backup.sealed' : 'backup.no-passphrase')}</td>
          </tr>
          <tr>
            <th scope="row">{t('backup.fingerprint')}</th>
            <td className="mono">
              {state.fingerprint}
              <div className="muted small">{t('backup.fingerprint-what')}</div>
            </td>
          </tr>
        </tbody>
      </table>
    </section>
  )
}

function remedyOf(state: KeepingAnswer, t: ReturnType<typeof useText>['t']): string {
  if (state.folder === null) return t('backup.remedy-folder')
  if (!state.hasPassphrase) return t('backup.remedy-passphrase')
  return t('backup.remedy-begin')
}

function Kept({ state }: { readonly state: KeepingAnswer }): ReactNode {
  const { t } = useText()
  const { kept, retentionYears } = state
  return (
    <section className="panel" aria-labelledby="backup-kept">
      <h2 id="backup-kept">{t('backup.kept')}</h2>
      <p>{t('backup.kept-what', { count: retentionYears })}</p>
      <table className="facts">
        <tbody>
          <tr>
            <th scope="row">{t('backup.oldest-record')}</th>
            <td>{kept.oldestRecord === null ? '—' : <TimeView ms={kept.oldestRecord} />}</td>
          </tr>
          <tr>
            <th scope="row">{t('backup.oldest-action')}</th>
            <td>{kept.oldestAction === null ? '—' : <TimeView ms={kept.oldestAction} />}</td>
          </tr>
          <tr>
            <th scope="row">{t('backup.kept-until')}</th>
            <td data-testid="kept-until">
              {kept.keptUntil === null || kept.bookYear === null ? (
                '—'
              ) : (
                <>
                  {t('backup.book-year', { year: kept.bookYear })} <TimeView ms={kept.keptUntil} />
                </>
              )}
            </td>
          </tr>
        </tbody>
      </table>
      <p className="muted">{t('backup.archive-what')}</p>
      <pre className="mono command">shoukou-console archive --data … --year … --to …</pre>
    </section>
  )
}

function List({ backups }: { readonly backups: readonly Backup[] }): ReactNode {
  const { t, language } = useText()
  return (
    <section className="panel keeping-list" aria-labelledby="backup-list">
      <h2 id="backup-list">{t('backup.list')}</h2>
      {backups.length === 0 ? (
        <EmptyNote title={t('backup.list-none')} />
      ) : (
        <table className="grid-table" data-testid="backups">
          <thead>
            <tr>
              <th scope="col">{t('backup.at')}</th>
              <th scope="col">{t('backup.result')}</th>
              <th scope="col">{t('backup.holds')}</th>
              <th scope="col">{t('backup.place')}</th>
              <th scope="col">{t('backup.by')}</th>
            </tr>
          </thead>
          <tbody>
            {backups.map((one) => (
              <tr key={one.id} data-testid="backup-row" data-good={one.failure === null}>
                <td>
                  <TimeView ms={one.startedAt} />
                </td>
                <td>
                  {one.failure === null ? (
                    <span className="good">✓ {t('backup.verified')}</span>
                  ) : (
                    <span className="bad">
                      ✕ {t('backup.failed')} <RawTextView text={one.failure} />
                    </span>
                  )}
                </td>
                <td>
                  {one.holds === null
                    ? '—'
                    : t('backup.counts', {
                        records: formatCount(one.holds.records, language),
                        violations: formatCount(one.holds.violations, language),
                        actions: formatCount(one.holds.actions, language),
                        megabytes: formatCount(Math.ceil(one.bytes / 1_048_576), language),
                      })}
                </td>
                <td>
                  <RawTextView text={one.place} />
                </td>
                <td>
                  {one.by === 'console' ? t('backup.by-itself') : <RawTextView text={one.by} isPlain />}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

function clockOf(minuteOfDay: number): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${two(Math.floor(minuteOfDay / 60))}:${two(minuteOfDay % 60)}`
}
