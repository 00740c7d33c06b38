/** No ceiling yet: what that means, said plainly, and the way to one. */
import { Alert } from 'antd'
import type { ReactNode } from 'react'
import type { CeilingAnswer } from '../../api/contract-ceiling.ts'
import { useText } from '../i18n/use-text.ts'

const steps = [
  ['keys', 'shoukou-console ceiling new-key --to 1.key --holder …'],
  ['draft', 'shoukou-console ceiling draft --to draft.json --key 1.key.pub --key 2.key.pub --data …'],
  ['narrow', 'shoukou-console ceiling show --in draft.json'],
  ['sign', 'shoukou-console ceiling sign --in draft.json --key 1.key --to half.json'],
  ['bring', 'shoukou-console ceiling bring --in signed.json --data … --reason …'],
] as const

export function CeilingSteps({ dailyKey }: Pick<CeilingAnswer, 'dailyKey'>): ReactNode {
  const { t } = useText()
  return (
    <section className="panel" aria-labelledby="no-ceiling">
      <h2 id="no-ceiling">{t('ceiling.none')}</h2>
      <Alert
        type="warning"
        showIcon
        className="gap-below"
        title={t('ceiling.none-means')}
        data-testid="ceiling-none"
      />
      <ol className="ceiling-steps">
        {steps.map(([step, command]) => (
          <li key={step}>
            <p>{t(`ceiling.step.${step}`)}</p>
            <code className="document">{command}</code>
          </li>
        ))}
      </ol>
      <p className="muted small">
        {t('ceiling.daily-key')} <span className="mono">{dailyKey.keyId.slice(0, 16)}</span>
      </p>
    </section>
  )
}
