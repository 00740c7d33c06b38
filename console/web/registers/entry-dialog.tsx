/**
 * Fills in an entry, new or registered already. What is wrong stands at its field; what was typed stays, also where somebody else
 * saved the same entry meanwhile: then both values are shown, and one button joins them.
 */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, App, Form, Input } from 'antd'
import { type ReactNode, useState } from 'react'
import { useNavigate } from 'react-router'
import type { LedgerEntry, LedgerEntryAnswer } from '../../api/contract-registers.ts'
import { checkEntry } from '../../ledger/check-entry.ts'
import type { Kind } from '../../ledger/fields.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { OfficerField } from '../media/officer-field.tsx'
import { ReasonField } from '../media/reason-field.tsx'
import { entryPath, forgetRegisters, nextNumberQuery } from '../server/register-queries.ts'
import { ApiError, request } from '../server/request.ts'
import { useSession } from '../session/session-context.ts'
import { type Clash, coreOf, type EntryCore, type EntryForm, formOf, joinEntries } from './entry-draft.ts'
import { CoreFields, OwnFields } from './entry-fields.tsx'
import { EntryValue, fieldWords, useWords } from './entry-value.tsx'

interface Props {
  readonly kind: Kind
  /** Null: a new one. */
  readonly entry: LedgerEntry | null
  readonly mayKeep: boolean
  readonly onClose: () => void
}

type Fault = { readonly field: string; readonly code: string }

const coreNames = new Set(['number', 'level', 'department', 'custodian', 'officer', 'reason'])

export function EntryDialog({ kind, entry, mayKeep, onClose }: Props): ReactNode {
  const { t, tryT } = useText()
  const say = useWords()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const { message } = App.useApp()
  const session = useSession()
  const [form] = Form.useForm<EntryForm>()
  const [base, setBase] = useState<LedgerEntry | null>(entry)
  const [joined, setJoined] = useState<{
    readonly clashes: readonly Clash[]
    readonly taken: readonly Clash[]
  } | null>(null)
  const path = base === null ? `/api/registers/${kind.name}` : entryPath(kind.name, base.number)

  const showFaults = (faults: readonly Fault[]) => {
    form.setFields(
      faults.map(({ field, code }) => ({
        name: (coreNames.has(field) ? field : ['fields', field]) as never,
        errors: [tryT(`fault.${code}`) ?? code],
      })),
    )
    const [first] = faults
    if (first !== undefined)
      form.scrollToField(coreNames.has(first.field) ? first.field : ['fields', first.field])
  }
  const save = useMutation({
    mutationFn: async (filled: EntryForm) => {
      const core = coreOf(kind, filled)
      const reason = filled.reason.trim()
      if (base === null) {
        const number = filled.number?.trim() ?? ''
        const body = { ...core, reason, ...(number === '' ? {} : { number }) }
        return request<LedgerEntryAnswer>('POST', path, body)
      }
      const officer = filled.officer?.trim() ?? ''
      const body = { ...core, reason, baseVersion: base.version, ...(officer === '' ? {} : { officer }) }
      return request<LedgerEntryAnswer>('PUT', path, body)
    },
    onSuccess: ({ entry: saved }) => {
      forgetRegisters(cache)
      void message.success(t('registers.saved', { number: saved.number }))
      onClose()
      if (base === null) void navigate(`/registers/${kind.name}/${encodeURIComponent(saved.number)}`)
    },
    onError: async (error) => {
      if (!(error instanceof ApiError)) return
      if (error.faults.length > 0) showFaults(error.faults)
      if (error.code === 'number-taken') showFaults([{ field: 'number', code: 'number-taken' }])
      if (error.code !== 'edit-conflict' || base === null) return
      const now = await request<LedgerEntryAnswer>('GET', path)
      const mine = coreOf(kind, form.getFieldsValue(true) as EntryForm)
      const found = joinEntries(coreIn(base), mine, coreIn(now.entry))
      form.setFieldsValue(formOf(kind, found.joined))
      setJoined(found)
      setBase(now.entry)
    },
  })
  const faultsOf = (filled: EntryForm): readonly Fault[] => {
    const core = coreOf(kind, filled)
    const { name, custodianEntry } = core.fields
    // Who is named from the register of people brings the name.
    const isNamed = core.custodian === '' && custodianEntry !== undefined
    const custodian =
      kind.custodian === 'self' ? (typeof name === 'string' ? name : '') : isNamed ? '—' : core.custodian
    const number = filled.number?.trim() ?? base?.number ?? ''
    const state = base?.state ?? kind.states[0]?.key ?? ''
    return checkEntry(kind, { ...core, number, custodian, state })
  }
  const submit = (filled: EntryForm) => {
    setJoined(null)
    const faults = faultsOf(filled)
    if (faults.length > 0) showFaults(faults)
    else save.mutate(filled)
  }
  const isConflict = joined !== null
  const isRefused = save.error !== null && !isConflict
  const initial = base === null ? emptyForm(kind, session?.department ?? '') : formOf(kind, coreIn(base))
  const title =
    base === null
      ? t('registers.new-title', { kind: say(kind.one) })
      : t('registers.change-title', { number: base.number })
  return (
    <AskDialog
      title={title}
      okText={base === null ? t('registers.register') : t('registers.save')}
      okTestId="entry-submit"
      width={900}
      error={isRefused ? save.error : null}
      isPending={save.isPending}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      {joined !== null && <ConflictNote kind={kind} {...joined} />}
      <Form<EntryForm>
        form={form}
        layout="vertical"
        requiredMark={false}
        className="entry-form"
        initialValues={{ ...initial, reason: '' }}
        onFinish={submit}
        // The reason is missing: what else is wrong is told with it.
        onFinishFailed={() => {
          const faults = faultsOf(form.getFieldsValue(true) as EntryForm)
          showFaults(faults)
          if (faults.length === 0) form.scrollToField('reason')
        }}
      >
        {base === null && <NumberField kind={kind} />}
        <CoreFields kind={kind} mayLevel={base === null || mayKeep} />
        {base !== null && mayKeep && kind.name !== 'people' && <OfficerField was={base.level} />}
        <OwnFields kind={kind} />
        <ReasonField example={t('registers.reason-example')} />
      </Form>
    </AskDialog>
  )
}

function NumberField({ kind }: { readonly kind: Kind }): ReactNode {
  const { t } = useText()
  const say = useWords()
  const level = Form.useWatch('level') as LedgerEntry['level'] | undefined
  const department = Form.useWatch('department') as string | undefined
  const next = useQuery(nextNumberQuery(kind.name, level ?? null, department ?? '')).data?.number
  return (
    <Form.Item
      name="number"
      label={say(kind.coreWords.number)}
      extra={next === undefined ? t('registers.number-hint') : t('registers.number-next', { number: next })}
    >
      <Input maxLength={64} className="mono" placeholder={next ?? ''} data-testid="field-number" />
    </Form.Item>
  )
}

function ConflictNote({
  kind,
  clashes,
  taken,
}: {
  readonly kind: Kind
  readonly clashes: readonly Clash[]
  readonly taken: readonly Clash[]
}): ReactNode {
  const { t } = useText()
  return (
    <Alert
      type="warning"
      showIcon
      role="alert"
      className="gap-below"
      data-testid="entry-conflict"
      title={t('registers.conflict')}
      description={
        <>
          {taken.length > 0 && <Values kind={kind} title={t('registers.conflict-taken')} of={taken} />}
          {clashes.length > 0 && <Values kind={kind} title={t('registers.conflict-both')} of={clashes} />}
          <p>{t('registers.conflict-remedy')}</p>
        </>
      }
    />
  )
}

function Values({
  kind,
  title,
  of,
}: {
  readonly kind: Kind
  readonly title: string
  readonly of: readonly Clash[]
}): ReactNode {
  const { t } = useText()
  const say = useWords()
  return (
    <table className="grid-table conflict-table">
      <caption>{title}</caption>
      <thead>
        <tr>
          <th scope="col">{t('registers.field')}</th>
          <th scope="col">{t('registers.theirs')}</th>
          <th scope="col">{t('registers.mine')}</th>
        </tr>
      </thead>
      <tbody>
        {of.map(({ key, mine, theirs }) => (
          <tr key={key}>
            <th scope="row">{say(fieldWords(kind, key))}</th>
            <td>
              <EntryValue kind={kind} field={key} value={theirs} />
            </td>
            <td>
              <EntryValue kind={kind} field={key} value={mine} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function coreIn({ level, department, custodian, fields }: LedgerEntry): EntryCore {
  return { level, department, custodian, fields }
}

function emptyForm(kind: Kind, department: string): Omit<EntryForm, 'reason'> {
  const level = kind.levels.includes(null) ? null : (kind.levels[0] ?? null)
  return formOf(kind, { level, department, custodian: '', fields: {} })
}
