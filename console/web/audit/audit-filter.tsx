/** What the auditor looks for: by account, act, object and day; all of it in the address. */
import { Button, Input, Select } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { DateField } from '../show/date-field.tsx'
import { type AuditFilter, auditQueryOf, dayOf, emptyAuditFilter, msOfDay } from './audit-address.ts'

interface Props {
  readonly filter: AuditFilter
  readonly acts: readonly string[]
  readonly onChange: (filter: AuditFilter) => void
}

export function AuditFilterBar({ filter, acts, onChange }: Props): ReactNode {
  const { t, tryT } = useText()
  const isEmpty = auditQueryOf(filter).size === 0
  const search = (field: 'account' | 'object') => (
    <Input.Search
      allowClear
      // What is asked for stands in the address: another address is another search.
      key={filter[field]}
      defaultValue={filter[field]}
      placeholder={t(`audit.${field}`)}
      aria-label={t(`audit.${field}`)}
      maxLength={256}
      onSearch={(text) => onChange({ ...filter, [field]: text.trim() })}
      data-testid={`audit-${field}`}
    />
  )
  const dayOfField = (field: 'fromMs' | 'toMs') => (
    <DateField
      value={dayOf(filter[field])}
      aria-label={t(`audit.${field}`)}
      onChange={(day) => onChange({ ...filter, [field]: msOfDay(day, field === 'toMs') })}
      data-testid={`audit-${field}`}
    />
  )
  return (
    <div className="audit-filter no-print" role="search" aria-label={t('audit.filter')}>
      {search('account')}
      <Select
        mode="multiple"
        maxTagCount={1}
        placeholder={t('audit.action')}
        aria-label={t('audit.action')}
        popupMatchSelectWidth={false}
        data-testid="audit-acts"
        value={[...filter.acts]}
        onChange={(chosen) => onChange({ ...filter, acts: chosen })}
        options={acts.map((act) => ({ value: act, label: tryT(`action.${act}`) ?? act }))}
      />
      {search('object')}
      <label className="audit-days">
        {t('audit.fromMs')} {dayOfField('fromMs')}
      </label>
      <label className="audit-days">
        {t('audit.toMs')} {dayOfField('toMs')}
      </label>
      {!isEmpty && <Button onClick={() => onChange(emptyAuditFilter)}>{t('audit.all')}</Button>}
    </div>
  )
}
