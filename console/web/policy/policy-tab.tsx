/** The policy of one computer: what is in force, the form for the security administrator, all versions before. */
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect } from 'react'
import type { Computer } from '../../api/contract.ts'
import { useText } from '../i18n/use-text.ts'
import { policyHistoryQuery, policyQuery } from '../server/queries.ts'
import { useMay } from '../session/session-context.ts'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { TimeView } from '../show/time-view.tsx'
import { PolicyForm } from './policy-form.tsx'

export function PolicyTab({ computer }: { readonly computer: Computer }): ReactNode {
  const { t } = useText()
  const { agent } = computer
  const query = useQuery(policyQuery(agent))
  const { refetch } = query
  // The computer is told of live: a version that somebody else made is fetched before it becomes a conflict.
  const isOutdated = query.data !== undefined && query.data.policy.version < computer.policyVersion
  useEffect(() => {
    if (isOutdated) void refetch()
  }, [isOutdated, refetch])
  const mayWrite = useMay('policy.write')
  if (query.data === undefined)
    return query.isError ? <QueryError query={query} /> : <RowsSkeleton rows={5} />
  const { policy, createdAt, createdBy, reason } = query.data
  const appliedVersion = computer.appliedPolicyVersion
  return (
    <div className="policy">
      <div className="panel">
        <p data-testid="policy-in-force">
          <strong>{t('policy.version', { version: policy.version })}</strong> ·{' '}
          {appliedVersion === policy.version
            ? t('policy.applied')
            : appliedVersion === null
              ? t('policy.never-applied', { version: policy.version })
              : t('policy.behind', { applied: appliedVersion, version: policy.version })}
        </p>
        <p className="muted">
          <TimeView ms={createdAt} /> · {createdBy} · <Reason reason={reason} />
        </p>
        {!mayWrite && <p className="note">{t('policy.read-only')}</p>}
      </div>
      <PolicyForm agent={agent} inForce={query.data} isReadOnly={!mayWrite} />
      <History agent={agent} />
    </div>
  )
}

function History({ agent }: { readonly agent: string }): ReactNode {
  const { t } = useText()
  const query = useQuery(policyHistoryQuery(agent))
  return (
    <section className="panel" aria-labelledby="policy-history">
      <h2 id="policy-history">{t('policy.history')}</h2>
      <QueryError query={query} />
      {query.isPending && !query.isError && <RowsSkeleton rows={2} />}
      {query.data !== undefined && (
        <table className="grid-table">
          <thead>
            <tr>
              <th scope="col">{t('policy.version-column')}</th>
              <th scope="col">{t('policy.made-at')}</th>
              <th scope="col">{t('policy.made-by')}</th>
              <th scope="col">{t('policy.reason')}</th>
            </tr>
          </thead>
          <tbody>
            {query.data.policies.map((one) => (
              <tr key={one.version}>
                <td>{one.version}</td>
                <td>
                  <TimeView ms={one.createdAt} />
                </td>
                <td>{one.createdBy}</td>
                <td>
                  <Reason reason={one.reason} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

/** The first version is the console's own, and so is its word for why. */
function Reason({ reason }: { readonly reason: string }): ReactNode {
  const { t } = useText()
  return reason === 'enrolment' ? t('policy.reason-enrolment') : <bdi>{reason}</bdi>
}
