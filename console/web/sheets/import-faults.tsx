/** Every faulty cell of a spreadsheet: where it is, what stands there, and what is wrong with it in words. */
import type { ReactNode } from 'react'
import type { ImportFault } from '../../api/contract-sheets.ts'
import { useText } from '../i18n/use-text.ts'
import { formatCount } from '../show/format.ts'
import { usePages } from '../show/pager.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { ScrollBox } from '../show/scroll-box.tsx'

const pageSize = 50

export function ImportFaults({ faults }: { readonly faults: readonly ImportFault[] }): ReactNode {
  const { t, tryT, language } = useText()
  const { rows, offset, pager } = usePages(faults, pageSize)
  return (
    <ScrollBox className="import-faults" label={t('import.problem')}>
      <table className="grid-table" data-testid="import-faults">
        <thead>
          <tr>
            <th scope="col" className="w-80">
              {t('import.row')}
            </th>
            <th scope="col" className="w-100">
              {t('import.column')}
            </th>
            <th scope="col">{t('import.value')}</th>
            <th scope="col">{t('import.problem')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((fault, at) => (
            <tr key={offset + at} data-testid="import-fault">
              <td>{formatCount(fault.row, language)}</td>
              <td>
                <RawTextView text={fault.column} isPlain />
              </td>
              <td>
                <RawTextView text={fault.value} isPlain />
              </td>
              <td>
                <span className="fault-mark" aria-hidden="true">
                  ✕
                </span>{' '}
                {tryT(`import.fault.${fault.code}`) ?? <span className="mono">{fault.code}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {pager}
    </ScrollBox>
  )
}
