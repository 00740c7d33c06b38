/** The table of registered media. */
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { MediumItem } from '../../api/contract-media.ts'
import { useText } from '../i18n/use-text.ts'
import { LevelTag } from '../show/level-tag.tsx'
import { AgeView } from '../show/time-view.tsx'
import { ComputersWord, RightWord, StateWord } from './medium-words.tsx'

export function MediaTable({ media }: { readonly media: readonly MediumItem[] }): ReactNode {
  const { t } = useText()
  return (
    <div className="panel table-panel">
      <table className="grid-table media-table">
        <thead>
          <tr>
            <th scope="col">{t('medium.number')}</th>
            <th scope="col">{t('computers.level')}</th>
            <th scope="col">{t('medium.kind')}</th>
            <th scope="col">{t('medium.custodian')}</th>
            <th scope="col">{t('medium.department')}</th>
            <th scope="col">{t('medium.state')}</th>
            <th scope="col">{t('medium.computers')}</th>
            <th scope="col">{t('medium.right')}</th>
            <th scope="col">{t('medium.last-seen')}</th>
          </tr>
        </thead>
        <tbody>
          {media.map((one) => (
            <tr key={one.number} data-testid="medium-row" data-number={one.number}>
              <th scope="row">
                <Link to={`/media/${encodeURIComponent(one.number)}`}>
                  <bdi className="mono">{one.number}</bdi>
                </Link>
              </th>
              <td>
                <LevelTag level={one.level} />
              </td>
              <td className="nowrap">{t(`medium.kind.${one.kind}`)}</td>
              <td>
                <bdi>{one.custodian}</bdi>
              </td>
              <td>
                <bdi>{one.department}</bdi>
              </td>
              <td>
                <StateWord state={one.state} />
              </td>
              <td>
                <ComputersWord computers={one.computers} />
              </td>
              <td className="nowrap">
                <RightWord right={one.right} />
              </td>
              <td>
                {one.lastSeenAt === null ? (
                  <span className="muted">{t('computers.never')}</span>
                ) : (
                  <>
                    <AgeView ms={one.lastSeenAt} />
                    {one.lastSeenComputer !== null && (
                      <div className="small">
                        <bdi className="mono">{one.lastSeenComputer}</bdi>
                      </div>
                    )}
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
