/** One entry of a register: what it is, where it stands in its life, what names it, what was done to it. */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { Link, useParams } from 'react-router'
import type { LedgerEntry, LedgerEntryAnswer } from '../../api/contract-registers.ts'
import { isEmpty, type Kind, stateOf } from '../../ledger/fields.ts'
import { kindOf, ledgerKindName } from '../../ledger/kinds.ts'
import { useText } from '../i18n/use-text.ts'
import { EntryPrints } from '../prints/entry-prints.tsx'
import { entryQuery } from '../server/register-queries.ts'
import { useMay } from '../session/session-context.ts'
import { LevelTag } from '../show/level-tag.tsx'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { EntryHistory } from './entry-history.tsx'
import { EntryValue, fieldWords, useWords } from './entry-value.tsx'
import { HandoverPanel } from './handover-panel.tsx'
import { MeasuredView } from './measured-view.tsx'

const EntryDialog = lazy(async () => ({ default: (await import('./entry-dialog.tsx')).EntryDialog }))
const StepDialog = lazy(async () => ({ default: (await import('./step-dialog.tsx')).StepDialog }))

export function EntryPage(): ReactNode {
  const { t } = useText()
  const { kind: name = '', number = '' } = useParams()
  const kindName = ledgerKindName(name)
  const query = useQuery({ ...entryQuery(kindName ?? 'computers', number), enabled: kindName !== null })
  if (kindName === null) return <EmptyNote title={t('error.not-found')} />
  if (query.data === undefined)
    return (
      <div className="page">{query.isError ? <QueryError query={query} /> : <RowsSkeleton rows={5} />}</div>
    )
  return <Entry key={`${kindName} ${number}`} kind={kindOf(kindName)} answer={query.data} />
}

function Entry({ kind, answer }: { readonly kind: Kind; readonly answer: LedgerEntryAnswer }): ReactNode {
  const { t } = useText()
  const say = useWords()
  const { entry } = answer
  const [dialog, setDialog] = useState<'change' | 'step' | null>(null)
  const close = () => setDialog(null)
  return (
    <div className="page ledger-entry" data-testid="entry" data-number={entry.number}>
      <Head kind={kind} answer={answer} onAsk={setDialog} />
      <div className="entry-columns">
        <div>
          {kind.groups.map((group) => (
            <GroupPanel key={group.key} kind={kind} entry={entry} group={group} />
          ))}
        </div>
        <div>
          <section className="panel" aria-labelledby="entry-life">
            <h2 id="entry-life">{t('registers.life')}</h2>
            <Life kind={kind} state={entry.state} />
          </section>
          {answer.namedBy.length > 0 && (
            <section className="panel" aria-labelledby="entry-named">
              <h2 id="entry-named">{t('registers.named-by')}</h2>
              <ul className="named-by">
                {answer.namedBy.map((one) => (
                  <li key={`${one.kind} ${one.number} ${one.field}`}>
                    <Link to={`/registers/${one.kind}/${encodeURIComponent(one.number)}`}>
                      <bdi className="mono">{one.number}</bdi>
                    </Link>{' '}
                    <span className="muted">
                      {say(kindOf(one.kind).one)} · {say(fieldWords(kindOf(one.kind), one.field))} ·{' '}
                      {say(stateOf(kindOf(one.kind), one.state).words)}
                    </span>
                  </li>
                ))}
              </ul>
            </section>
          )}
          {kind.name === 'carriers' && <HandoverPanel answer={answer} />}
          {kind.name !== 'people' && <EntryPrints kind={kind.name} number={entry.number} />}
        </div>
      </div>
      {kind.name === 'computers' && (
        <section className="panel table-panel" aria-labelledby="entry-measured">
          <h2 id="entry-measured">{t('registers.measured')}</h2>
          <MeasuredView number={entry.number} />
        </section>
      )}
      <section className="panel table-panel" aria-labelledby="entry-history">
        <h2 id="entry-history">{t('medium.history')}</h2>
        <EntryHistory kind={kind} history={answer.history} printings={answer.printings} />
      </section>
      <Suspense>
        {dialog === 'change' && (
          <EntryDialog kind={kind} entry={entry} mayKeep={answer.mayKeep} onClose={close} />
        )}
        {dialog === 'step' && <StepDialog kind={kind} entry={entry} onClose={close} />}
      </Suspense>
    </div>
  )
}

interface HeadProps {
  readonly kind: Kind
  readonly answer: LedgerEntryAnswer
  readonly onAsk: (dialog: 'change' | 'step') => void
}

function Head({ kind, answer, onAsk }: HeadProps): ReactNode {
  const { t } = useText()
  const say = useWords()
  const { entry } = answer
  const mayReadComputers = useMay('computers.read')
  const state = stateOf(kind, entry.state)
  const name = entry.fields['name']
  return (
    <header className="computer-head">
      <p className="crumb">
        <Link to={`/registers/${kind.name}`}>{say(kind.words)}</Link>
      </p>
      <div className="page-head">
        <h1>
          <bdi className="mono">{entry.number}</bdi>
          {typeof name === 'string' && (
            <>
              {' '}
              <bdi>{name}</bdi>
            </>
          )}
        </h1>
        {entry.level !== null && kind.name !== 'people' && <LevelTag level={entry.level} />}
        <span className="register-state" data-testid="entry-state">
          {say(state.words)}
        </span>
        <span className="top-space" />
        <span className="head-actions">
          {answer.agent !== null && mayReadComputers && (
            <Link to={`/computers/${encodeURIComponent(answer.agent)}/register`} className="plain-link">
              {t('registers.to-computer')}
            </Link>
          )}
          {answer.mayChange && state.isClosed !== true && (
            <Button onClick={() => onAsk('change')} data-testid="entry-change">
              {t('registers.change')}
            </Button>
          )}
          {answer.mayKeep && state.steps.length > 0 && (
            <Button type="primary" onClick={() => onAsk('step')} data-testid="entry-step">
              {t('registers.step')}
            </Button>
          )}
        </span>
      </div>
      <dl className="head-facts panel">
        {(
          [
            'department',
            ...(kind.custodian === 'person' ? ['custodian' as const] : ['level' as const]),
          ] as const
        ).map((key) => (
          <div key={key}>
            <dt>{say(kind.coreWords[key])}</dt>
            <dd>
              <EntryValue kind={kind} field={key} value={entry[key]} />
            </dd>
          </div>
        ))}
        {kind.listed
          .filter((key) => key !== 'name' && !isEmpty(entry.fields[key]))
          .map((key) => (
            <div key={key}>
              <dt>{say(fieldWords(kind, key))}</dt>
              <dd>
                <EntryValue kind={kind} field={key} value={entry.fields[key]} />
              </dd>
            </div>
          ))}
      </dl>
    </header>
  )
}

function GroupPanel({
  kind,
  entry,
  group,
}: {
  readonly kind: Kind
  readonly entry: LedgerEntry
  readonly group: Kind['groups'][number]
}): ReactNode {
  const { t } = useText()
  const say = useWords()
  const fields = kind.fields.filter((field) => field.group === group.key)
  const filled = fields.filter(({ key }) => !isEmpty(entry.fields[key]))
  // A check-list says of each thing that nobody looked; other empty fields say nothing.
  const shown = group.key === 'equipment' ? fields : filled
  return (
    <section className="panel" aria-labelledby={`group-${group.key}`}>
      <h2 id={`group-${group.key}`}>{say(group.words)}</h2>
      {shown.length === 0 ? (
        <p className="muted">{t('registers.nothing-filled')}</p>
      ) : (
        <dl className="entry-facts">
          {shown.map((field) => (
            <div key={field.key}>
              <dt>{say(field.words)}</dt>
              <dd>
                {field.type === 'presence' && isEmpty(entry.fields[field.key]) ? (
                  <span className="muted">{t('registers.unsaid')}</span>
                ) : (
                  <EntryValue kind={kind} field={field.key} value={entry.fields[field.key] ?? null} />
                )}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  )
}

/** Where it stands: all states in order, the one in force marked, those that may follow. */
function Life({ kind, state }: { readonly kind: Kind; readonly state: string }): ReactNode {
  const { t } = useText()
  const say = useWords()
  const next = new Set(stateOf(kind, state).steps.map(({ to }) => to))
  return (
    <ol className="life" data-testid="entry-life">
      {kind.states.map((one) => (
        <li
          key={one.key}
          aria-current={one.key === state ? 'step' : undefined}
          className={one.key === state ? 'life-now' : next.has(one.key) ? 'life-next' : ''}
        >
          {say(one.words)}
          {next.has(one.key) && <span className="muted"> · {t('registers.may-follow')}</span>}
        </li>
      ))}
    </ol>
  )
}
