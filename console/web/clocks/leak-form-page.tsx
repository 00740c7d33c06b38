/** The report form of a suspected leak: filled in from what is known, written on by people, printed on A4. */
import '@fontsource-variable/noto-sans-sc'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Input } from 'antd'
import { type ReactNode, useState } from 'react'
import { Link, useParams } from 'react-router'
import type { LeakForm, NewLeakForm } from '../../api/contract-clocks.ts'
import { useText } from '../i18n/use-text.ts'
import { leakFormPath, leakFormQuery } from '../server/clock-queries.ts'
import { request } from '../server/request.ts'
import { useMay } from '../session/session-context.ts'
import { errorText } from '../show/error-text.ts'
import { LevelTag } from '../show/level-tag.tsx'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { TimeView } from '../show/time-view.tsx'

type Written = NewLeakForm['fields']
type Key = keyof Written

const head: readonly Key[] = ['recipient', 'number', 'date']
const foot: readonly Key[] = ['reporter', 'phone']
const points: readonly Key[] = ['items', 'discovery', 'person', 'course', 'harm', 'investigation', 'remedies']

export function LeakFormPage(): ReactNode {
  const { violation = '' } = useParams()
  const query = useQuery(leakFormQuery(Number(violation)))
  return (
    <div className="page">
      <QueryError query={query} />
      {query.isPending && <RowsSkeleton rows={8} />}
      {query.data !== undefined && <FormPaper key={query.data.draft?.version ?? 0} form={query.data} />}
    </div>
  )
}

function FormPaper({ form }: { readonly form: LeakForm }): ReactNode {
  const text = useText()
  const { t, pick } = text
  const cache = useQueryClient()
  const mayWrite = useMay('violations.handle')
  const { id } = form.violation
  const begun = (form.draft?.fields ??
    Object.fromEntries(form.fields.map(({ key, prefilled }) => [key, pick(prefilled)]))) as Written
  // What nobody wrote on follows the reader's language; what was written stays as it is.
  const [written, setWritten] = useState<Partial<Written>>({})
  const fields: Written = { ...begun, ...written }
  const isChanged =
    form.draft === null || Object.keys(begun).some((key) => begun[key as Key] !== fields[key as Key])
  const version = form.draft?.version ?? 0
  const save = useMutation({
    mutationFn: () => {
      const body: NewLeakForm = { baseVersion: version, fields }
      return request<LeakForm>('PUT', leakFormPath(id), body)
    },
    onSuccess: (kept) => cache.setQueryData(leakFormQuery(id).queryKey, kept),
  })
  const print = useMutation({
    // Noted first: a paper of which nothing is known does not leave.
    mutationFn: async () => {
      await request('POST', leakFormPath(id, '/prints'), { version })
      await document.fonts.ready
    },
    onSuccess: () => {
      window.print()
      void cache.invalidateQueries({ queryKey: leakFormQuery(id).queryKey })
    },
  })
  const must = new Set(form.fields.filter(({ mustFill }) => mustFill).map(({ key }) => key))
  const missing = [...must].filter((key) => isOpen(fields[key]))
  const error = save.error ?? print.error
  const field = (key: Key, rows: number) => (
    <Field
      name={key}
      rows={rows}
      value={fields[key]}
      isMissing={missing.includes(key)}
      isReadOnly={!mayWrite}
      onChange={(value) => setWritten((before) => ({ ...before, [key]: value }))}
    />
  )
  return (
    <>
      <header className="page-head no-print">
        <Link to="/clocks">{t('nav.clocks')}</Link>
        <h1>{t('leak-form.title')}</h1>
        <span className="muted" data-testid="leak-form-version">
          {form.draft === null ? (
            t('leak-form.not-kept')
          ) : (
            <>
              {t('leak-form.version', { version })} · <TimeView ms={form.draft.at} /> · {form.draft.account}
            </>
          )}
        </span>
        <span className="top-space" />
        {mayWrite && (
          <Button
            type={isChanged ? 'primary' : 'default'}
            disabled={!isChanged}
            loading={save.isPending}
            onClick={() => save.mutate()}
            data-testid="leak-form-save"
          >
            {t('leak-form.save')}
          </Button>
        )}
        {mayWrite && (
          <Button
            type={isChanged ? 'default' : 'primary'}
            disabled={isChanged}
            loading={print.isPending}
            onClick={() => print.mutate()}
            title={isChanged ? t('leak-form.keep-first') : ''}
            data-testid="leak-form-print"
          >
            {t('leak-form.print')}
          </Button>
        )}
      </header>
      {error !== null && (
        <Alert
          className="gap-below no-print"
          type="error"
          showIcon
          role="alert"
          title={errorText(text, error)}
        />
      )}
      {missing.length > 0 && (
        <Alert
          className="gap-below no-print"
          type="warning"
          showIcon
          data-testid="leak-form-missing"
          title={t('leak-form.missing', {
            fields: missing.map((key) => t(`leak-form.field.${key}`)).join(t('leak-form.and')),
          })}
        />
      )}
      <article className="leak-form" lang={text.language} data-testid="leak-form">
        <p className="leak-form-level">
          <LevelTag level={form.violation.level} />
        </p>
        <h2>{t('leak-form.title')}</h2>
        <p className="leak-form-unit">
          {t('leak-form.unit')}
          {form.unit}
        </p>
        <div className="leak-form-head">
          {head.map((key) => (
            <div key={key}>{field(key, 1)}</div>
          ))}
        </div>
        <ol className="leak-form-points">
          {points.map((key) => (
            <li key={key}>{field(key, key === 'harm' || key === 'person' ? 3 : 4)}</li>
          ))}
        </ol>
        <div className="leak-form-head">
          {foot.map((key) => (
            <div key={key}>{field(key, 1)}</div>
          ))}
        </div>
        <p className="leak-form-sign">
          <span>{t('leak-form.signed')} ____________________</span>
          <span>{t('leak-form.seal')}</span>
        </p>
        <p className="leak-form-basis">
          {t('leak-form.basis')} {pick(form.basis)} · {t('leak-form.no-content')} ·{' '}
          {t('leak-form.record', { id, version })}
        </p>
      </article>
      {form.prints.length > 0 && (
        <section className="panel no-print" aria-labelledby="leak-form-prints">
          <h2 id="leak-form-prints">{t('leak-form.prints')}</h2>
          <ul data-testid="leak-form-prints">
            {form.prints.map((one) => (
              <li key={one.at}>
                {t('leak-form.version', { version: one.version })} · <TimeView ms={one.at} /> · {one.account}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}

/** Empty, or with a line that asks and is not answered. */
function isOpen(value: string): boolean {
  return value.trim() === '' || /[：:][ \t]*(\n|$)/u.test(value)
}

function Field(props: {
  readonly name: Key
  readonly rows: number
  readonly value: string
  readonly isMissing: boolean
  readonly isReadOnly: boolean
  readonly onChange: (value: string) => void
}): ReactNode {
  const { t } = useText()
  const { name, rows, value, isMissing, isReadOnly, onChange } = props
  const id = `leak-${name}`
  const common = {
    id,
    value,
    readOnly: isReadOnly,
    maxLength: rows === 1 ? 200 : 4_000,
    'aria-invalid': isMissing,
    'data-testid': `leak-${name}`,
  } as const
  return (
    <div className={`leak-field${isMissing ? ' leak-field-missing' : ''}`}>
      <label htmlFor={id}>
        {t(`leak-form.field.${name}`)}
        {isMissing && <span className="leak-must no-print">◆ {t('leak-form.must')}</span>}
      </label>
      {rows === 1 ? (
        <Input className="no-print" {...common} onChange={({ target }) => onChange(target.value)} />
      ) : (
        <Input.TextArea
          className="no-print"
          {...common}
          rows={Math.min(14, Math.max(rows, value.split('\n').length))}
          onChange={({ target }) => onChange(target.value)}
        />
      )}
      <div className="print-only leak-printed">{value}</div>
    </div>
  )
}
