/** Changes the rules within what the level demands: what would be weaker cannot be chosen, and the console refuses it. */
import { ROLES } from '@shoukou/protocol/access.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button, Checkbox, Input, InputNumber, Switch } from 'antd'
import { type FormEvent, type ReactNode, useState } from 'react'
import type { SignInRulesAnswer, SignInRulesChange, SignInRulesValues } from '../../api/contract-sign-in.ts'
import { useText } from '../i18n/use-text.ts'
import { request } from '../server/request.ts'
import { signInRulesQuery } from '../server/sign-in-queries.ts'
import { errorText } from '../show/error-text.ts'
import type { RuleRow } from './rule-rows.ts'
import { RulesTable } from './rules-table.tsx'

interface Props {
  readonly answer: SignInRulesAnswer
  readonly onClose: () => void
}

export function RulesForm({ answer, onClose }: Props): ReactNode {
  const text = useText()
  const { t } = text
  const cache = useQueryClient()
  const { message } = App.useApp()
  const [rules, setRules] = useState(answer.rules)
  const [reason, setReason] = useState('')
  // The version that is shown: a change that came meanwhile is refused, not written over.
  const [base] = useState(answer.version)
  const save = useMutation({
    mutationFn: () => {
      const body: SignInRulesChange = { baseVersion: base, rules, reason: reason.trim() }
      return request<SignInRulesAnswer>('PUT', '/api/sign-in-rules', body)
    },
    onSuccess: (saved) => {
      cache.setQueryData(signInRulesQuery.queryKey, saved)
      void message.success(t('rules.saved'))
      onClose()
    },
  })
  const put = (changed: Partial<SignInRulesValues>) => setRules((before) => ({ ...before, ...changed }))
  const isReady = reason.trim() !== ''
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isReady && !save.isPending) save.mutate()
  }
  return (
    <form onSubmit={submit} data-testid="rules-form">
      {save.isError && (
        <Alert
          type="error"
          showIcon
          role="alert"
          className="gap-below"
          data-testid="rules-error"
          title={errorText(text, save.error)}
        />
      )}
      <RulesTable
        answer={answer}
        renderValue={(row) => <RuleField row={row} rules={rules} onChange={put} />}
      />
      <div className="credential-field rules-reason">
        <label htmlFor="rules-reason">{t('rules.reason')}</label>
        <Input
          id="rules-reason"
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          data-testid="field-reason"
        />
        <p className="muted small">{t('rules.takes-effect')}</p>
      </div>
      <div className="panel-buttons">
        <Button onClick={onClose}>{t('enrol.cancel')}</Button>
        <Button
          type="primary"
          htmlType="submit"
          disabled={!isReady}
          loading={save.isPending}
          data-testid="rules-save"
        >
          {t('rules.save')}
        </Button>
      </div>
    </form>
  )
}

interface FieldProps {
  readonly row: RuleRow
  readonly rules: SignInRulesValues
  readonly onChange: (changed: Partial<SignInRulesValues>) => void
}

function RuleField({ row, rules, onChange }: FieldProps): ReactNode {
  const { t } = useText()
  const label = t(`rules.${row.key}`)
  switch (row.kind) {
    case 'number':
      return (
        <InputNumber
          min={row.min}
          max={row.max}
          precision={0}
          value={rules[row.key]}
          aria-label={label}
          disabled={row.min === row.max}
          onChange={(value) => value !== null && onChange({ [row.key]: value })}
          data-testid={`rule-${row.key}`}
        />
      )
    case 'switch':
      return (
        <Switch
          checked={rules[row.key]}
          disabled={row.isDemanded}
          aria-label={label}
          onChange={(checked) => onChange({ [row.key]: checked })}
          data-testid={`rule-${row.key}`}
        />
      )
    case 'roles':
      return (
        <Checkbox.Group
          className="role-boxes"
          aria-label={label}
          value={[...rules[row.key]]}
          options={ROLES.map((role) => ({
            label: t(`role.${role}`),
            value: role,
            disabled: row.demanded.includes(role),
          }))}
          onChange={(held) => onChange({ [row.key]: ROLES.filter((role) => held.includes(role)) })}
          data-testid={`rule-${row.key}`}
        />
      )
  }
}
