/** What the computer shows now, offered for its rules: nothing is taken that a person has not ticked. */
import type { NetworkRules } from '@shoukou/protocol'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { type MessageKey, useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { named } from '../network/network-words.tsx'
import { networkQuery } from '../server/network-queries.ts'
import { formatTime } from '../show/format.ts'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { type Proposal, proposalsOf, withProposals } from './takeover.ts'

interface Props {
  readonly agent: string
  readonly number: string
  readonly rules: NetworkRules
  readonly onTake: (rules: NetworkRules) => void
  readonly onClose: () => void
}

const lists: readonly (readonly [Proposal['list'], MessageKey])[] = [
  ['prefixes', 'policy.prefixes'],
  ['gateways', 'policy.gateways'],
  ['dnsServers', 'policy.dns'],
  ['dhcpServers', 'policy.dhcp'],
]

export function TakeoverDialog({ agent, number, rules, onTake, onClose }: Props): ReactNode {
  const { t, language } = useText()
  const query = useQuery(networkQuery(agent))
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set())
  const told = query.data?.picture ?? null
  const proposals = told === null ? [] : proposalsOf(told.picture, rules)
  const chosen = proposals.filter(({ key }) => ticked.has(key))
  return (
    <AskDialog
      title={t('policy.takeover-title', { computer: number })}
      okText={
        chosen.length === 0 ? t('policy.takeover-choose') : t('policy.takeover-do', { count: chosen.length })
      }
      okTestId="takeover-submit"
      isPending={false}
      isReady={chosen.length > 0}
      width={640}
      onOk={() => onTake(withProposals(rules, chosen, t('policy.takeover-note')))}
      onClose={onClose}
    >
      <QueryError query={query} />
      {query.isPending && !query.isError && <RowsSkeleton rows={3} />}
      {query.data !== undefined && told === null && <EmptyNote title={t('policy.takeover-none')} />}
      {told !== null && proposals.length === 0 && <EmptyNote title={t('policy.takeover-nothing')} />}
      {told !== null && proposals.length > 0 && (
        <>
          <p className="consequence">
            {t('policy.takeover-why', { time: formatTime(told.wallMs, language) })}
          </p>
          {lists.map(([list, title]) => (
            <ProposalList
              key={list}
              title={t(title)}
              proposals={proposals.filter((one) => one.list === list)}
              ticked={ticked}
              onTick={(key, isTicked) =>
                setTicked((old) => new Set(isTicked ? [...old, key] : [...old].filter((one) => one !== key)))
              }
            />
          ))}
        </>
      )}
    </AskDialog>
  )
}

interface ListProps {
  readonly title: string
  readonly proposals: readonly Proposal[]
  readonly ticked: ReadonlySet<string>
  readonly onTick: (key: string, isTicked: boolean) => void
}

function ProposalList({ title, proposals, ticked, onTick }: ListProps): ReactNode {
  const text = useText()
  if (proposals.length === 0) return null
  return (
    <fieldset className="takeover-fieldset">
      <legend>{title}</legend>
      <ul className="takeover-list">
        {proposals.map((one) => (
          <li key={one.key}>
            <label>
              <input
                type="checkbox"
                checked={ticked.has(one.key)}
                onChange={(event) => onTick(one.key, event.target.checked)}
                data-testid="takeover-tick"
                data-key={one.key}
              />
              <span>
                <bdi className="mono">{'prefix' in one ? one.prefix : one.address}</bdi>{' '}
                {'mac' in one && (
                  <span className="muted">
                    MAC <bdi className="mono">{one.mac ?? text.t('net.mac-unknown')}</bdi>{' '}
                  </span>
                )}
                {one.over !== null && named(text, 'policy.takeover-over', one.over)}
                {one.isPublic && <span className="note"> ⚠ {text.t('policy.takeover-public')}</span>}
              </span>
            </label>
          </li>
        ))}
      </ul>
    </fieldset>
  )
}
