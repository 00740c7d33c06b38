/** How far the ceiling has come: computers that do not hold it yet, policies that allow more than it, earlier ones. */
import { type Beyond, sayBeyond } from '@shoukou/protocol/ceiling/beyond.ts'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { BeyondComputer, CeilingAnswer } from '../../api/contract-ceiling.ts'
import { useText } from '../i18n/use-text.ts'
import { useFirstRows } from '../show/first-rows.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView } from '../show/time-view.tsx'

export function BehindPanel({ behind, computers }: Pick<CeilingAnswer, 'behind' | 'computers'>): ReactNode {
  const { t, tryT } = useText()
  const { rows, more } = useFirstRows(behind)
  return (
    <section className="panel" aria-labelledby="ceiling-behind">
      <h2 id="ceiling-behind">{t('ceiling.behind')}</h2>
      {behind.length === 0 ? (
        <p data-testid="ceiling-all-hold">{t('ceiling.all-hold', { count: computers })}</p>
      ) : (
        <>
          <p className="note">{t('ceiling.behind-means', { count: behind.length, all: computers })}</p>
          <table className="grid-table" data-testid="ceiling-behind">
            <tbody>
              {rows.map(({ agent, number, hostname, version, refused, lastSeenAt }) => (
                <tr key={agent}>
                  <th scope="row">
                    <Link to={`/computers/${encodeURIComponent(agent)}`}>
                      <bdi className="mono">{number}</bdi>
                    </Link>{' '}
                    <RawTextView text={hostname} isPlain />
                  </th>
                  <td>
                    {refused !== null ? (
                      <span className="fault">
                        {t('ceiling.refused')} {tryT(`ceiling.refusal.${refused}`) ?? refused}
                      </span>
                    ) : version === null ? (
                      t('ceiling.holds-none')
                    ) : (
                      t('ceiling.holds', { version })
                    )}
                  </td>
                  <td>{lastSeenAt === null ? t('ceiling.never-seen') : <TimeView ms={lastSeenAt} />}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {more}
        </>
      )}
    </section>
  )
}

export function BeyondPanel({ beyond }: { readonly beyond: readonly BeyondComputer[] }): ReactNode {
  const { t } = useText()
  if (beyond.length === 0) return null
  return (
    <section className="panel" aria-labelledby="ceiling-beyond">
      <h2 id="ceiling-beyond">{t('ceiling.beyond')}</h2>
      <p className="note">{t('ceiling.beyond-means', { count: beyond.length })}</p>
      <BeyondList beyond={beyond} />
    </section>
  )
}

/** Each computer with the fields; also what a ceiling would change before it is brought. */
export function BeyondList({ beyond }: { readonly beyond: readonly BeyondComputer[] }): ReactNode {
  const { language } = useText()
  const { rows, more } = useFirstRows(beyond, 8)
  return (
    <>
      <ul className="plain ceiling-beyond" data-testid="ceiling-beyond">
        {rows.map((one) => (
          <li key={one.agent}>
            <Link to={`/computers/${encodeURIComponent(one.agent)}`}>
              <bdi className="mono">{one.number}</bdi>
            </Link>
            <ul>
              {one.beyond.map((each) => (
                <li key={`${each.field}${each.rule}${each.found}`}>
                  {sayBeyond(each as Beyond, language === 'zh-CN' ? 'zh' : 'en')}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {more}
    </>
  )
}

export function EarlierPanel({ earlier }: Pick<CeilingAnswer, 'earlier'>): ReactNode {
  const { t } = useText()
  if (earlier.length === 0) return null
  return (
    <section className="panel" aria-labelledby="ceiling-earlier">
      <h2 id="ceiling-earlier">{t('ceiling.earlier')}</h2>
      <ul className="plain">
        {earlier.map(({ version, broughtAt, broughtBy, reason }) => (
          <li key={version}>
            {t('ceiling.version', { version })} · <TimeView ms={broughtAt} /> ·{' '}
            <RawTextView text={broughtBy} isPlain /> · <RawTextView text={reason} isPlain />
          </li>
        ))}
      </ul>
    </section>
  )
}
