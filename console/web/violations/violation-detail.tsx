/** One violation: the sentence, what happened around it, the evidence, why it is one, and the proof. */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { ViolationDetail } from '../../api/contract.ts'
import { EvidenceView } from '../evidence/evidence-view.tsx'
import { HandlingPanel } from '../handling/handling-panel.tsx'
import { HandlingPapers } from '../handling/handling-papers.tsx'
import { useText } from '../i18n/use-text.ts'
import { RuleWord } from '../media/rule-word.tsx'
import { violationQuery } from '../server/queries.ts'
import { useMay } from '../session/session-context.ts'
import { formatDuration } from '../show/format.ts'
import { LevelTag } from '../show/level-tag.tsx'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { SeverityMark } from '../show/severity-mark.tsx'
import { TimeView } from '../show/time-view.tsx'
import { AroundViolation } from '../timeline/around-violation.tsx'
import { ProofView } from './proof-view.tsx'
import { ViolationMedium } from './violation-medium.tsx'
import { ViolationTimeline } from './violation-timeline.tsx'

/** Below this, two clocks agree as far as anybody cares. */
const clockDifferenceShownMs = 5_000

export function ViolationDetailPane({ id }: { readonly id: string }): ReactNode {
  const query = useQuery(violationQuery(id))
  if (query.data === undefined)
    return query.isError ? <QueryError query={query} /> : <RowsSkeleton rows={5} />
  return <Detail detail={query.data} />
}

function Detail({ detail }: { readonly detail: ViolationDetail }): ReactNode {
  const { t, tryT, pick } = useText()
  const { violation, catalogue, proof, decision } = detail
  const mayReadComputer = useMay('computers.read')
  return (
    <article className="detail" data-testid="violation-detail" data-violation-id={violation.id}>
      <header className="detail-head">
        <h2 data-testid="violation-detail-headline">{pick(violation.headline)}</h2>
        <Button size="small" className="no-print" onClick={() => window.print()}>
          {t('violation.print')}
        </Button>
      </header>
      <p className="detail-tags">
        <SeverityMark severity={violation.severity} />
        <LevelTag level={violation.level} />
        {violation.agent === '' ? null : mayReadComputer ? (
          <Link to={`/computers/${encodeURIComponent(violation.agent)}`}>
            <bdi className="mono">{violation.number}</bdi>
          </Link>
        ) : (
          <bdi className="mono">{violation.number}</bdi>
        )}
        <span>
          {catalogue.number !== null && <span className="muted">#{catalogue.number} </span>}
          {pick(catalogue.name)}
        </span>
      </p>
      <HandlingPanel violation={violation} />
      <Times detail={detail} />

      <Part id="what" title={t('violation.what')}>
        {violation.agent !== '' && <AroundViolation agent={violation.agent} atMs={violation.occurredAt} />}
        <ViolationTimeline detail={detail} />
      </Part>

      <Part id="evidence" title={t('violation.evidence')}>
        <ViolationMedium id={violation.id} />
        <EvidenceView evidence={detail.evidence} />
      </Part>

      <Part id="why" title={t('violation.why')}>
        <p>{tryT(`why.${violation.type}`) ?? pick(catalogue.name)}</p>
        <table className="facts">
          <tbody>
            <tr>
              <th scope="row">{t('violation.policy-version')}</th>
              <td>{t('policy.version', { version: violation.policyVersion })}</td>
            </tr>
            {decision !== null && (
              <tr>
                <th scope="row">{t('violation.rule')}</th>
                <td data-testid="deciding-rule">
                  <RuleWord rule={decision.rule} /> <code className="mono muted">{decision.rule}</code>
                </td>
              </tr>
            )}
            {decision !== null && (
              <tr>
                <th scope="row">{t('violation.decision')}</th>
                <td>
                  {tryT(`value.outcome.${decision.outcome}`) ?? decision.outcome}
                  {decision.would === 'block' && decision.outcome !== 'blocked' && t('violation.would-block')}
                </td>
              </tr>
            )}
            {decision?.alarms !== undefined && decision.alarms.length > 0 && (
              <tr>
                <th scope="row">{t('violation.alarms')}</th>
                <td>
                  <ul className="value-list">
                    {decision.alarms.map((alarm) => (
                      <li key={alarm}>
                        <RuleWord rule={alarm} />
                      </li>
                    ))}
                  </ul>
                </td>
              </tr>
            )}
            <tr>
              <th scope="row">{t('violation.basis')}</th>
              <td>
                <ul className="value-list">
                  {catalogue.basis.map((basis) => (
                    <li key={basis.zh}>{pick(basis)}</li>
                  ))}
                </ul>
              </td>
            </tr>
          </tbody>
        </table>
      </Part>

      <Part id="proof" title={t('violation.proof')}>
        <ProofView proof={proof} archived={detail.archived} agent={violation.agent} />
      </Part>

      <Part id="handling" title={t('handling.title')}>
        <HandlingPapers violation={violation} />
      </Part>
    </article>
  )
}

function Times({ detail: { violation, proof } }: { readonly detail: ViolationDetail }): ReactNode {
  const { t, language } = useText()
  const isSilence = violation.type === 'agent-silent'
  const difference = violation.receivedAt - violation.occurredAt
  return (
    <dl className="times">
      {(proof !== null || isSilence) && (
        <div>
          <dt>{isSilence ? t('violation.last-sign') : t('violation.by-computer')}</dt>
          <dd>
            <TimeView ms={violation.occurredAt} />
          </dd>
        </div>
      )}
      <div>
        <dt>{proof === null ? t('violation.noticed') : t('violation.by-console')}</dt>
        <dd>
          <TimeView ms={violation.receivedAt} />
        </dd>
      </div>
      {Math.abs(difference) >= clockDifferenceShownMs && proof !== null && (
        <div>
          <dt>{t('violation.difference')}</dt>
          <dd>{formatDuration(difference, language)}</dd>
        </div>
      )}
      {violation.endedAt !== null && (
        <div>
          <dt>{t('violation.ended-at')}</dt>
          <dd>
            <TimeView ms={violation.endedAt} />
          </dd>
        </div>
      )}
    </dl>
  )
}

interface PartProps {
  readonly id: string
  readonly title: string
  readonly children: ReactNode
}

function Part({ id, title, children }: PartProps): ReactNode {
  return (
    <section className="detail-part" aria-labelledby={`part-${id}`}>
      <h3 id={`part-${id}`}>{title}</h3>
      {children}
    </section>
  )
}
