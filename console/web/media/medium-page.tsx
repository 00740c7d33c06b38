/** One registered medium: what it is, by what it is recognised, where it was, what was done to it, and what may be done. */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react'
import { Link, useParams } from 'react-router'
import type { MediumAnswer, MediumItem } from '../../api/contract-media.ts'
import { useText } from '../i18n/use-text.ts'
import { EntryPrints } from '../prints/entry-prints.tsx'
import { mediumQuery } from '../server/media-queries.ts'
import { useMay } from '../session/session-context.ts'
import { formatDay } from '../show/format.ts'
import { LevelTag } from '../show/level-tag.tsx'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { MediumHistory } from './medium-history.tsx'
import { MediumLabel } from './medium-label.tsx'
import { isAway, nextStates } from './medium-states.ts'
import { ComputersWord, DueBack, RightWord, SealWord, StateWord } from './medium-words.tsx'
import { PassportTable } from './passport-table.tsx'
import { SightingsView } from './sightings-view.tsx'

const MediumCrossUse = lazy(async () => ({
  default: (await import('../timeline/medium-cross-use.tsx')).MediumCrossUse,
}))
const MediumFiles = lazy(async () => ({
  default: (await import('../timeline/medium-cross-use.tsx')).MediumFiles,
}))

const ChangeDialog = lazy(async () => ({ default: (await import('./change-dialog.tsx')).ChangeDialog }))
const StateDialog = lazy(async () => ({ default: (await import('./state-dialog.tsx')).StateDialog }))
const PassportDialog = lazy(async () => ({ default: (await import('./passport-dialog.tsx')).PassportDialog }))
const SealDialog = lazy(async () => ({ default: (await import('./seal-dialog.tsx')).SealDialog }))

/** A medium comes and goes by itself; after an order to a station one looks closer for a while. */
const refreshMs = 15_000
const refreshAfterOrderMs = 2_000
const orderWaitMs = 60_000

type Dialog = 'change' | 'state' | 'passport' | 'seal'

export function MediumPage(): ReactNode {
  const { number = '' } = useParams()
  const [isWaiting, setWaiting] = useState(false)
  useEffect(() => {
    if (!isWaiting) return
    const timer = setTimeout(() => setWaiting(false), orderWaitMs)
    return () => clearTimeout(timer)
  }, [isWaiting])
  const query = useQuery({
    ...mediumQuery(number),
    refetchInterval: isWaiting ? refreshAfterOrderMs : refreshMs,
  })
  if (query.data === undefined)
    return (
      <div className="page">{query.isError ? <QueryError query={query} /> : <RowsSkeleton rows={5} />}</div>
    )
  return <Medium key={number} answer={query.data} onOrdered={() => setWaiting(true)} />
}

interface Props {
  readonly answer: MediumAnswer
  readonly onOrdered: () => void
}

function Medium({ answer: { medium, history, printings, sightings }, onOrdered }: Props): ReactNode {
  const { t } = useText()
  const [dialog, setDialog] = useState<Dialog | null>(null)
  const close = () => setDialog(null)
  return (
    <div className="page medium" data-testid="medium" data-number={medium.number}>
      <Head medium={medium} onAsk={setDialog} />
      <div className="medium-columns">
        <div className="medium-main">
          <Panel id="passport" title={t('passport.title')}>
            {medium.passport === null ? (
              <p className="muted">{t('passport.none')}</p>
            ) : (
              <PassportTable passport={medium.passport} />
            )}
          </Panel>
          <Panel id="sightings" title={t('sighting.title')}>
            <SightingsView sightings={sightings} />
          </Panel>
          <Panel id="cross-use" title={t('medium.cross-use')}>
            <Suspense>
              <MediumCrossUse number={medium.number} />
            </Suspense>
          </Panel>
          <Panel id="files" title={t('medium.files')}>
            <Suspense>
              <MediumFiles number={medium.number} />
            </Suspense>
          </Panel>
          <Panel id="history" title={t('medium.history')}>
            <MediumHistory history={history} printings={printings} />
          </Panel>
        </div>
        <Panel id="label" title={t('medium.label')}>
          <MediumLabel medium={medium} />
          <EntryPrints kind="media" number={medium.number} />
        </Panel>
      </div>
      <Suspense>
        {dialog === 'change' && <ChangeDialog medium={medium} onClose={close} />}
        {dialog === 'state' && <StateDialog medium={medium} onClose={close} />}
        {dialog === 'passport' && <PassportDialog medium={medium} sightings={sightings} onClose={close} />}
        {dialog === 'seal' && (
          <SealDialog medium={medium} sightings={sightings} onSent={onOrdered} onClose={close} />
        )}
      </Suspense>
    </div>
  )
}

interface HeadProps {
  readonly medium: MediumItem
  readonly onAsk: (dialog: Dialog) => void
}

function Head({ medium, onAsk }: HeadProps): ReactNode {
  const { t, language } = useText()
  const mayWrite = useMay('media.write')
  const isGone = medium.state === 'destroyed'
  return (
    <header className="computer-head">
      <p className="crumb">
        <Link to="/media">{t('nav.media')}</Link>
      </p>
      <div className="page-head">
        <h1>
          <bdi className="mono">{medium.number}</bdi>
        </h1>
        <LevelTag level={medium.level} />
        <StateWord state={medium.state} />
        <span>{t(`medium.kind.${medium.kind}`)}</span>
        <span className="top-space" />
        {mayWrite && !isGone && (
          <span className="head-actions">
            <Button onClick={() => onAsk('change')} data-testid="medium-change">
              {t('medium.change')}
            </Button>
            {nextStates(medium.state).length > 0 && (
              <Button onClick={() => onAsk('state')} data-testid="medium-state-change">
                {t('medium.change-state')}
              </Button>
            )}
            <Button onClick={() => onAsk('passport')} data-testid="medium-passport">
              {t('passport.take')}
            </Button>
            <Button
              onClick={() => onAsk('seal')}
              disabled={medium.passport === null}
              title={medium.passport === null ? t('seal.needs-passport') : t('seal.why')}
              data-testid="medium-seal"
            >
              {t('seal.write')}
            </Button>
          </span>
        )}
      </div>
      <dl className="head-facts panel">
        <Fact name={t('medium.right')}>
          <RightWord right={medium.right} />
        </Fact>
        <Fact name={t('medium.custodian')}>
          <bdi>{medium.custodian}</bdi>
        </Fact>
        <Fact name={t('medium.department')}>
          <bdi>{medium.department}</bdi>
        </Fact>
        <Fact name={t('medium.computers')}>
          <ComputersWord computers={medium.computers} />
        </Fact>
        <Fact name={t('medium.users')}>
          {medium.users === null ? (
            t('medium.all-users')
          ) : (
            <bdi className="mono">{medium.users.join(' ')}</bdi>
          )}
        </Fact>
        <Fact name={t('medium.valid')}>
          {t('medium.valid-span', {
            from: formatDay(medium.validFromMs, language),
            until:
              medium.validUntilMs === null
                ? t('medium.valid-open')
                : formatDay(medium.validUntilMs, language),
          })}
        </Fact>
        {isAway(medium.state) && (
          <Fact name={t('medium.due-back')}>
            <DueBack dueBackMs={medium.dueBackMs} />
          </Fact>
        )}
        <Fact name={t('medium.seal')}>
          <SealWord medium={medium} />
        </Fact>
        {medium.note !== '' && (
          <Fact name={t('policy.note')}>
            <bdi>{medium.note}</bdi>
          </Fact>
        )}
      </dl>
    </header>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

interface PanelProps {
  readonly id: string
  readonly title: string
  readonly children: ReactNode
}

function Panel({ id, title, children }: PanelProps): ReactNode {
  return (
    <section className={`panel panel-${id}`} aria-labelledby={`panel-${id}`}>
      <h2 id={`panel-${id}`}>{title}</h2>
      {children}
    </section>
  )
}
