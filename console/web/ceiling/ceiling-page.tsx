/** The ceiling: what may ever be allowed, who signed it, which computers hold it; and how a unit gets its first one. */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { type ReactNode, useState } from 'react'
import type { CeilingAnswer } from '../../api/contract-ceiling.ts'
import { useText } from '../i18n/use-text.ts'
import { ceilingQuery } from '../server/ceiling-queries.ts'
import { useMay } from '../session/session-context.ts'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { BringDialog } from './bring-dialog.tsx'
import { CeilingHolders } from './ceiling-holders.tsx'
import { BehindPanel, BeyondPanel, EarlierPanel } from './ceiling-reach.tsx'
import { CeilingSteps } from './ceiling-steps.tsx'
import { CeilingTable } from './ceiling-table.tsx'

export function CeilingPage(): ReactNode {
  const { t } = useText()
  const query = useQuery(ceilingQuery)
  const mayBring = useMay('ceiling.bring')
  const [isBringing, setBringing] = useState(false)
  const answer = query.data
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.ceiling')}</h1>
        {answer?.inForce && (
          <span className="muted">{t('ceiling.version', { version: answer.inForce.ceiling.version })}</span>
        )}
        {mayBring && (
          <Button
            className="head-act"
            type={answer?.inForce === null ? 'primary' : 'default'}
            onClick={() => setBringing(true)}
            data-testid="ceiling-bring"
          >
            {t('ceiling.bring')}
          </Button>
        )}
      </header>
      <p className="ceiling-what">{t('ceiling.what')}</p>
      <QueryError query={query} />
      {answer === undefined ? !query.isError && <RowsSkeleton rows={5} /> : <Found answer={answer} />}
      {isBringing && <BringDialog onClose={() => setBringing(false)} />}
    </div>
  )
}

function Found({ answer }: { readonly answer: CeilingAnswer }): ReactNode {
  if (answer.inForce === null) return <CeilingSteps dailyKey={answer.dailyKey} />
  return (
    <div className="ceiling">
      <BeyondPanel beyond={answer.beyond} />
      <BehindPanel behind={answer.behind} computers={answer.computers} />
      <CeilingHolders inForce={answer.inForce} dailyKey={answer.dailyKey} />
      <CeilingTable ceiling={answer.inForce.ceiling} />
      <EarlierPanel earlier={answer.earlier} />
    </div>
  )
}
