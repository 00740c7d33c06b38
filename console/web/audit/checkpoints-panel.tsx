/** The log's signed checkpoints, and the sheet of paper of one: to be signed by two people and kept in a safe. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, QRCode } from 'antd'
import { type ReactNode, useState } from 'react'
import type { CheckpointItem } from '../../api/contract-trail.ts'
import { useText } from '../i18n/use-text.ts'
import { request } from '../server/request.ts'
import { checkpointsQuery, trailQuery } from '../server/trail-queries.ts'
import { useSession } from '../session/session-context.ts'
import { errorText } from '../show/error-text.ts'
import { formatCount } from '../show/format.ts'
import { usePages } from '../show/pager.tsx'
import { PrintFold } from '../show/print-fold.tsx'
import { QueryError } from '../show/query-states.tsx'
import { TimeView } from '../show/time-view.tsx'
import { inGroups } from './head-groups.ts'

const rowsShown = 10

export function CheckpointsPanel(): ReactNode {
  const text = useText()
  const { t, tryT, language } = text
  const client = useQueryClient()
  const query = useQuery(checkpointsQuery)
  const [shown, setShown] = useState<CheckpointItem | null>(null)
  const make = useMutation({
    mutationFn: () => request<CheckpointItem>('POST', '/api/trail/checkpoints', {}),
    onSuccess: async (made) => {
      setShown(made)
      await Promise.all([
        client.invalidateQueries({ queryKey: checkpointsQuery.queryKey }),
        client.invalidateQueries({ queryKey: trailQuery.queryKey }),
      ])
    },
  })
  const checkpoints = query.data?.checkpoints ?? []
  const { rows, pager } = usePages(checkpoints, rowsShown)
  const newest = checkpoints[0]
  return (
    <section className="panel audit-checkpoints" aria-labelledby="audit-checkpoints">
      <h2 id="audit-checkpoints">{t('audit.checkpoints')}</h2>
      <QueryError query={query} />
      {make.error !== null && <Alert type="error" showIcon title={errorText(text, make.error)} />}
      <p className="no-print">
        <span className="muted">{t('audit.checkpoints-what')}</span>{' '}
        <Button loading={make.isPending} onClick={() => make.mutate()} data-testid="checkpoint-make">
          {t('audit.checkpoint-make')}
        </Button>
      </p>
      {newest !== undefined && (
        <PrintFold
          summary={
            <>
              {t('audit.checkpoint-newest', { id: newest.id, seq: formatCount(newest.seq, language) })}{' '}
              <TimeView ms={newest.atMs} />
            </>
          }
          testId="checkpoints"
        >
          <table className="grid-table">
            <thead>
              <tr>
                <th scope="col">{t('audit.number')}</th>
                <th scope="col">{t('audit.at')}</th>
                <th scope="col">{t('audit.checkpoint-seq')}</th>
                <th scope="col">{t('audit.checkpoint-journals')}</th>
                <th scope="col">{t('audit.checkpoint-cause')}</th>
                <th scope="col">{t('audit.head')}</th>
                <th scope="col" aria-label={t('audit.checkpoint-print')} className="no-print" />
              </tr>
            </thead>
            <tbody>
              {rows.map((one) => (
                <tr key={one.id}>
                  <td>{one.id}</td>
                  <td className="nowrap">
                    <TimeView ms={one.atMs} />
                  </td>
                  <td>{formatCount(one.seq, language)}</td>
                  <td>{formatCount(one.journals, language)}</td>
                  <td>{tryT(`audit.cause.${one.cause}`) ?? one.cause}</td>
                  <td className="mono">{one.head.slice(0, 16)}…</td>
                  <td className="no-print">
                    <Button size="small" onClick={() => setShown(one)} data-testid="checkpoint-show">
                      {t('audit.checkpoint-print')}
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {pager}
        </PrintFold>
      )}
      {shown !== null && query.data !== undefined && (
        <Sheet checkpoint={shown} keyName={query.data.keyName} onClose={() => setShown(null)} />
      )}
    </section>
  )
}

interface SheetProps {
  readonly checkpoint: CheckpointItem
  readonly keyName: string
  readonly onClose: () => void
}

function Sheet({ checkpoint, keyName, onClose }: SheetProps): ReactNode {
  const { t, language } = useText()
  const unit = useSession()?.console.unit ?? ''
  const { id, origin, seq, head, atMs, kept, keptHead, journals, journalsRoot, signature, text } = checkpoint
  const facts: readonly (readonly [string, ReactNode])[] = [
    [t('audit.at'), <TimeView key="at" ms={atMs} />],
    [t('audit.checkpoint-seq'), formatCount(seq, language)],
    [t('audit.head'), <Digits key="head" of={head} isLarge />],
    [t('audit.sheet-kept', { count: kept }), <Digits key="kept" of={keptHead} />],
    [t('audit.sheet-journals', { count: journals }), <Digits key="root" of={journalsRoot} />],
    [t('audit.sheet-origin'), <Digits key="origin" of={origin} />],
    [t('audit.sheet-key'), <Digits key="key" of={keyName} />],
    [
      t('audit.sheet-signature'),
      <span key="signature" className="mono audit-digits">
        {signature}
      </span>,
    ],
  ]
  return (
    <div className="audit-sheet" data-testid="checkpoint-sheet">
      <h3>
        {t('audit.sheet-title', { id })} <bdi className="muted">{unit}</bdi>
      </h3>
      <div className="audit-sheet-body">
        <table className="facts">
          <tbody>
            {facts.map(([name, value]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{value}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <QRCode value={text} type="svg" size={200} errorLevel="L" bordered={false} />
      </div>
      <p className="small">{t('audit.sheet-how')}</p>
      <code className="audit-command">
        shoukou-console verify --data DIR --checkpoint &quot;{seq} {inGroups(head)}&quot;
      </code>
      <div className="audit-signatures">
        {(['audit.sheet-auditor', 'audit.sheet-witness'] as const).map((who) => (
          <div key={who}>
            <span>{t(who)}</span>
            <span className="audit-line" />
            <span>{t('audit.sheet-day')}</span>
            <span className="audit-line audit-line-short" />
          </div>
        ))}
      </div>
      <div className="no-print">
        <Button type="primary" onClick={printSheet} data-testid="checkpoint-print">
          {t('audit.checkpoint-print')}
        </Button>{' '}
        <Button onClick={onClose}>{t('audit.close')}</Button>
      </div>
    </div>
  )
}

function Digits({ of, isLarge = false }: { readonly of: string; readonly isLarge?: boolean }): ReactNode {
  return (
    <span className={isLarge ? 'mono audit-digits audit-digits-large' : 'mono audit-digits'}>
      {inGroups(of)}
    </span>
  )
}

/** Prints the sheet alone: the style sheet leaves everything else out while the mark stands. */
function printSheet(): void {
  const root = document.documentElement
  root.dataset['print'] = 'checkpoint'
  window.addEventListener('afterprint', () => delete root.dataset['print'], { once: true })
  window.print()
}
