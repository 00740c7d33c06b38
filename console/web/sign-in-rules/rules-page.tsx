/** The rules of signing in, and the certificates on USB keys. */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { type ReactNode, useState } from 'react'
import { useText } from '../i18n/use-text.ts'
import { signInRulesQuery } from '../server/sign-in-queries.ts'
import { useMay, useSession } from '../session/session-context.ts'
import { LevelTag } from '../show/level-tag.tsx'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { TimeView } from '../show/time-view.tsx'
import { WallsPanel } from '../wall/walls-panel.tsx'
import { CertificatesPanel } from './certificates-panel.tsx'
import { RulesForm } from './rules-form.tsx'
import { RulesTable } from './rules-table.tsx'

export function SignInRulesPage(): ReactNode {
  const { t } = useText()
  const session = useSession()
  const query = useQuery(signInRulesQuery)
  const mayWrite = useMay('sign-in-rules.write')
  const mayWalls = useMay('walls.read')
  const [isEditing, setEditing] = useState(false)
  const answer = query.data
  return (
    <div className="page" data-testid="rules-page">
      <header className="page-head">
        <h1>{t('rules.title')}</h1>
        {answer !== undefined && (
          <span className="muted">
            {answer.changedAt === null ? (
              t('rules.never-set')
            ) : (
              <>
                {t('rules.version', { version: answer.version, account: answer.changedBy ?? '' })}{' '}
                <TimeView ms={answer.changedAt} />
              </>
            )}
          </span>
        )}
      </header>
      <section className="panel">
        {session !== null && (
          <p className="gap-below">
            <LevelTag level={session.console.level} /> {t('rules.level')}
          </p>
        )}
        <QueryError query={query} />
        {query.isPending && !query.isError && <RowsSkeleton rows={6} />}
        {answer !== undefined &&
          (isEditing ? (
            <RulesForm answer={answer} onClose={() => setEditing(false)} />
          ) : (
            <>
              <RulesTable answer={answer} />
              {mayWrite && (
                <div className="panel-buttons">
                  <Button type="primary" onClick={() => setEditing(true)} data-testid="rules-change">
                    {t('rules.change')}
                  </Button>
                </div>
              )}
            </>
          ))}
      </section>
      {mayWalls && <WallsPanel />}
      <CertificatesPanel />
    </div>
  )
}
