/** A form to be signed: which, of what; seen filled in before it is numbered and printed. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Select } from 'antd'
import type { ReactNode } from 'react'
import { Link, useNavigate, useSearchParams } from 'react-router'
import type { NewForm, PrintAnswer } from '../../api/contract-prints.ts'
import { FORM_ENTRIES_MAX, FORM_NAMES, type FormContent, type FormName } from '../../ledger/form-parts.ts'
import { FORMS } from '../../ledger/forms.ts'
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
import { forgetPrints, formPreviewQuery, printableQuery } from '../server/print-queries.ts'
import { request } from '../server/request.ts'
import { useMay } from '../session/session-context.ts'
import { errorText } from '../show/error-text.ts'
import { QueryError } from '../show/query-states.tsx'
import { ScrollBox } from '../show/scroll-box.tsx'
import { FormSheet } from './form-sheet.tsx'

export function FormsPage(): ReactNode {
  const text = useText()
  const { t } = text
  const [address, setAddress] = useSearchParams()
  const asked = choiceFromAddress(address)
  const definition = FORMS[asked.form]
  const mayRegisters = useMay('registers.read')
  const mayMedia = useMay('media.read')
  const mayPrint = useMay('prints.make')
  const kinds = definition.kinds.filter((one) => (one === 'media' ? mayMedia : mayRegisters))
  const choice = kinds.includes(asked.kind) ? asked : { ...asked, kind: kinds[0] ?? 'computers', numbers: [] }
  const change = (next: PrintChoice) => setAddress(choiceToAddress(next, 'forms'), { replace: true })
  // A form begins from what is chosen, never from a whole register.
  const isChosen = choice.numbers !== null || Object.keys(choice.filter).length > 0
  const listed = useQuery(printableQuery(choice.kind, printableQueryOf(choice))).data?.entries ?? []
  const found = isChosen ? listed : []
  const entries = found.slice(0, definition.isList ? FORM_ENTRIES_MAX : 1)
  const form: NewForm | null =
    entries.length === 0
      ? null
      : { form: choice.form, kind: choice.kind, numbers: entries.map(({ number }) => number) }
  const preview = useQuery({ ...formPreviewQuery(form), enabled: form !== null && mayPrint })
  const cache = useQueryClient()
  const navigate = useNavigate()
  usePrinting('form')
  const print = useMutation({
    mutationFn: (wanted: NewForm) => request<PrintAnswer>('POST', '/api/prints/forms', wanted),
    onSuccess: (answer) => {
      forgetPrints(cache, answer)
      void navigate(`/prints/${answer.id}`, { state: { run: answer.runs.at(-1)?.id } })
    },
  })
  const content = preview.data === undefined ? null : (JSON.parse(preview.data.content) as FormContent)
  return (
    <div className="page">
      <header className="page-head no-sheet">
        <h1>{t('prints.forms')}</h1>
        <span className="top-space" />
        <Link to="/prints">{t('prints.back')}</Link>
      </header>
      <PrintLocked />
      <div className="prints-two">
        <div className="no-sheet">
          <section className="panel">
            <label className="prints-field">
              <span className="prints-label">{t('prints.form')}</span>
              <Select<FormName>
                value={choice.form}
                options={FORM_NAMES.map((value) => ({ value, label: t(`prints.what.${value}`) }))}
                onChange={(next) => change({ ...choice, form: next })}
                data-testid="form-name"
              />
            </label>
          </section>
          <ChooseEntries
            choice={isChosen ? choice : { ...choice, numbers: [] }}
            kinds={kinds}
            onChange={change}
          />
        </div>
        <section className="panel" aria-label={t('prints.preview')}>
          <div className="prints-go no-sheet">
            <span className="muted">{t('prints.print-hint')}</span>
            <span className="top-space" />
            {mayPrint && (
              <Button
                type="primary"
                disabled={form === null || content === null}
                loading={print.isPending}
                onClick={() => form !== null && print.mutate(form)}
                data-testid="print-form"
              >
                {t('prints.print-form')}
              </Button>
            )}
          </div>
          <div className="no-sheet">
            {found.length > entries.length && (
              <Alert
                type="info"
                className="gap-below"
                title={
                  definition.isList ? t('prints.too-many', { max: FORM_ENTRIES_MAX }) : t('prints.form-one')
                }
              />
            )}
            {print.isError && (
              <Alert type="warning" role="alert" className="gap-below" title={errorText(text, print.error)} />
            )}
            <QueryError query={preview} />
          </div>
          {content !== null && (
            <ScrollBox className="prints-preview" label={t('prints.preview')}>
              <FormSheet content={content} number={null} copy={1} />
            </ScrollBox>
          )}
        </section>
      </div>
    </div>
  )
}
