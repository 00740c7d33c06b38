/** One computer: what it is, what it did, how well it is watched, what it must obey. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { Alert, App, Button, Tabs } from 'antd'
import { lazy, type ReactNode, Suspense } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import type { Computer } from '../../api/contract.ts'
import { DepartmentFact } from '../accounts/department-fact.tsx'
import { useFeedState } from '../feed/live-cache.ts'
import { useText } from '../i18n/use-text.ts'
import { IsolationButton } from '../network/isolation-button.tsx'
import { IsolationNote } from '../network/isolation-note.tsx'
import { IsolationMark } from '../network/isolation-state.tsx'
import { RemovalButton } from '../protection/removal-button.tsx'
import { computerQuery } from '../server/queries.ts'
import { request } from '../server/request.ts'
import { useMay } from '../session/session-context.ts'
import { errorText } from '../show/error-text.ts'
import { formatCount, formatDuration } from '../show/format.ts'
import { LevelTag } from '../show/level-tag.tsx'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { AgeView } from '../show/time-view.tsx'
import { WatchMark } from '../show/watch-mark.tsx'
import { ControlMark } from './control-mark.tsx'
import { CoverageTab } from './coverage-tab.tsx'
import { GapsTab } from './gaps-tab.tsx'
import { PolicyState } from './policy-state.tsx'
import { RecordsTab } from './records-tab.tsx'
import { StatusWord } from './status-word.tsx'
import { WatchReasons } from './watch-reasons.tsx'

const PolicyTab = lazy(async () => ({ default: (await import('../policy/policy-tab.tsx')).PolicyTab }))
const PresentMedia = lazy(async () => ({
  default: (await import('../media/present-media.tsx')).PresentMedia,
}))
const NetworkTab = lazy(async () => ({ default: (await import('../network/network-tab.tsx')).NetworkTab }))
const IdentityTab = lazy(async () => ({
  default: (await import('../identity/identity-tab.tsx')).IdentityTab,
}))
const RegisterTab = lazy(async () => ({
  default: (await import('../registers/register-tab.tsx')).RegisterTab,
}))
const TimelinePanel = lazy(async () => ({
  default: (await import('../timeline/timeline-panel.tsx')).TimelinePanel,
}))
const CoverageCalendar = lazy(async () => ({
  default: (await import('../coverage/coverage-calendar.tsx')).CoverageCalendar,
}))
const clockSkewShownMs = 2_000

export function ComputerPage(): ReactNode {
  const { t } = useText()
  const { agent = '', tab } = useParams()
  const query = useQuery(computerQuery(agent))
  const navigate = useNavigate()
  const mayReadPolicy = useMay('policy.read')
  const mayReadRecords = useMay('records.read')
  const mayReadMedia = useMay('media.read')
  const mayReadNetwork = useMay('network.read')
  const mayReadIdentity = useMay('identity.read')
  const mayReadRegisters = useMay('registers.read')
  if (query.data === undefined) {
    return (
      <div className="page">{query.isError ? <QueryError query={query} /> : <RowsSkeleton rows={5} />}</div>
    )
  }
  const computer = query.data
  return (
    <div className="page">
      <Head computer={computer} />
      <Tabs
        activeKey={tab ?? (mayReadRecords ? 'timeline' : 'coverage')}
        onChange={(key) => void navigate(`/computers/${encodeURIComponent(agent)}/${key}`, { replace: true })}
        destroyOnHidden={false}
        items={[
          ...(mayReadRecords
            ? [
                {
                  key: 'timeline',
                  label: t('computer.timeline'),
                  children: (
                    <>
                      <Suspense fallback={<RowsSkeleton rows={5} />}>
                        <TimelinePanel computer={computer} />
                      </Suspense>
                      <RecordsTab computer={computer} />
                    </>
                  ),
                },
              ]
            : []),
          {
            key: 'coverage',
            label: t('computer.coverage'),
            children: (
              <>
                <Suspense fallback={<RowsSkeleton rows={5} />}>
                  <CoverageCalendar computer={computer} />
                </Suspense>
                <CoverageTab computer={computer} />
              </>
            ),
          },
          ...(mayReadNetwork
            ? [
                {
                  key: 'network',
                  label: t('computer.network'),
                  children: (
                    <Suspense fallback={<RowsSkeleton rows={5} />}>
                      <NetworkTab computer={computer} />
                    </Suspense>
                  ),
                },
              ]
            : []),
          ...(mayReadMedia
            ? [
                {
                  key: 'media',
                  label: t('nav.media'),
                  children: (
                    <Suspense fallback={<RowsSkeleton rows={3} />}>
                      <PresentMedia computer={computer} />
                    </Suspense>
                  ),
                },
              ]
            : []),
          ...(mayReadPolicy
            ? [
                {
                  key: 'policy',
                  label: t('computer.policy'),
                  children: (
                    <Suspense fallback={<RowsSkeleton rows={5} />}>
                      <PolicyTab computer={computer} />
                    </Suspense>
                  ),
                },
              ]
            : []),
          ...(mayReadRegisters
            ? [
                {
                  key: 'register',
                  label: t('computer.register'),
                  children: (
                    <Suspense fallback={<RowsSkeleton rows={5} />}>
                      <RegisterTab computer={computer} />
                    </Suspense>
                  ),
                },
              ]
            : []),
          ...(mayReadIdentity
            ? [
                {
                  key: 'identity',
                  label: t('computer.identity'),
                  children: (
                    <Suspense fallback={<RowsSkeleton rows={5} />}>
                      <IdentityTab computer={computer} />
                    </Suspense>
                  ),
                },
              ]
            : []),
          ...(mayReadRecords
            ? [{ key: 'gaps', label: t('computer.gaps'), children: <GapsTab agent={agent} /> }]
            : []),
        ]}
      />
    </div>
  )
}

function Head({ computer }: { readonly computer: Computer }): ReactNode {
  const { t, language } = useText()
  const feed = useFeedState()
  const mayReadViolations = useMay('violations.read')
  const mayReadRecords = useMay('records.read')
  const skew = computer.clockSkewMs
  return (
    <header className="computer-head">
      <p className="crumb">
        <Link to="/computers">{t('nav.computers')}</Link>
      </p>
      <div className="page-head">
        <h1>
          <bdi className="mono">{computer.number}</bdi>
        </h1>
        <LevelTag level={computer.level} />
        <span>{t(`value.networkMode.${computer.networkMode}`)}</span>
        <StatusWord status={computer.status} />
        <WatchMark state={computer.watch.state} />
        {mayReadRecords && <ControlMark computer={computer} group="media" />}
        {mayReadRecords && <ControlMark computer={computer} group="network" />}
        <IsolationMark isolation={computer.isolation} isShort />
        {feed.kind === 'lost' && <span className="stale-tag">{t('live.stale')}</span>}
        <span className="head-actions acts">
          {mayReadViolations && (
            <Link to={`/violations?computer=${encodeURIComponent(computer.agent)}`}>
              {t('computer.its-violations')}
            </Link>
          )}
          <Rescan agent={computer.agent} />
          <IsolationButton computer={computer} />
          <RemovalButton computer={computer} />
        </span>
      </div>
      <dl className="head-facts">
        <div>
          <dt>{t('computer.hostname')}</dt>
          <dd>
            <RawTextView text={computer.hostname} isPlain />
          </dd>
        </div>
        <DepartmentFact computer={computer} />
        <div>
          <dt>{t('computers.last-seen')}</dt>
          <dd>
            {computer.lastSeenAt === null ? t('computers.never') : <AgeView ms={computer.lastSeenAt} />}
          </dd>
        </div>
        <div>
          <dt>{t('computers.policy')}</dt>
          <dd>
            <PolicyState computer={computer} />
          </dd>
        </div>
        <div>
          <dt>{t('computer.agent-version')}</dt>
          <dd>{computer.agentVersion ?? t('value.unknown')}</dd>
        </div>
        <div>
          <dt>{t('computer.records')}</dt>
          <dd>{computer.storedSeq === null ? t('value.none') : formatCount(computer.storedSeq, language)}</dd>
        </div>
        {skew !== null && Math.abs(skew) >= clockSkewShownMs && (
          <div>
            <dt>{t('computer.clock')}</dt>
            <dd>
              {t(skew > 0 ? 'computer.clock-ahead' : 'computer.clock-behind', {
                by: formatDuration(Math.abs(skew), language),
              })}
            </dd>
          </div>
        )}
      </dl>
      <IsolationNote isolation={computer.isolation} />
      {computer.watch.reasons.length > 0 && (
        <Alert
          type="warning"
          title={t('computer.why-not-proven')}
          description={<WatchReasons computer={computer} />}
        />
      )}
    </header>
  )
}

function Rescan({ agent }: { readonly agent: string }): ReactNode {
  const text = useText()
  const { message } = App.useApp()
  const may = useMay('command.rescan')
  const rescan = useMutation({
    mutationFn: () =>
      request<{ sent: boolean }>('POST', `/api/computers/${encodeURIComponent(agent)}/rescan`, {}),
    onSuccess: ({ sent }) =>
      void (sent
        ? message.success(text.t('computer.rescan-sent'))
        : message.warning(text.t('computer.rescan-not-sent'))),
    onError: (error) => void message.error(errorText(text, error)),
  })
  if (!may) return null
  return (
    <Button
      size="small"
      loading={rescan.isPending}
      onClick={() => rescan.mutate()}
      title={text.t('computer.rescan-why')}
    >
      {text.t('computer.rescan')}
    </Button>
  )
}
