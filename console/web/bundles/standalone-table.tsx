/** Computers that report by bundles: when each last did, when it is due, and what it has of the way home. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, Button } from 'antd'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { Standalone } from '../../api/contract-bundles.ts'
import { useText } from '../i18n/use-text.ts'
import { bundlesQuery } from '../server/bundles-queries.ts'
import { useMay } from '../session/session-context.ts'
import { errorText } from '../show/error-text.ts'
import { RawTextView } from '../show/raw-text-view.tsx'
import { AgeView, TimeView } from '../show/time-view.tsx'
import { downloadFile } from './upload-file.ts'

export function StandaloneTable({ computers }: { readonly computers: readonly Standalone[] }): ReactNode {
  const text = useText()
  const { t } = text
  const mayBring = useMay('bundles.import')
  const queries = useQueryClient()
  const make = useMutation({
    mutationFn: (agent: string) => downloadFile(`/api/bundles/packages/${encodeURIComponent(agent)}`),
    onSettled: () => queries.invalidateQueries({ queryKey: bundlesQuery.queryKey }),
  })
  return (
    <>
      {make.isError && (
        <Alert type="error" showIcon role="alert" className="gap-below" title={errorText(text, make.error)} />
      )}
      <table className="grid-table" data-testid="standalone">
        <thead>
          <tr>
            <th scope="col">{t('bundles.computer')}</th>
            <th scope="col">{t('bundles.last')}</th>
            <th scope="col">{t('bundles.due')}</th>
            <th scope="col">{t('bundles.home')}</th>
            {mayBring && (
              <th scope="col" className="no-print">
                {t('bundles.acts')}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {computers.map((one) => (
            <tr key={one.agent} data-testid="standalone-row" data-overdue={one.isOverdue}>
              <th scope="row">
                <Link to={`/computers/${encodeURIComponent(one.agent)}`}>
                  <RawTextView text={one.computer} isPlain />
                </Link>
              </th>
              <td>
                {one.lastTakenAt === null ? (
                  <span className="muted">{t('bundles.never')}</span>
                ) : (
                  <>
                    {t('bundles.nth', { number: one.lastNumber ?? 0 })} · <AgeView ms={one.lastTakenAt} />
                  </>
                )}
              </td>
              <td className="nowrap">
                {one.isOverdue && <strong className="bundle-overdue">{t('bundles.overdue')} </strong>}
                <TimeView ms={one.dueAt} />
              </td>
              <td>
                {one.packageNumber === null ? (
                  <span className="muted">{t('bundles.no-package')}</span>
                ) : one.packageTaken !== null && one.packageTaken >= one.packageNumber ? (
                  t('bundles.package-taken', { number: one.packageNumber })
                ) : (
                  t('bundles.package-waits', { number: one.packageNumber })
                )}
              </td>
              {mayBring && (
                <td className="no-print">
                  <Button
                    size="small"
                    loading={make.isPending && make.variables === one.agent}
                    onClick={() => make.mutate(one.agent)}
                    data-testid="return-package"
                  >
                    {t('bundles.make-package')}
                  </Button>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}
