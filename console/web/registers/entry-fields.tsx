/** The fields of an entry's form, drawn by its kind's definition. */
import { LEVELS } from '@shoukou/protocol/levels.ts'
import { useQuery } from '@tanstack/react-query'
import { AutoComplete, Checkbox, Form, Input, InputNumber, Select } from 'antd'
import type { ReactNode } from 'react'
import { type Field, type Kind, PRESENCES } from '../../ledger/fields.ts'
import { useText } from '../i18n/use-text.ts'
import { choicesQuery, departmentTreeQuery } from '../server/register-queries.ts'
import { DateField } from '../show/date-field.tsx'
import { levelWords } from '../show/level-tag.tsx'
import { useWords } from './entry-value.tsx'
import { PersonInput } from './name-inputs.tsx'

/** Level, department, custodian. `mayLevel` false: the level stays as it is. */
export function CoreFields({
  kind,
  mayLevel,
}: {
  readonly kind: Kind
  readonly mayLevel: boolean
}): ReactNode {
  const { t, language } = useText()
  const say = useWords()
  const tree = useQuery(departmentTreeQuery).data
  const names = [...(tree?.departments.map(({ name }) => name) ?? []), ...(tree?.unlisted ?? [])]
  const departments = names.map((value) => ({ value }))
  const hasTree = (tree?.departments.length ?? 0) > 0
  return (
    <div className="entry-grid">
      <Form.Item name="level" label={say(kind.coreWords.level)}>
        <Select
          disabled={!mayLevel}
          showSearch={false}
          data-testid="field-level"
          options={kind.levels.map((level) => ({
            value: level,
            label: level === null ? t('registers.no-level') : levelWords(level, language === 'en'),
          }))}
        />
      </Form.Item>
      <Form.Item name="department" label={say(kind.coreWords.department)}>
        {hasTree ? (
          <Select
            showSearch
            data-testid="field-department"
            options={(tree?.departments ?? []).map(({ name, code }) => ({
              value: name,
              label: `${name} (${code})`,
            }))}
          />
        ) : (
          <AutoComplete
            maxLength={100}
            data-testid="field-department"
            options={departments}
            showSearch={{ filterOption: (typed, option) => option?.value.includes(typed) ?? false }}
          />
        )}
      </Form.Item>
      {kind.custodian === 'person' && (
        <Form.Item name="custodian" label={say(kind.coreWords.custodian)}>
          <PersonInput data-testid="field-custodian" />
        </Form.Item>
      )}
    </div>
  )
}

/** A kind's own fields, part by part; `only`: those alone. */
export function OwnFields({
  kind,
  only,
}: {
  readonly kind: Kind
  readonly only?: readonly string[]
}): ReactNode {
  const say = useWords()
  const shown = kind.fields.filter(({ key }) => only === undefined || only.includes(key))
  return kind.groups.map((group) => {
    const fields = shown.filter((field) => field.group === group.key)
    if (fields.length === 0) return null
    return (
      <fieldset key={group.key} className="entry-group">
        {only === undefined && <legend>{say(group.words)}</legend>}
        <div className="entry-grid">
          {fields.map((field) => (
            <OneField key={field.key} field={field} />
          ))}
        </div>
      </fieldset>
    )
  })
}

function OneField({ field }: { readonly field: Field }): ReactNode {
  const { language } = useText()
  const say = useWords()
  const label = say(field.words)
  const common = {
    name: ['fields', field.key],
    extra: field.hint === undefined ? undefined : say(field.hint),
  }
  if (field.type === 'flag') {
    return (
      <Form.Item {...common} valuePropName="checked" label=" " colon={false}>
        <Checkbox data-testid={`field-${field.key}`}>{label}</Checkbox>
      </Form.Item>
    )
  }
  if (field.type === 'presence') return <PresenceField field={field} label={label} />
  return (
    <Form.Item {...common} label={label} {...(isWide(field) ? { className: 'entry-wide' } : {})}>
      {inputOf(field, say, language === 'en')}
    </Form.Item>
  )
}

function PresenceField({ field, label }: { readonly field: Field; readonly label: string }): ReactNode {
  const { t } = useText()
  return (
    <Form.Item label={label} className="entry-presence">
      <Form.Item name={['fields', field.key, 'is']} noStyle>
        <Select
          allowClear
          showSearch={false}
          placeholder={t('registers.unsaid')}
          aria-label={label}
          data-testid={`field-${field.key}`}
          options={PRESENCES.map((value) => ({ value, label: t(`registers.presence.${value}`) }))}
        />
      </Form.Item>
      <Form.Item name={['fields', field.key, 'date']} noStyle>
        <DateField aria-label={t('registers.presence-since', { name: label })} />
      </Form.Item>
    </Form.Item>
  )
}

function isWide(field: Field): boolean {
  return field.type === 'list' || field.type === 'link' || (field.type === 'text' && field.isLong === true)
}

function inputOf(field: Field, say: ReturnType<typeof useWords>, isEnglish: boolean): ReactNode {
  const testId = { 'data-testid': `field-${field.key}` }
  switch (field.type) {
    case 'text':
      return field.isLong === true ? (
        <Input.TextArea {...testId} maxLength={field.max} rows={2} />
      ) : (
        <Input {...testId} maxLength={field.max} />
      )
    case 'list':
      return <Input.TextArea {...testId} rows={2} className="mono" />
    case 'day':
      return <DateField {...testId} />
    case 'count':
      return <InputNumber {...testId} min={field.min} max={field.max} precision={0} />
    case 'choice':
      return (
        <Select
          {...testId}
          allowClear={field.requiredIn !== 'always'}
          showSearch={false}
          options={field.options.map(({ value, words }) => ({ value, label: say(words) }))}
        />
      )
    case 'level':
      return (
        <Select
          {...testId}
          allowClear
          showSearch={false}
          options={LEVELS.map((value) => ({ value, label: levelWords(value, isEnglish) }))}
        />
      )
    case 'link':
      return <LinkInput field={field} />
    case 'flag':
    case 'presence':
      return null
  }
}

interface LinkInputProps {
  readonly field: Extract<Field, { type: 'link' }>
  /** Given by the form, with the value: what the label names. */
  readonly id?: string
  readonly value?: readonly string[]
  readonly onChange?: (value: readonly string[]) => void
}

/** Entries of another register, found while one types; a number may be typed as it is. */
function LinkInput({ field, id, value, onChange }: LinkInputProps): ReactNode {
  const query = useQuery(choicesQuery(field.to))
  return (
    <Select
      {...(id === undefined ? {} : { id })}
      mode="tags"
      maxCount={field.itemsMax}
      value={[...(value ?? [])]}
      onChange={(next: string[]) => onChange?.(next)}
      data-testid={`field-${field.key}`}
      tokenSeparators={[',', ' ', ',', '、']}
      options={(query.data?.entries ?? []).map(({ number, custodian }) => ({
        value: number,
        label: custodian === '' ? number : `${number} ${custodian}`,
      }))}
    />
  )
}
