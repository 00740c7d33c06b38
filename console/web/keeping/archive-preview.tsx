/** What would go if it were archived now, in figures; or why nothing does. */
import { Alert } from 'antd'
import type { ReactNode } from 'react'
import type { ArchivesAnswer } from '../../api/contract-archives.ts'
import { useText } from '../i18n/use-text.ts'
import { formatCount } from '../show/format.ts'
import { TimeView } from '../show/time-view.tsx'

export function Preview({ preview }: Pick<ArchivesAnswer, 'preview'>): ReactNode {
  const { t, language } = useText()
  const { nothing, beforeMs, firstReceivedAt, lastReceivedAt } = preview
  if (nothing !== null) {
    const isWarning = nothing === 'clocks-differ' || nothing === 'no-computer-heard'
    return (
      <Alert
        type={isWarning ? 'warning' : 'info'}
        showIcon
        className="gap-below"
        data-testid="archive-nothing"
        title={t(`archive.nothing.${nothing}`, { count: preview.retentionYears })}
      />
    )
  }
  const held = preview.heldByViolations + preview.heldByStanding
  return (
    <table className="facts gap-below" data-testid="archive-preview">
      <tbody>
        <tr>
          <th scope="row">{t('archive.before')}</th>
          <td>{beforeMs === null ? '—' : <TimeView ms={beforeMs} />}</td>
        </tr>
        <tr>
          <th scope="row">{t('archive.would-go')}</th>
          <td>
            {t('archive.counts', {
              records: formatCount(preview.records, language),
              journals: formatCount(preview.journals, language),
              computers: formatCount(preview.computers, language),
              megabytes: formatCount(Math.ceil(preview.bytes / 1_048_576), language),
            })}
          </td>
        </tr>
        <tr>
          <th scope="row">{t('archive.span')}</th>
          <td>
            {firstReceivedAt !== null && <TimeView ms={firstReceivedAt} />} –{' '}
            {lastReceivedAt !== null && <TimeView ms={lastReceivedAt} />}
          </td>
        </tr>
        {held > 0 && (
          <tr>
            <th scope="row">{t('archive.held')}</th>
            <td>
              {t('archive.held-counts', {
                violations: formatCount(preview.heldByViolations, language),
                standing: formatCount(preview.heldByStanding, language),
              })}
            </td>
          </tr>
        )}
        {preview.clockSteps > 0 && (
          <tr>
            <th scope="row">{t('archive.clock')}</th>
            <td className="bad">{t('archive.clock-steps', { count: preview.clockSteps })}</td>
          </tr>
        )}
        {preview.isPart && (
          <tr>
            <th scope="row">{t('archive.part')}</th>
            <td>{t('archive.part-what')}</td>
          </tr>
        )}
      </tbody>
    </table>
  )
}
