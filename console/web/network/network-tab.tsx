/** The network of one computer now: what is open, the ways out, what the kernel counted, which hardware, and what was before. */
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Computer } from '../../api/contract.ts'
import type { NetworkAnswer } from '../../api/contract-network.ts'
import { type MessageKey, useText } from '../i18n/use-text.ts'
import { networkQuery } from '../server/network-queries.ts'
import { useRefetchWith } from '../server/use-refetch-with.ts'
import { formatTime } from '../show/format.ts'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { AgeView } from '../show/time-view.tsx'
import { ConditionsTable } from './conditions-table.tsx'
import { HardwareTable } from './hardware-table.tsx'
import { InterfacesTable } from './interfaces-table.tsx'
import { PictureGaps, PicturePart, ServiceParts } from './picture-view.tsx'
import { RoutesTable, RulesTable } from './routes-table.tsx'
import { TotalsTable } from './totals-table.tsx'
import { TracesTable } from './traces-table.tsx'

interface Props {
  readonly computer: Computer
}

export function NetworkTab({ computer }: Props): ReactNode {
  const query = useQuery(networkQuery(computer.agent))
  useRefetchWith(computer.storedSeq, query.refetch)
  if (query.data === undefined)
    return query.isError ? <QueryError query={query} /> : <RowsSkeleton rows={5} />
  const { picture, conditions, hardware, totals, traces } = query.data
  return (
    <div className="network-tab" data-testid="network-tab">
      <QueryError query={query} />
      <Panel id="open" title="net.open">
        {conditions.length === 0 ? (
          // Without a picture nothing was looked at: that nothing is open would be a claim.
          picture === null ? (
            <Nothing title="net.none" why="net.none-why" />
          ) : (
            <Nothing title="net.open-none" why="net.open-none-why" />
          )
        ) : (
          <ConditionsTable conditions={conditions} />
        )}
      </Panel>
      {picture !== null && <Now computer={computer} told={picture} />}
      <Panel id="totals" title="net.totals">
        {totals.length === 0 ? (
          <Nothing title="net.totals-none" why="net.totals-none-why" />
        ) : (
          <TotalsTable totals={totals} />
        )}
      </Panel>
      <Panel id="hardware" title="net.hardware">
        {hardware.length === 0 ? (
          isHardwareWatched(computer) ? (
            <Nothing title="net.hardware-none" why="net.hardware-none-why" />
          ) : (
            <Nothing title="net.hardware-unseen" why="net.hardware-unseen-why" />
          )
        ) : (
          <HardwareTable hardware={hardware} />
        )}
      </Panel>
      <Panel id="traces" title="net.traces">
        {traces.length === 0 ? (
          <Nothing title="net.traces-none" why="net.traces-why" />
        ) : (
          <Traces traces={traces} />
        )}
      </Panel>
    </div>
  )
}

type Told = NonNullable<NetworkAnswer['picture']>

function Now({ computer, told }: { readonly computer: Computer; readonly told: Told }): ReactNode {
  const { t, language } = useText()
  const { picture, wallMs } = told
  const { routes, neighbours, interfaces, rules } = picture
  const ways = routes.filter((one) => one.prefixLength === 0)
  const isCurrent = computer.status === 'online'
  return (
    <section className="panel" aria-labelledby="net-now">
      <h2 id="net-now">{t('net.interfaces')}</h2>
      <p className={isCurrent ? 'muted above-table' : 'behind above-table'}>
        {t(isCurrent ? 'net.as-of' : 'net.as-of-stale')} <AgeView ms={wallMs} />
        {t('coverage.at', { time: formatTime(wallMs, language) })}
      </p>
      <PictureGaps picture={picture} />
      {interfaces.length === 0 ? (
        <p className="muted">{t('net.interfaces-none')}</p>
      ) : (
        <InterfacesTable interfaces={interfaces} />
      )}
      <PicturePart title="net.ways-out" none="net.ways-out-none" items={ways}>
        <RoutesTable routes={ways} neighbours={neighbours} testId="ways-out" />
      </PicturePart>
      <ServiceParts picture={picture} />
      <PicturePart title="net.rules" none="net.rules-none" items={rules}>
        <RulesTable rules={rules} />
      </PicturePart>
    </section>
  )
}

function Traces({ traces }: { readonly traces: NetworkAnswer['traces'] }): ReactNode {
  const { t } = useText()
  return (
    <>
      <p className="muted above-table">{t('net.traces-why')}</p>
      <TracesTable traces={traces.map(({ trace }) => trace)} />
    </>
  )
}

interface PanelProps {
  readonly id: string
  readonly title: MessageKey
  readonly children: ReactNode
}

function Panel({ id, title, children }: PanelProps): ReactNode {
  const { t } = useText()
  return (
    <section className="panel" aria-labelledby={`net-${id}`}>
      <h2 id={`net-${id}`}>{t(title)}</h2>
      {children}
    </section>
  )
}

function Nothing({ title, why }: { readonly title: MessageKey; readonly why: MessageKey }): ReactNode {
  const { t } = useText()
  return <EmptyNote title={t(title)}>{t(why)}</EmptyNote>
}

/** Only a sensor that says it watches can say that nothing is there. */
function isHardwareWatched({ coverage }: Computer): boolean {
  return coverage.some((one) => one.sensor === 'hardware' && one.state !== 'not-watched')
}
