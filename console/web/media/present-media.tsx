/** What is plugged into one computer now: what it is, what it may do and why; and what an administrator can do about it. */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { Link } from 'react-router'
import type { Computer } from '../../api/contract.ts'
import type { SeenMedium } from '../../api/contract-media.ts'
import { useText } from '../i18n/use-text.ts'
import { seenMediaQuery } from '../server/media-queries.ts'
import { useRefetchWith } from '../server/use-refetch-with.ts'
import { useMay } from '../session/session-context.ts'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { TimeView } from '../show/time-view.tsx'
import { PassportBrief, RightWord } from './medium-words.tsx'
import { RuleWord } from './rule-word.tsx'
import { isOnlyClaim } from './seen-identity.ts'

const RegisterDialog = lazy(async () => ({
  default: (await import('./register-dialog.tsx')).RegisterDialog,
}))
const GrantDialog = lazy(async () => ({ default: (await import('./grant-dialog.tsx')).GrantDialog }))
const EndGrantDialog = lazy(async () => ({
  default: (await import('./end-grant-dialog.tsx')).EndGrantDialog,
}))
const SpokenDialog = lazy(async () => ({ default: (await import('./spoken-dialog.tsx')).SpokenDialog }))

/** Somebody stands beside the computer and waits: sooner than its next sign of life. */
const refreshMs = 3_000

type Asked =
  | { readonly what: 'register' | 'grant' | 'end'; readonly seen: SeenMedium }
  | { readonly what: 'spoken' }

export function PresentMedia({ computer }: { readonly computer: Computer }): ReactNode {
  const { t } = useText()
  const query = useQuery({ ...seenMediaQuery(computer.agent), refetchInterval: refreshMs })
  useRefetchWith(computer.storedSeq, query.refetch)
  const mayGrant = useMay('media.grant')
  const [asked, setAsked] = useState<Asked | null>(null)
  const close = () => setAsked(null)
  const media = query.data?.media ?? []
  const present = media.filter((one) => one.isPresent)
  const gone = media.filter((one) => !one.isPresent)
  return (
    <div className="present-media" data-testid="present-media">
      <section className="panel" aria-labelledby="present-now">
        <div className="panel-head">
          <h2 id="present-now">{t('present.title')}</h2>
          {mayGrant && (
            <Button size="small" onClick={() => setAsked({ what: 'spoken' })} data-testid="spoken">
              {t('spoken.title')}
            </Button>
          )}
        </div>
        {computer.status !== 'online' && <p className="note above-table">{t('present.stale')}</p>}
        <QueryError query={query} />
        {query.isPending && !query.isError && <RowsSkeleton rows={2} />}
        {query.isSuccess && present.length === 0 && <EmptyNote title={t('present.none')} />}
        {present.length > 0 && <SeenTable media={present} onAsk={setAsked} />}
      </section>
      {gone.length > 0 && (
        <section className="panel" aria-labelledby="present-before">
          <h2 id="present-before">{t('present.before')}</h2>
          <SeenTable media={gone} onAsk={setAsked} />
        </section>
      )}
      <Suspense>
        {asked?.what === 'register' && <RegisterDialog seen={asked.seen} onClose={close} />}
        {asked?.what === 'grant' && (
          <GrantDialog seen={asked.seen} onSpoken={() => setAsked({ what: 'spoken' })} onClose={close} />
        )}
        {asked?.what === 'end' && <EndGrantDialog seen={asked.seen} onClose={close} />}
        {asked?.what === 'spoken' && (
          <SpokenDialog agent={computer.agent} computer={computer.number} onClose={close} />
        )}
      </Suspense>
    </div>
  )
}

interface TableProps {
  readonly media: readonly SeenMedium[]
  readonly onAsk: (asked: Asked) => void
}

function SeenTable({ media, onAsk }: TableProps): ReactNode {
  const { t } = useText()
  const mayWrite = useMay('media.write')
  const mayGrant = useMay('media.grant')
  return (
    <table className="grid-table">
      <thead>
        <tr>
          <th scope="col">{t('present.medium')}</th>
          <th scope="col">{t('medium.number')}</th>
          <th scope="col">{t('medium.right')}</th>
          <th scope="col">{t('sighting.rule')}</th>
          <th scope="col">{t('present.since')}</th>
          <th scope="col">
            <span className="sr-only">{t('present.actions')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {media.map((one) => (
          <tr key={one.instance} data-testid="seen-row" data-instance={one.instance}>
            <td>
              {one.passport === null ? (
                <span className="muted">{t('seen.not-examined')}</span>
              ) : (
                <PassportBrief passport={one.passport} />
              )}
            </td>
            <td>
              {one.number === null ? (
                <span className="muted">{t('present.not-registered')}</span>
              ) : (
                <>
                  {isOnlyClaim(one) && <span className="note">{t('present.claims')} </span>}
                  <Link to={`/media/${encodeURIComponent(one.number)}`}>
                    <bdi className="mono">{one.number}</bdi>
                  </Link>
                </>
              )}
            </td>
            <td className="nowrap">
              <RightWord right={one.right} />
            </td>
            <td>
              <RuleWord rule={one.rule} />
            </td>
            <td>
              <TimeView ms={one.at} />
            </td>
            <td className="row-actions">
              {mayWrite && one.number === null && one.record !== null && (
                <Button
                  size="small"
                  type="primary"
                  onClick={() => onAsk({ what: 'register', seen: one })}
                  data-testid="seen-register"
                >
                  {t('register.this')}
                </Button>
              )}
              {mayGrant && one.isPresent && (
                <Button
                  size="small"
                  onClick={() => onAsk({ what: 'grant', seen: one })}
                  data-testid="seen-grant"
                >
                  {t('grant.button')}
                </Button>
              )}
              {mayGrant && one.isPresent && isGranted(one) && (
                <Button size="small" onClick={() => onAsk({ what: 'end', seen: one })} data-testid="seen-end">
                  {t('grant.end')}
                </Button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function isGranted({ right, rule }: SeenMedium): boolean {
  return right !== 'none' && /grant/.test(rule)
}
