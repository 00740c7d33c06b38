/** The first rows of a file as they would be written: what is new, and of what changes, the words before and after. */
import type { ReactNode } from 'react'
import type { ImportPreview } from '../../api/contract-sheets.ts'
import { useText } from '../i18n/use-text.ts'
import { formatCount } from '../show/format.ts'

export function ImportSample({ preview }: { readonly preview: ImportPreview }): ReactNode {
  const { t, language } = useText()
  const { sample } = preview
  const writes = preview.added + preview.changed
  return (
    <>
      <div className="import-sample">
        <table className="grid-table">
          <thead>
            <tr>
              <th scope="col" className="w-80">
                {t('import.row')}
              </th>
              <th scope="col">{t('import.act')}</th>
              <th scope="col">{t('medium.number')}</th>
              <th scope="col">{t('import.what')}</th>
            </tr>
          </thead>
          <tbody>
            {sample.map((one) => (
              <tr key={one.row} data-testid="import-sample" data-act={one.act}>
                <td>{formatCount(one.row, language)}</td>
                <td>
                  <span className={`import-act import-act-${one.act}`}>{t(`import.act.${one.act}`)}</span>
                </td>
                <td>
                  {one.number === '' ? (
                    <span className="muted">{t('import.number-later')}</span>
                  ) : (
                    <bdi className="mono">{one.number}</bdi>
                  )}
                </td>
                <td>
                  <ul className="import-cells">
                    {one.cells.map((cell) => (
                      <li key={cell.column}>
                        <span className="muted">{cell.column}</span>{' '}
                        {cell.before !== null && (
                          <>
                            <del>
                              <bdi>{cell.before === '' ? t('import.empty-cell') : cell.before}</bdi>
                            </del>{' '}
                            <span aria-hidden="true">→</span>{' '}
                          </>
                        )}
                        <bdi>{cell.after === '' ? t('import.empty-cell') : cell.after}</bdi>
                      </li>
                    ))}
                  </ul>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {writes > sample.length && (
        <p className="muted small">
          {t('import.sample', {
            shown: formatCount(sample.length, language),
            rows: formatCount(writes, language),
          })}
        </p>
      )}
    </>
  )
}
