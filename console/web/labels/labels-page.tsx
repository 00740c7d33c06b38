/** Labels: which, on what, from where on the sheet; seen before they are printed, and printed on record. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Input, Select } from 'antd'
import { type ReactNode, useState } from 'react'
import { Link, useNavigate, useSearchParams } from 'react-router'
import type { NewLabels, PrintAnswer } from '../../api/contract-prints.ts'
import { LABEL_SIZES, type LabelSizeKey, labelSize, placeLabels } from '../../ledger/label-layout.ts'
import { PRINT_KINDS } from '../../ledger/print-mark.ts'
import { useText } from '../i18n/use-text.ts'
import { ChooseEntries } from '../prints/choose-entries.tsx'
import {
  choiceFromAddress,
  choiceToAddress,
  type PrintChoice,
  printableQueryOf,
} from '../prints/print-address.ts'
import { PrintLocked } from '../prints/print-locked.tsx'
import { usePrinting } from '../prints/use-printing.ts'
import { forgetPrints, printableQuery } from '../server/print-queries.ts'
import { request } from '../server/request.ts'
import { useMay, useSession } from '../session/session-context.ts'
import { errorText } from '../show/error-text.ts'
import { formatList } from '../show/format.ts'
import { ScrollBox } from '../show/scroll-box.tsx'
import { LabelSheets } from './label-sheets.tsx'
import { labelTexts } from './label-type.ts'
import { StartPicker } from './start-picker.tsx'

const cutShownMax = 8

export function LabelsPage(): ReactNode {
  const text = useText()
  const { t, language } = text
  const [address, setAddress] = useSearchParams()
  const choice = choiceFromAddress(address)
  const change = (next: PrintChoice) => setAddress(choiceToAddress(next, 'labels'), { replace: true })
  const { size, start, kind } = choice
  const entries = useQuery(printableQuery(kind, printableQueryOf(choice))).data?.entries ?? []
  const unit = useSession()?.console.unit ?? ''
  const mayPrint = useMay('prints.make')
  const mayRegisters = useMay('registers.read')
  const mayMedia = useMay('media.read')
  const kinds = PRINT_KINDS.filter((one) => (one === 'media' ? mayMedia : mayRegisters))
  const [reason, setReason] = useState('')
  const cache = useQueryClient()
  const navigate = useNavigate()
  usePrinting('labels')
  const print = useMutation({
    mutationFn: (labels: NewLabels) => request<PrintAnswer>('POST', '/api/prints/labels', labels),
    onSuccess: (answer) => {
      forgetPrints(cache, answer)
      void navigate(`/prints/${answer.id}`, { state: { run: answer.runs.at(-1)?.id } })
    },
  })
  const isAgain = entries.some(({ copies }) => copies > 0)
  const job = { size: size.key, start, unit, labels: entries }
  const cut = entries.filter((one) => labelTexts(size.key, one, unit).isCut).map(({ number }) => number)
  const pages = placeLabels(size, entries.length, start).length
  return (
    <div className="page">
      <header className="page-head no-sheet">
        <h1>{t('prints.labels')}</h1>
        <span className="top-space" />
        <Link to="/prints">{t('prints.back')}</Link>
      </header>
      <PrintLocked />
      <div className="prints-two">
        <div className="no-sheet">
          <ChooseEntries choice={choice} kinds={kinds} onChange={change} />
          <section className="panel">
            <label className="prints-field">
              <span className="prints-label">{t('prints.size')}</span>
              <Select<LabelSizeKey>
                value={size.key}
                options={LABEL_SIZES.map(({ key }) => ({ value: key, label: t(`prints.size.${key}`) }))}
                onChange={(key) => change({ ...choice, size: labelSize(key) ?? size, start: 1 })}
                data-testid="label-size"
              />
            </label>
            {size.sheet !== null && (
              <div className="prints-field">
                <span className="prints-label">
                  {t('prints.start')} <span className="small">{t('prints.start-why')}</span>
                </span>
                <StartPicker
                  size={size}
                  start={start}
                  count={entries.length}
                  onChange={(next) => change({ ...choice, start: next })}
                />
              </div>
            )}
          </section>
        </div>
        <section className="panel" aria-label={t('prints.preview')}>
          <div className="prints-go no-sheet">
            <span data-testid="labels-chosen">{t('prints.chosen', { n: entries.length, pages })}</span>
            <span className="top-space" />
            {mayPrint && (
              <Button
                type="primary"
                disabled={entries.length === 0 || (isAgain && reason.trim() === '')}
                loading={print.isPending}
                onClick={() =>
                  print.mutate({
                    kind,
                    numbers: entries.map(({ number }) => number),
                    size: size.key,
                    start,
                    reason: reason.trim(),
                  })
                }
                data-testid="print-labels"
              >
                {t('prints.print-labels', { n: entries.length })}
              </Button>
            )}
          </div>
          <div className="no-sheet">
            {isAgain && mayPrint && (
              <label className="prints-field">
                <span className="prints-label">{t('prints.reason-why')}</span>
                <Input
                  value={reason}
                  maxLength={500}
                  onChange={({ target }) => setReason(target.value)}
                  placeholder={t('prints.reason-example')}
                  aria-label={t('prints.reason')}
                  data-testid="labels-reason"
                />
              </label>
            )}
            {cut.length > 0 && (
              <Alert
                type="info"
                className="gap-below"
                title={t('prints.cut', { numbers: formatList(cut.slice(0, cutShownMax), language) })}
                data-testid="labels-cut"
              />
            )}
            {print.isError && (
              <Alert type="warning" role="alert" className="gap-below" title={errorText(text, print.error)} />
            )}
            <p className="muted gap-below">{t('prints.print-hint')}</p>
          </div>
          <ScrollBox className="prints-preview" label={t('prints.preview')}>
            <LabelSheets job={job} copies={entries.map(({ copies }) => copies + 1)} />
          </ScrollBox>
        </section>
      </div>
    </div>
  )
}
