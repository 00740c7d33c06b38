/** A timeline as a table: each thing where they are few, else steps with their counts; what was picked alone. */
import { Button } from 'antd'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { TimelineAnswer, TimelineItem } from '../../api/contract-timeline.ts'
import { CauseWord, coverageWords } from '../coverage/cause-words.tsx'
import { rawAddress } from '../evidence/record-row.tsx'
import { useText } from '../i18n/use-text.ts'
import { formatCount, formatDuration, formatTime } from '../show/format.ts'
import { usePages } from '../show/pager.tsx'
import { isCounted, SESSIONS_LANE } from './session-marks.ts'
import { SessionWords } from './session-words.tsx'
import { WATCHED_LANE } from './timeline-marks.ts'
import type { Picked } from './timeline-panel.tsx'
import type { Span } from './timeline-span.ts'

interface Props {
  readonly agent: string
  readonly answer: TimelineAnswer
  readonly picked: Picked | null
  readonly onAll: () => void
  readonly onShow: (span: Span) => void
}

interface Row {
  readonly key: string
  readonly atMs: number
  readonly toMs: number
  readonly lane: string
  readonly what: ReactNode
  readonly where: ReactNode
}

const pageSize = 12

export function TimelineTable(props: Props): ReactNode {
  const { t, language } = useText()
  const { picked, onAll } = props
  const rows = useRows(props).filter((row) => isPicked(row, picked))
  const { rows: page, pager } = usePages(rows, pageSize)
  return (
    <>
      {picked !== null && (
        <p className="timeline-picked" role="status">
          {t('timeline.picked', {
            lane: t(`timeline.lane.${picked.lane as 'media'}`),
            from: formatTime(picked.fromMs, language),
            length: formatDuration(picked.toMs - picked.fromMs, language),
          })}
          <Button
            type="link"
            size="small"
            onClick={() => props.onShow(picked.toMs - picked.fromMs < 1_000 ? around(picked) : picked)}
          >
            {t('timeline.closer')}
          </Button>
          <Button type="link" size="small" onClick={onAll}>
            {t('timeline.all')}
          </Button>
        </p>
      )}
      <table className="grid-table timeline-table" data-testid="timeline-table">
        <thead>
          <tr>
            <th scope="col">{t('timeline.when')}</th>
            <th scope="col">{t('timeline.lane')}</th>
            <th scope="col">{t('timeline.what')}</th>
            <th scope="col">{t('timeline.where')}</th>
          </tr>
        </thead>
        <tbody>
          {page.map(({ key, atMs, lane, what, where }) => (
            <tr key={key}>
              <td className="nowrap">{formatTime(atMs, language)}</td>
              <td>{t(`timeline.lane.${lane as 'media'}`)}</td>
              <td>{what}</td>
              <td>{where}</td>
            </tr>
          ))}
          {rows.length === 0 && (
            <tr>
              <td colSpan={4} className="muted">
                {t('timeline.nothing')}
              </td>
            </tr>
          )}
        </tbody>
      </table>
      {pager}
    </>
  )
}

function useRows({ agent, answer, picked, onShow }: Props): Row[] {
  const text = useText()
  const { t, tryT, language } = text
  const { items, buckets, coverage, stepMs } = answer
  const watched = coverage
    .filter(({ state }) => picked?.lane === WATCHED_LANE || (state !== 'proven' && state !== 'outside'))
    .map(
      (one, at): Row => ({
        key: `watched-${at}`,
        atMs: one.fromMs,
        toMs: one.toMs,
        lane: WATCHED_LANE,
        what: (
          <>
            <CauseWord state={one.state} words={coverageWords(text, one)} />{' '}
            <span className="muted">{formatDuration(one.toMs - one.fromMs, language)}</span>
          </>
        ),
        where: <RestLink agent={agent} rest={one.rest} />,
      }),
    )
  const sessions = (answer.sessions ?? []).map(
    (one): Row => ({
      key: `session-${one.epoch}-${one.seq}`,
      atMs: one.fromMs,
      toMs: one.toMs ?? answer.toMs,
      lane: SESSIONS_LANE,
      what: <SessionWords session={one} />,
      where: <RecordLink agent={agent} epoch={one.epoch} seq={one.seq} />,
    }),
  )
  const known = (items ?? []).filter(({ lane }) => isCounted(lane, answer))
  const told = known.map(
    (item, at): Row => ({
      key: `item-${at}`,
      atMs: item.atMs,
      toMs: item.atMs + 1,
      lane: item.lane,
      what: whatOf(item),
      where: <ItemLink agent={agent} item={item} />,
    }),
  )
  const counted =
    items !== null
      ? []
      : buckets
          .filter(({ lane }) => isCounted(lane, answer))
          .map(
            (one): Row => ({
              key: `${one.lane}-${one.atMs}`,
              atMs: one.atMs,
              toMs: one.atMs + stepMs,
              lane: one.lane,
              what: t('timeline.count', {
                count: formatCount(one.count, language),
                length: formatDuration(stepMs, language),
              }),
              where: (
                <Button
                  type="link"
                  size="small"
                  onClick={() => onShow({ fromMs: one.atMs, toMs: one.atMs + Math.max(1_000, stepMs) })}
                >
                  {t('timeline.closer')}
                </Button>
              ),
            }),
          )
  return [...watched, ...sessions, ...told, ...counted].toSorted((a, b) => b.atMs - a.atMs)

  function whatOf({ lane, what, account, detail }: TimelineItem): ReactNode {
    const words =
      lane === 'violations'
        ? tryT(`violation.type.${what}`)
        : lane === 'register' || what === 'policy-made'
          ? tryT(`timeline.event.${what}`)
          : tryT(`fact.${what}`)
    return (
      <>
        {words ?? what}
        {detail !== null && detail !== '' && <bdi className="muted"> {detail}</bdi>}
        {account !== null && account !== '' && <bdi className="muted mono"> {account}</bdi>}
      </>
    )
  }
}

function ItemLink({ agent, item }: { readonly agent: string; readonly item: TimelineItem }): ReactNode {
  const { t } = useText()
  if (item.violation !== null)
    return <Link to={`/violations/${item.violation}`}>{t('timeline.violation', { id: item.violation })}</Link>
  if (item.epoch === null || item.seq === null) return <span className="muted">—</span>
  return <RecordLink agent={agent} epoch={item.epoch} seq={item.seq} />
}

function RecordLink({ agent, epoch, seq }: { agent: string; epoch: string; seq: number }): ReactNode {
  const { t } = useText()
  return (
    <a href={rawAddress(agent, epoch, seq)} download>
      {t('timeline.record', { seq })}
    </a>
  )
}

interface RestProps {
  readonly agent: string
  readonly rest: TimelineAnswer['coverage'][number]['rest']
}

/** On what it rests: a link where there is one, and the words that there is nothing where there is none. */
export function RestLink({ agent, rest }: RestProps): ReactNode {
  const { t } = useText()
  switch (rest.kind) {
    case 'none':
      return <span className="muted">{t('coverage.rests-on-nothing')}</span>
    case 'register':
      return t('coverage.rests-on-register')
    case 'violation':
      return (
        <Link to={`/violations/${rest.violation}`}>{t('timeline.violation', { id: rest.violation })}</Link>
      )
    case 'records': {
      const { epoch, firstSeq, lastSeq } = rest
      if (firstSeq === lastSeq)
        return (
          <a href={rawAddress(agent, epoch, firstSeq)} download>
            {t('timeline.record', { seq: firstSeq })}
          </a>
        )
      return t('coverage.rests-on-records', { first: firstSeq, last: lastSeq })
    }
  }
}

function isPicked({ atMs, toMs, lane }: Row, picked: Picked | null): boolean {
  return picked === null || (lane === picked.lane && atMs < picked.toMs && toMs > picked.fromMs)
}

function around({ fromMs }: Span): Span {
  return { fromMs: fromMs - 500, toMs: fromMs + 500 }
}
