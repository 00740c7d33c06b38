/** The fields of a registered medium, for registering and for changing; each error stands at its field. */

import type { Level } from '@shoukou/protocol/levels.ts'
import { LIMITS } from '@shoukou/protocol/limits.ts'
import { useQuery } from '@tanstack/react-query'
import { Checkbox, Form, Input, Select } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { DepartmentNameInput, PersonInput } from '../registers/name-inputs.tsx'
import { computerNamesQuery } from '../server/queries.ts'
import { DateField } from '../show/date-field.tsx'
import { levelWords } from '../show/level-tag.tsx'
import { type MediumForm, mediumKinds } from './medium-draft.ts'

interface Props {
  readonly levels: readonly Level[]
  readonly levelHint?: string
  /** With the number, which stays what it is once it is given. */
  readonly isNew?: boolean
}

const numberPattern = /^[\p{L}\p{N}][\p{L}\p{N}._/-]*$/u

const rights = ['read-write', 'read-only'] as const

export function MediumFields({ levels, levelHint, isNew = false }: Props): ReactNode {
  const { t, language } = useText()
  const computers = useQuery(computerNamesQuery).data?.computers ?? []
  return (
    <>
      <div className={isNew ? 'form-row form-row-four' : 'form-row'}>
        {isNew && (
          <Form.Item
            name="number"
            label={t('medium.number')}
            extra={t('register.number-given')}
            rules={[{ pattern: numberPattern, message: t('enrol.number-wrong') }]}
          >
            <Input maxLength={64} data-testid="field-number" className="mono" />
          </Form.Item>
        )}
        <Form.Item name="level" label={t('policy.field.level')} extra={levelHint}>
          <Select
            data-testid="field-level"
            options={levels.map((one) => ({ value: one, label: levelWords(one, language === 'en') }))}
          />
        </Form.Item>
        <Form.Item name="kind" label={t('medium.kind')}>
          <Select options={mediumKinds.map((one) => ({ value: one, label: t(`medium.kind.${one}`) }))} />
        </Form.Item>
        <Form.Item name="right" label={t('medium.right-most')}>
          <Select
            data-testid="field-right"
            options={rights.map((one) => ({ value: one, label: t(`value.right.${one}`) }))}
          />
        </Form.Item>
      </div>
      <div className="form-row form-row-two">
        <Form.Item
          name="custodian"
          label={t('medium.custodian')}
          rules={[{ required: true, whitespace: true, message: t('medium.custodian-missing') }]}
        >
          <PersonInput autoFocus data-testid="field-custodian" />
        </Form.Item>
        <Form.Item
          name="department"
          label={t('medium.department')}
          rules={[{ required: true, whitespace: true, message: t('medium.department-missing') }]}
        >
          <DepartmentNameInput data-testid="field-department" />
        </Form.Item>
      </div>
      <div className="form-row form-row-two">
        <Form.Item label={t('medium.computers')} required={false} className="computers-field">
          <Form.Item
            noStyle
            name="computers"
            dependencies={['isForAllComputers']}
            rules={[
              ({ getFieldValue }) => ({
                validator: (_rule, chosen: readonly string[]) =>
                  getFieldValue('isForAllComputers') === true || chosen.length > 0
                    ? Promise.resolve()
                    : Promise.reject(new Error(t('medium.computers-missing'))),
              }),
            ]}
          >
            <ComputersSelect numbers={computers.map((one) => one.number)} />
          </Form.Item>
          <Form.Item noStyle name="isForAllComputers" valuePropName="checked">
            <Checkbox data-testid="field-all-computers">{t('medium.all-computers')}</Checkbox>
          </Form.Item>
        </Form.Item>
        <Form.Item
          name="users"
          label={t('medium.users')}
          extra={t('medium.users-why')}
          rules={[
            {
              validator: (_rule, users: readonly string[]) =>
                users.length <= LIMITS.usersPerSealMax && users.every((one) => one.length <= 64)
                  ? Promise.resolve()
                  : Promise.reject(new Error(t('medium.users-wrong', { most: LIMITS.usersPerSealMax }))),
            },
          ]}
        >
          <Select mode="tags" open={false} suffixIcon={null} tokenSeparators={[' ', ',']} />
        </Form.Item>
      </div>
      <div className="form-row">
        <Form.Item
          name="validFrom"
          label={t('medium.valid-from')}
          rules={[{ required: true, message: t('medium.day-missing') }]}
        >
          <DateField max="9999-12-31" />
        </Form.Item>
        <Form.Item
          name="validUntil"
          label={t('medium.valid-until')}
          dependencies={['validFrom']}
          extra={t('medium.valid-until-open')}
          rules={[
            ({ getFieldValue }) => ({
              validator: (_rule, day: string) =>
                day === '' || day >= String(getFieldValue('validFrom'))
                  ? Promise.resolve()
                  : Promise.reject(new Error(t('medium.valid-until-wrong'))),
            }),
          ]}
        >
          <DateField max="9999-12-31" data-testid="field-valid-until" />
        </Form.Item>
        <Form.Item name="note" label={t('policy.note')}>
          <Input maxLength={500} />
        </Form.Item>
      </div>
    </>
  )
}

interface SelectProps {
  readonly numbers: readonly string[]
  /** Given by the form. */
  readonly id?: string
  readonly value?: readonly string[]
  readonly onChange?: (value: string[]) => void
}

function ComputersSelect({ numbers, id, value = [], onChange }: SelectProps): ReactNode {
  const { t } = useText()
  const form = Form.useFormInstance<MediumForm>()
  // Null before the form's first turn.
  const isForAll: boolean = Form.useWatch('isForAllComputers', form) ?? false
  return (
    <Select
      {...(id === undefined ? {} : { id })}
      mode="multiple"
      data-testid="field-computers"
      aria-label={t('medium.computers')}
      disabled={isForAll}
      maxCount={LIMITS.computersPerSealMax}
      value={isForAll ? [] : [...value]}
      placeholder={isForAll ? t('medium.all-computers') : t('medium.computers-choose')}
      {...(onChange === undefined ? {} : { onChange })}
      options={numbers.map((one) => ({ value: one, label: one }))}
    />
  )
}
