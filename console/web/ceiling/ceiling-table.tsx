/** What the ceiling allows: one column a level, and what holds for all of them. */
import { LEVELS, type Level } from '@shoukou/protocol/levels.ts'
import { EXPORT_AFTER_MS_DEFAULT } from '@shoukou/protocol/policy.ts'
import type { ReactNode } from 'react'
import type { CeilingAnswer } from '../../api/contract-ceiling.ts'
import { useText } from '../i18n/use-text.ts'
import { formatDuration, formatList } from '../show/format.ts'
import { LevelTag } from '../show/level-tag.tsx'
import { ScrollBox } from '../show/scroll-box.tsx'

type Ceiling = NonNullable<CeilingAnswer['inForce']>['ceiling']
type LevelCeiling = NonNullable<Ceiling['levels'][Level]>
type Cell = (allowed: LevelCeiling) => ReactNode

export function CeilingTable({ ceiling }: { readonly ceiling: Ceiling }): ReactNode {
  const { t, tryT, language } = useText()
  const list = (names: readonly string[], prefix: string): string =>
    names.length === 0
      ? '—'
      : formatList(
          names.map((one) => tryT(`${prefix}${one}`) ?? one),
          language,
        )
  const time = (ms: number): string => formatDuration(ms, language)
  const rows: readonly (readonly [string, Cell])[] = [
    ['media-mode', ({ weakest }) => t(`ceiling.mode.${weakest.media}`)],
    ['network-mode', ({ weakest }) => t(`ceiling.mode.${weakest.network}`)],
    ['files-mode', ({ weakest }) => t(`ceiling.mode.${weakest.files}`)],
    ['networks', ({ networkModes }) => list(networkModes, 'ceiling.net.')],
    ['roles', ({ roles }) => list(roles, 'ceiling.role.')],
    ['right', ({ media }) => t(`ceiling.right.${media.right}`)],
    ['ids', ({ media }) => t(media.byDeviceIds ? 'ceiling.yes' : 'ceiling.no')],
    [
      'grants',
      ({ grants }) =>
        grants.right === 'none' || grants.minutesMax === 0
          ? t('ceiling.right.none')
          : t('ceiling.grant', { right: t(`ceiling.right.${grants.right}`), minutes: grants.minutesMax }),
    ],
    ['peripherals', ({ peripherals }) => t(`ceiling.peripherals.${peripherals}`)],
    ['interfaces', ({ furtherInterfaces }) => t(furtherInterfaces ? 'ceiling.yes' : 'ceiling.no')],
    ['sensors', ({ requiredSensors }) => list(requiredSensors, 'sensor.')],
    [
      'limits',
      ({ limits }) =>
        `${time(limits.silentAfterMsMax)} / ${time(limits.stoppedAfterMsMax)} / ${time(limits.clockBackMsMax)}`,
    ],
    ['export', ({ limits }) => time(limits.exportAfterMsMax ?? EXPORT_AFTER_MS_DEFAULT)],
  ]
  return (
    <section className="panel" aria-labelledby="ceiling-allows">
      <h2 id="ceiling-allows">{t('ceiling.allows')}</h2>
      <table className="facts gap-below">
        <tbody>
          <tr>
            <th scope="row">{t('ceiling.within')}</th>
            <td className="mono">{ceiling.network.within.join('  ') || t('ceiling.within-none')}</td>
          </tr>
          <tr>
            <th scope="row">{t('ceiling.commands')}</th>
            <td>{list(ceiling.commands, 'ceiling.command.')}</td>
          </tr>
          <tr>
            <th scope="row">{t('ceiling.change-level')}</th>
            <td>{t(ceiling.mayChangeLevel ? 'ceiling.yes' : 'ceiling.change-level-no')}</td>
          </tr>
        </tbody>
      </table>
      <ScrollBox className="table-scroll" label={t('ceiling.at-most')}>
        <table className="grid-table ceiling-levels" data-testid="ceiling-levels">
          <thead>
            <tr>
              <th scope="col">{t('ceiling.at-most')}</th>
              {LEVELS.map((level) => (
                <th key={level} scope="col">
                  <LevelTag level={level} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([row, cell], at) => (
              <tr key={row}>
                <th scope="row">{tryT(`ceiling.row.${row}`)}</th>
                {LEVELS.map((level) => {
                  const allowed = ceiling.levels[level]
                  if (allowed !== null) return <td key={level}>{cell(allowed)}</td>
                  return at > 0 ? null : (
                    <td key={level} rowSpan={rows.length} className="muted ceiling-no-level">
                      {t('ceiling.no-level')}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </section>
  )
}
