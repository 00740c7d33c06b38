/** What each sensor can vouch for now, and what would mend it. */
import type { Coverage } from '@shoukou/protocol/events/facts.ts'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Computer } from '../../api/contract.ts'
import { useText } from '../i18n/use-text.ts'
import { policyQuery } from '../server/queries.ts'
import { useMay } from '../session/session-context.ts'
import { EmptyNote } from '../show/query-states.tsx'
import { AgeView, TimeView } from '../show/time-view.tsx'
import { WatchMark } from '../show/watch-mark.tsx'

export function CoverageTab({ computer }: { readonly computer: Computer }): ReactNode {
  const { t, tryT } = useText()
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
      <p className={isCurrent ? 'muted' : 'behind'}>
        {isCurrent ? t('coverage.as-of') : t('coverage.as-of-stale')} <AgeView ms={computer.coverageAt} /> (
        <TimeView ms={computer.coverageAt} />)
      </p>
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col">{t('coverage.sensor')}</th>
            <th scope="col">{t('coverage.state')}</th>
            <th scope="col">{t('coverage.method')}</th>
            <th scope="col">{t('coverage.reason')}</th>
            <th scope="col">{t('coverage.remedy')}</th>
          </tr>
        </thead>
        <tbody>
          {inOrder(computer.coverage).map((one) => (
            <tr key={one.sensor} data-testid={`coverage-row-${one.sensor}`}>
              <th scope="row">
                {tryT(`sensor.${one.sensor}`) ?? one.sensor}
                {required?.includes(one.sensor) === true && (
                  <span className="note"> {t('coverage.required')}</span>
                )}
              </th>
              <td>
                {/* What a computer said before it fell silent proves nothing about now. */}
                <WatchMark
                  state={isCurrent && one.state === 'watching' ? 'proven' : 'unproven'}
                  words={t(`coverage.${one.state}`)}
                />
              </td>
              <td className="mono">{one.method}</td>
              <td>{one.reason ?? '—'}</td>
              <td>{one.remedy ?? '—'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const order = [
  'usb',
  'media',
  'files',
  'network',
  'host',
  'clock',
  'folders',
] as const satisfies readonly Coverage['sensor'][]

function inOrder(coverage: readonly Coverage[]): Coverage[] {
  return coverage.toSorted((a, b) => order.indexOf(a.sensor) - order.indexOf(b.sensor))
}
