/** One printing: what stood on it, printed now or once more, each time it was, and the signed paper that came back. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Form, Input } from 'antd'
import { type ReactNode, useEffect, useRef } from 'react'
import { Link, useLocation, useParams } from 'react-router'
import type { PrintAgain, PrintAnswer, PrintReturned } from '../../api/contract-prints.ts'
import type { FormContent } from '../../ledger/form-parts.ts'
import type { LabelJob } from '../../ledger/label-content.ts'
import { labelSize, nextStart } from '../../ledger/label-layout.ts'
import { FormSheet } from '../forms/form-sheet.tsx'
import { useText } from '../i18n/use-text.ts'
import { LabelSheets } from '../labels/label-sheets.tsx'
import { forgetPrints, printQuery } from '../server/print-queries.ts'
import { request } from '../server/request.ts'
import { errorText } from '../show/error-text.ts'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { ScrollBox } from '../show/scroll-box.tsx'
import { TimeView } from '../show/time-view.tsx'
import { entryAddress } from './print-address.ts'
import { PrintLocked } from './print-locked.tsx'
import { usePrinting } from './use-printing.ts'

export function PrintPage(): ReactNode {
  const { id = '' } = useParams()
  const query = useQuery(printQuery(id))
  if (query.data === undefined)
    return (
      <div className="page">{query.isError ? <QueryError query={query} /> : <RowsSkeleton rows={6} />}</div>
    )
  return <Print key={id} answer={query.data} />
}

function Print({ answer }: { readonly answer: PrintAnswer }): ReactNode {
  const { t } = useText()
  const { what, number, runs } = answer
  const isLabels = what === 'labels'
  const { isOpen, print } = usePrinting(isLabels ? 'labels' : 'form')
  usePrintOfRun(runs.at(-1)?.id ?? null, print)
  useEffect(() => {
    const root = document.documentElement
    root.style.setProperty('--form-number', JSON.stringify(number ?? ''))
    return () => void root.style.removeProperty('--form-number')
  }, [number])
  const items = runs[0]?.items ?? []
  return (
    <div className="page" data-testid="print" data-open={isOpen} data-number={number ?? ''}>
      <header className="page-head no-sheet">
        <h1>
          {t(`prints.what.${what}`)} {number !== null && <bdi className="mono">{number}</bdi>}
        </h1>
        <span className="muted">{t('prints.copy-now', { n: runs.length })}</span>
        <span className="top-space" />
        <Link to="/prints">{t('prints.back')}</Link>
      </header>
      <PrintLocked />
      <div className="prints-two">
        <div className="no-sheet">
          <section className="panel" aria-labelledby="print-entries">
            <h2 id="print-entries">{t('prints.entries')}</h2>
            <ul className="prints-choose">
              {items.map((one) => (
                <li key={`${one.kind} ${one.number}`}>
                  <Link to={entryAddress(one)}>
                    <bdi className="mono">{one.number}</bdi>
                  </Link>{' '}
                  <span className="muted">{t(`prints.kind.${one.kind}`)}</span>
                </li>
              ))}
            </ul>
            {isLabels && <NextStart job={JSON.parse(answer.content) as LabelJob} />}
          </section>
          <Runs answer={answer} onPrint={print} />
          {!isLabels && <Returns answer={answer} />}
        </div>
        <section className="panel" aria-label={t('prints.preview')}>
          <ScrollBox className="prints-preview" label={t('prints.preview')}>
            <Sheet answer={answer} />
          </ScrollBox>
        </section>
      </div>
    </div>
  )
}

/** What was just put on record is printed, once. */
function usePrintOfRun(run: number | null, print: () => void): void {
  const { state } = useLocation() as { readonly state: { readonly run?: number } | null }
  const done = useRef(false)
  useEffect(() => {
    if (done.current || run === null || state?.run !== run) return
    done.current = true
    // A reload of the page does not print again.
    window.history.replaceState({ ...window.history.state, usr: null }, '')
    print()
  }, [run, state, print])
}

function Sheet({ answer: { what, number, content, runs } }: { readonly answer: PrintAnswer }): ReactNode {
  if (what !== 'labels')
    return <FormSheet content={JSON.parse(content) as FormContent} number={number} copy={runs.length} />
  const copies = (runs.at(-1)?.items ?? []).map(({ copy }) => copy)
  return <LabelSheets job={JSON.parse(content) as LabelJob} copies={copies} />
}

function NextStart({ job }: { readonly job: LabelJob }): ReactNode {
  const { t } = useText()
  const size = labelSize(job.size)
  if (size?.sheet === null || size === null) return null
  return (
    <p className="muted small">
      {t('prints.next-start', { n: nextStart(size, job.labels.length, job.start) })}
    </p>
  )
}

function Runs({
  answer: { id, runs, mayPrint },
  onPrint,
}: {
  readonly answer: PrintAnswer
  readonly onPrint: () => void
}): ReactNode {
  const text = useText()
  const { t } = text
  const cache = useQueryClient()
  const [form] = Form.useForm<PrintAgain>()
  const again = useMutation({
    mutationFn: (body: PrintAgain) => request<PrintAnswer>('POST', `/api/prints/${id}/runs`, body),
    onSuccess: (answer) => {
      forgetPrints(cache, answer)
      form.resetFields()
      onPrint()
    },
  })
  return (
    <section className="panel" aria-labelledby="print-runs">
      <h2 id="print-runs">{t('prints.runs')}</h2>
      <ol className="prints-runs gap-below">
        {runs.map((run) => (
          <li key={run.id} data-testid="print-run">
            <TimeView ms={run.at} /> <bdi>{run.person ?? run.account}</bdi>
            {run.reason !== '' && (
              <>
                {' · '}
                <bdi>{run.reason}</bdi>
              </>
            )}
          </li>
        ))}
      </ol>
      {mayPrint && (
        <Form form={form} layout="vertical" onFinish={(body) => again.mutate(body)}>
          <Form.Item
            name="reason"
            label={t('prints.reason')}
            rules={[{ required: true, whitespace: true, message: t('prints.reason-why') }]}
          >
            <Input maxLength={500} placeholder={t('prints.reason-example')} data-testid="again-reason" />
          </Form.Item>
          <Button htmlType="submit" loading={again.isPending} data-testid="print-again">
            {t('prints.print-again')}
          </Button>
          {again.isError && <Alert type="warning" role="alert" title={errorText(text, again.error)} />}
        </Form>
      )}
    </section>
  )
}

function Returns({ answer: { id, returns, mayPrint } }: { readonly answer: PrintAnswer }): ReactNode {
  const text = useText()
  const { t } = text
  const cache = useQueryClient()
  const [form] = Form.useForm<PrintReturned>()
  const come = useMutation({
    mutationFn: (body: PrintReturned) => request<PrintAnswer>('POST', `/api/prints/${id}/returns`, body),
    onSuccess: (answer) => {
      forgetPrints(cache, answer)
      form.resetFields()
    },
  })
  return (
    <section className="panel" aria-labelledby="print-returns" data-testid="print-returns">
      <h2 id="print-returns">{t('prints.return-title')}</h2>
      {returns.length === 0 && <p className="muted gap-below">{t('prints.return-none')}</p>}
      <ul className="prints-runs gap-below">
        {returns.map((one) => (
          <li key={one.at}>
            <TimeView ms={one.at} /> {t('prints.return-row', { account: one.account })}
            <bdi>{one.place}</bdi>
          </li>
        ))}
      </ul>
      {mayPrint && (
        <Form form={form} layout="vertical" onFinish={(body) => come.mutate(body)}>
          <Form.Item
            name="place"
            label={t('prints.return-place')}
            rules={[{ required: true, whitespace: true, message: t('prints.return-place') }]}
          >
            <Input maxLength={200} placeholder={t('prints.return-example')} data-testid="return-place" />
          </Form.Item>
          <Button htmlType="submit" loading={come.isPending} data-testid="return-go">
            {t('prints.return-go')}
          </Button>
          {come.isError && <Alert type="warning" role="alert" title={errorText(text, come.error)} />}
        </Form>
      )}
    </section>
  )
}
