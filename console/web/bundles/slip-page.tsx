/** One slip: on the screen, and on A4 paper for the file that the unit keeps. */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import type { ReactNode } from 'react'
import { Link, useParams } from 'react-router'
import type { Slip } from '../../api/contract-bundles.ts'
import { useText } from '../i18n/use-text.ts'
import { slipQuery } from '../server/bundles-queries.ts'
import { formatCount } from '../show/format.ts'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView } from '../show/time-view.tsx'
import { SlipNotes, SlipSentence } from './slip-sentence.tsx'

export function SlipPage(): ReactNode {
  const { t } = useText()
  const { slip = '' } = useParams()
  const query = useQuery(slipQuery(slip))
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('bundles.slip-title', { number: query.data?.id ?? '…' })}</h1>
        <span className="top-space" />
        <Link to="/bundles" className="no-print">
          {t('bundles.back')}
        </Link>
        <Button className="no-print" onClick={() => window.print()} data-testid="print-slip">
          {t('bundles.print')}
        </Button>
      </header>
      <QueryError query={query} />
      {query.isPending && !query.isError && <RowsSkeleton rows={8} />}
      {query.data !== undefined && <SlipView slip={query.data} />}
    </div>
  )
}

function SlipView({ slip }: { readonly slip: Slip }): ReactNode {
  const { t, tryT, language } = useText()
  const count = (value: number | null) => (value === null ? '—' : formatCount(value, language))
  const rows: readonly (readonly [Parameters<typeof t>[0], ReactNode])[] = [
    ['bundles.computer', textOr(slip.computer)],
    ['bundles.number', slip.number ?? '—'],
    ['bundles.written', timeOr(slip.createdWallMs)],
    ['bundles.span', <Span key="span" slip={slip} />],
    [
      'bundles.times',
      <>
        {timeOr(slip.fromWallMs)} – {timeOr(slip.toWallMs)}
      </>,
    ],
    ['bundles.new', count(slip.recordsNew)],
    ['bundles.known', count(slip.recordsKnown)],
    ['bundles.gaps', <Gaps key="gaps" slip={slip} />],
    ['bundles.violations', count(slip.violations)],
    [
      'bundles.seal',
      slip.seal === null ? t('bundles.seal.none') : (tryT(`bundles.seal.${slip.seal}`) ?? slip.seal),
    ],
    ['bundles.medium', textOr(slip.medium)],
    ['bundles.journal', textOr(slip.epoch)],
    ['bundles.id', textOr(slip.bundle)],
    ['bundles.previous', textOr(slip.previous)],
    [
      'bundles.file',
      <span key="file" className="mono">{`${slip.fileHash} (${count(slip.fileBytes)} B)`}</span>,
    ],
    ['bundles.brought', <TimeView key="at" ms={slip.takenAt} />],
    ['bundles.by', textOr(slip.takenBy)],
  ]
  return (
    <article className="panel slip" data-testid="slip" data-verdict={slip.verdict}>
      <p className="slip-head">
        <SlipSentence slip={slip} />
      </p>
      <SlipNotes slip={slip} />
      <table className="slip-rows">
        <tbody>
          {rows.map(([key, value]) => (
            <tr key={key}>
              <th scope="row">{t(key)}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="print-only slip-sign">
        <span>{t('bundles.sign-brought')} ______________________</span>
        <span>{t('bundles.sign-taken')} ______________________</span>
      </p>
    </article>
  )
}

function Span({ slip: { firstSeq, lastSeq } }: { readonly slip: Slip }): ReactNode {
  const { t, language } = useText()
  if (firstSeq === null || lastSeq === null) return '—'
  if (lastSeq < firstSeq) return t('bundles.no-records')
  return `${formatCount(firstSeq, language)} – ${formatCount(lastSeq, language)}`
}

function Gaps({ slip: { gaps } }: { readonly slip: Slip }): ReactNode {
  const { t, language } = useText()
  if (gaps.length === 0) return t('bundles.no-gaps')
  return (
    <ul className="slip-gaps">
      {gaps.map(({ firstSeq, lastSeq, state }) => (
        <li key={firstSeq}>
          {formatCount(firstSeq, language)} – {formatCount(lastSeq, language)} · {t(`gaps.${state}`)}
        </li>
      ))}
    </ul>
  )
}

function textOr(text: string | null): ReactNode {
  return text === null ? '—' : <RawTextView text={text} isPlain />
}

function timeOr(ms: number | null): ReactNode {
  return ms === null ? '—' : <TimeView ms={ms} />
}
