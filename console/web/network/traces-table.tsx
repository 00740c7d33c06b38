/** Traces of earlier connections that the system itself keeps: what, where it stands, when, and how sure that is. */
import type { Trace } from '@shoukou/protocol/network/shapes.ts'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { useFirstRows } from '../show/first-rows.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView } from '../show/time-view.tsx'
import { named } from './network-words.tsx'

const certaintyMarks: Readonly<Record<Trace['certainty'], string>> = { certain: '●', likely: '◐', hint: '○' }

export function TracesTable({ traces }: { readonly traces: readonly Trace[] }): ReactNode {
  const text = useText()
  const { t, tryT } = text
  const { rows, more } = useFirstRows(traces)
  return (
    <>
      <table className="grid-table traces" data-testid="traces">
        <thead>
          <tr>
            <th scope="col">{t('net.trace-kind')}</th>
            <th scope="col">{t('net.trace-text')}</th>
            <th scope="col">{t('net.trace-when')}</th>
            <th scope="col">{t('net.certainty')}</th>
            <th scope="col">{t('net.trace-source')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one, at) => (
            <tr key={at} data-testid="trace">
              <th scope="row">{t(`value.trace.${one.kind}`)}</th>
              <td>
                <RawTextView text={one.text} isPlain />
                <div className="under">
                  {one.peer !== null && <bdi className="mono">{one.peer}</bdi>}
                  {one.interfaceName !== null && named(text, 'net.over', one.interfaceName)}
                </div>
              </td>
              <td>
                <When trace={one} />
              </td>
              <td>
                <span aria-hidden="true">{certaintyMarks[one.certainty]}</span>{' '}
                {t(`value.certainty.${one.certainty}`)}
              </td>
              <td>
                {tryT(`source.${one.source}`) ?? <span className="mono">{one.source}</span>}
                {one.path !== null && (
                  <div className="under">
                    <RawTextView text={one.path} isPlain />
                  </div>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {more}
    </>
  )
}

function When({ trace: { firstWallMs, lastWallMs } }: { readonly trace: Trace }): ReactNode {
  const { t } = useText()
  const first = firstWallMs ?? lastWallMs
  if (first === null) return <span className="muted">{t('net.trace-when-unknown')}</span>
  return (
    <>
      <TimeView ms={first} />
      {lastWallMs !== null && lastWallMs !== first && (
        <div>
          <TimeView ms={lastWallMs} />
        </div>
      )}
    </>
  )
}
