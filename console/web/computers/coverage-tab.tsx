/** What each sensor can vouch for now, and what would mend it. */
import type { Coverage } from '@shoukou/protocol/events/facts.ts'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Computer } from '../../api/contract.ts'
import { useText } from '../i18n/use-text.ts'
import { policyQuery } from '../server/queries.ts'
import { useMay } from '../session/session-context.ts'
import { formatTime } from '../show/format.ts'
import { EmptyNote } from '../show/query-states.tsx'
import { AgeView } from '../show/time-view.tsx'
import { WatchMark } from '../show/watch-mark.tsx'
import { agentWords } from './agent-words.ts'
import { type CoverageShown, coverageShown } from './coverage-shown.ts'

export function CoverageTab({ computer }: { readonly computer: Computer }): ReactNode {
  const { t, tryT, language } = useText()
  const policy = useQuery({ ...policyQuery(computer.agent), enabled: useMay('policy.read') })
  const required = policy.data?.policy.settings.requiredSensors
  if (computer.coverageAt === null || computer.coverage.length === 0) {
    return (
      <div className="panel">
        <EmptyNote title={t('coverage.none')}>{t('coverage.none-why')}</EmptyNote>
      </div>
    )
  }
  const isCurrent = computer.status === 'online'
  return (
    <div className="panel">
      <p className={isCurrent ? 'muted above-table' : 'behind above-table'}>
        {isCurrent ? t('coverage.as-of') : t('coverage.as-of-stale')} <AgeView ms={computer.coverageAt} />
        {t('coverage.at', { time: formatTime(computer.coverageAt, language) })}
      </p>
      <table className="grid-table coverage-table">
        <thead>
          <tr>
            <th scope="col">{t('coverage.sensor')}</th>
            <th scope="col">{t('coverage.state')}</th>
            <th scope="col">{t('coverage.method')}</th>
            <th scope="col">{t('coverage.said')}</th>
          </tr>
        </thead>
        <tbody>
          {inOrder(computer.coverage).map((one) => {
            const shown = coverageShown(one)
            return (
              <tr key={one.sensor} data-testid={`coverage-row-${one.sensor}`} data-shown={shown}>
                <th scope="row">
                  {tryT(`sensor.${one.sensor}`) ?? one.sensor}
                  {required?.includes(one.sensor) === true && (
                    <span className="required">{t('coverage.required')}</span>
                  )}
                </th>
                <td>
                  <WatchMark
                    state={markOf(shown, isCurrent)}
                    words={t(isCoarse(one) ? 'coverage.coarse' : `coverage.${shown}`)}
                  />
                </td>
                <td>{tryT(`value.method.${one.method}`) ?? <span className="mono">{one.method}</span>}</td>
                <td>
                  <Said coverage={one} shown={shown} />
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

function Said({
  coverage: { method, reason, remedy },
  shown,
}: {
  readonly coverage: Coverage
  readonly shown: CoverageShown
}): ReactNode {
  const text = useText()
  const isNoneConfigured = shown === 'nothing' && method === 'none-configured'
  const coarse = coarseNets.find((one) => one === method)
  if (reason === null && remedy === null && !isNoneConfigured && coarse === undefined)
    return <span className="muted">—</span>
  return (
    <>
      {coarse !== undefined && <p>{text.t(`net.coarse-${coarse}`)}</p>}
      {isNoneConfigured && <p>{text.t('coverage.none-configured')}</p>}
      {reason !== null && <p>{agentWords(text, reason)}</p>}
      {remedy !== null && (
        <p className="remedy">{text.t('coverage.remedy-is', { remedy: agentWords(text, remedy) })}</p>
      )}
    </>
  )
}

const coarseNets = ['conntrack', 'socket-sweep'] as const

/** Connections that are not counted one by one: less than watching, and not merely polled. */
function isCoarse({ sensor, state }: Coverage): boolean {
  return sensor === 'connections' && state === 'fallback'
}

/** What a computer said before it fell silent proves nothing about now. */
function markOf(shown: CoverageShown, isCurrent: boolean): 'proven' | 'unproven' | 'nothing' {
  if (shown === 'nothing') return 'nothing'
  return isCurrent && shown === 'watching' ? 'proven' : 'unproven'
}

const order = [
  'usb',
  'media',
  'files',
  'network',
  'connections',
  'hardware',
  'host',
  'clock',
  'sessions',
  'folders',
] as const satisfies readonly Coverage['sensor'][]

function inOrder(coverage: readonly Coverage[]): Coverage[] {
  return coverage.toSorted((a, b) => order.indexOf(a.sensor) - order.indexOf(b.sensor))
}
