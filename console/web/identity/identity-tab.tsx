/** Who a computer is: whether its certificate holds, whether its machine is the enrolled one, and its earlier enrolments. */
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { Computer } from '../../api/contract.ts'
import type { IdentityAnswer } from '../../api/contract-identity.ts'
import { useText } from '../i18n/use-text.ts'
import { identityQuery } from '../server/identity-queries.ts'
import { useRefetchWith } from '../server/use-refetch-with.ts'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView } from '../show/time-view.tsx'
import { CertificatesTable } from './certificates-table.tsx'
import { IdentityActs } from './identity-acts.tsx'
import { MachineTable } from './machine-table.tsx'

export function IdentityTab({ computer }: { readonly computer: Computer }): ReactNode {
  const { t } = useText()
  const query = useQuery(identityQuery(computer.agent))
  useRefetchWith(computer.storedSeq, query.refetch)
  if (query.data === undefined)
    return query.isError ? <QueryError query={query} /> : <RowsSkeleton rows={5} />
  const { certificates, machine, revocation, enrolments } = query.data
  return (
    <div className="identity-tab" data-testid="identity-tab">
      <QueryError query={query} />
      <Standing computer={computer} identity={query.data} />
      <section className="panel" aria-labelledby="certificates">
        <div className="panel-head">
          <h2 id="certificates">{t('identity.certificates')}</h2>
          <IdentityActs
            computer={computer}
            isRevoked={revocation !== null}
            isInForce={enrolments[0]?.agent === computer.agent}
          />
        </div>
        <CertificatesTable certificates={certificates} />
        <p className="muted identity-note">{t('identity.renewal-why')}</p>
      </section>
      <section className="panel" aria-labelledby="machine">
        <h2 id="machine">{t('identity.machine')}</h2>
        {machine === null ? (
          <EmptyNote title={t('identity.machine-none')}>{t('identity.machine-none-why')}</EmptyNote>
        ) : (
          <MachineTable machine={machine} />
        )}
      </section>
      {enrolments.length > 1 && <Enrolments computer={computer} enrolments={enrolments} />}
    </div>
  )
}

/** The one sentence first: what holds, or what was done and by whom. */
function Standing({
  computer,
  identity: { revocation, enrolments },
}: {
  readonly computer: Computer
  readonly identity: IdentityAnswer
}): ReactNode {
  const { t } = useText()
  const [inForce] = enrolments
  const retiredAt = enrolments.find(({ agent }) => agent === computer.agent)?.retiredAt ?? null
  return (
    <>
      {revocation !== null && (
        <p className="identity-over" data-testid="identity-revoked">
          <strong>{t('identity.revoked')}</strong> <TimeView ms={revocation.at} />{' '}
          <RawTextView text={revocation.account} isPlain />
          {t('identity.colon')} <RawTextView text={revocation.reason} isPlain />
        </p>
      )}
      {retiredAt !== null && inForce !== undefined && (
        <p className="identity-over" data-testid="identity-retired">
          <strong>{t('identity.retired')}</strong> <TimeView ms={retiredAt} />{' '}
          <Link to={`/computers/${encodeURIComponent(inForce.agent)}/identity`}>
            {t('identity.to-newest')}
          </Link>
        </p>
      )}
    </>
  )
}

function Enrolments({
  computer,
  enrolments,
}: {
  readonly computer: Computer
  readonly enrolments: IdentityAnswer['enrolments']
}): ReactNode {
  const { t } = useText()
  return (
    <section className="panel" aria-labelledby="enrolments">
      <h2 id="enrolments">{t('identity.enrolments')}</h2>
      <table className="grid-table" data-testid="enrolments">
        <thead>
          <tr>
            <th scope="col">{t('identity.enrolled')}</th>
            <th scope="col">{t('identity.until')}</th>
            <th scope="col">{t('identity.agent')}</th>
          </tr>
        </thead>
        <tbody>
          {enrolments.map(({ agent, enrolledAt, retiredAt }) => (
            <tr key={agent}>
              <th scope="row">
                <TimeView ms={enrolledAt} />
              </th>
              <td>{retiredAt === null ? t('identity.in-force') : <TimeView ms={retiredAt} />}</td>
              <td>
                {agent === computer.agent ? (
                  <bdi className="mono">{agent}</bdi>
                ) : (
                  <Link to={`/computers/${encodeURIComponent(agent)}/identity`}>
                    <bdi className="mono">{agent}</bdi>
                  </Link>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
