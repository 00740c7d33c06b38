/** The proof of a violation of the network: what was so and how sure, who did it, its connections, and everything around. */
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { FlowsTable } from '../network/flows-table.tsx'
import { ConfidenceWord, DestinationRule, ProgramView } from '../network/network-words.tsx'
import { pathOutOf } from '../network/path-out.ts'
import { PathView } from '../network/path-view.tsx'
import { PictureFold } from '../network/picture-view.tsx'
import { TracesTable } from '../network/traces-table.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import type { Found } from './network-views.ts'

export function FoundView({ found }: { readonly found: Found }): ReactNode {
  const { t } = useText()
  const { condition, confidence, rule, outcome, text, expected, program, flows, traces, picture } = found
  const path = pathOutOf(flows, picture)
  return (
    <section className="evidence-network found" data-testid="found">
      <h4>{t('found.title')}</h4>
      {path !== null && <PathView path={path} program={program} />}
      <table className="facts">
        <tbody>
          {condition !== null && (
            <Row name={t('field.condition')}>
              <strong>{t(`value.condition.${condition}`)}</strong>
            </Row>
          )}
          {confidence !== null && (
            <Row name={t('field.confidence')}>
              <ConfidenceWord confidence={confidence} />
              <div className="under">{t(`confidence.means.${confidence}`)}</div>
            </Row>
          )}
          {rule !== null && (
            <Row name={t('field.rule')}>
              <DestinationRule rule={rule} />
            </Row>
          )}
          {outcome !== null && (
            <Row name={t('field.outcome')}>
              {t(`value.outcome.${outcome}`)}
              {found.wouldBlock === true && outcome !== 'blocked' && t('violation.would-block')}
            </Row>
          )}
          {text !== null && (
            <Row name={t('field.text')}>
              <RawTextView text={text} />
            </Row>
          )}
          {expected !== null && (
            <Row name={t('field.expected')}>
              <RawTextView text={expected} />
            </Row>
          )}
          {(program !== null || flows.length > 0) && (
            <Row name={t('field.program')}>
              <ProgramView program={program} />
            </Row>
          )}
        </tbody>
      </table>
      {flows.length > 0 && (
        <>
          <h4>{t('field.flows')}</h4>
          <FlowsTable flows={flows} />
        </>
      )}
      {traces.length > 0 && (
        <>
          <h4>{t('net.traces')}</h4>
          <TracesTable traces={traces} />
        </>
      )}
      {picture !== null && <PictureFold picture={picture} />}
    </section>
  )
}

function Row({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{children}</td>
    </tr>
  )
}
