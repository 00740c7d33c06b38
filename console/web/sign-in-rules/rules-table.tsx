/** The rules as they hold, each with what may be set and which rule it comes from. */
import type { ReactNode } from 'react'
import type { SignInRulesAnswer, SignInRulesValues } from '../../api/contract-sign-in.ts'
import { useText } from '../i18n/use-text.ts'
import { formatList } from '../show/format.ts'
import { type RuleRow, ruleRows } from './rule-rows.ts'

interface Props {
  readonly answer: SignInRulesAnswer
  /** In place of the values: fields. */
  readonly renderValue?: (row: RuleRow) => ReactNode
}

export function RulesTable({ answer, renderValue }: Props): ReactNode {
  const { t, tryT } = useText()
  return (
    <table className="grid-table rules-table" data-testid="rules">
      <thead>
        <tr>
          <th scope="col">{t('rules.setting')}</th>
          <th scope="col">{t('rules.value')}</th>
          <th scope="col">{t('rules.allowed')}</th>
          <th scope="col">{t('rules.source')}</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">{t('rules.classes')}</th>
          <td>{t('rules.always')}</td>
          <td className="muted">{t('rules.demanded')}</td>
          <td className="muted">{t('rule-source.unit-classes')}</td>
        </tr>
        {ruleRows(answer).map((row) => (
          <tr key={row.key} data-testid="rule" data-key={row.key}>
            <th scope="row">{t(`rules.${row.key}`)}</th>
            <td>
              {renderValue === undefined ? <RuleValue row={row} rules={answer.rules} /> : renderValue(row)}
            </td>
            <td className="muted">
              <Allowed row={row} />
            </td>
            <td className="muted">{tryT(`rule-source.${row.source}`) ?? row.source}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function RuleValue({ row, rules }: { readonly row: RuleRow; readonly rules: SignInRulesValues }): ReactNode {
  const { t, language } = useText()
  switch (row.kind) {
    case 'number':
      return rules[row.key]
    case 'switch':
      return rules[row.key] ? t('rules.on') : t('rules.off')
    case 'roles': {
      const held = rules[row.key]
      return held.length === 0
        ? t('rules.no-roles')
        : formatList(
            held.map((role) => t(`role.${role}`)),
            language,
          )
    }
  }
}

function Allowed({ row }: { readonly row: RuleRow }): ReactNode {
  const { t, language } = useText()
  switch (row.kind) {
    case 'number':
      return t('rules.between', { min: row.min, max: row.max })
    case 'switch':
      return row.isDemanded ? t('rules.demanded') : t('rules.free')
    case 'roles':
      return row.demanded.length === 0
        ? t('rules.free')
        : t('rules.demanded-roles', {
            roles: formatList(
              row.demanded.map((role) => t(`role.${role}`)),
              language,
            ),
          })
  }
}
