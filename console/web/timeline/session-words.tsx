/** A session of a person in words: who, where, from where, how long, and how it ended. Names are text that others chose. */
import type { ReactNode } from 'react'
import type { TimelineSession } from '../../api/contract-sessions.ts'
import { useText } from '../i18n/use-text.ts'
import { formatDuration, formatTime } from '../show/format.ts'
import { RawTextView } from '../show/raw-text-view.tsx'

const namedMax = 5

export function SessionWords({ session }: { readonly session: TimelineSession }): ReactNode {
  const { t, language } = useText()
  const { fromMs, toMs, end } = session
  return (
    <>
      <SessionName session={session} />{' '}
      <span className="muted">
        {toMs === null
          ? t('session.until-now')
          : t('session.until', {
              to: formatTime(toMs, language),
              length: formatDuration(toMs - fromMs, language),
              end: t(`session.end.${end}`),
            })}
      </span>
    </>
  )
}

/** Who was logged on; nothing where nobody was, or where it may not be seen. */
export function LoggedOn({ sessions }: { readonly sessions: readonly TimelineSession[] | null }): ReactNode {
  const { t } = useText()
  if (sessions === null || sessions.length === 0) return null
  const more = sessions.length - namedMax
  return (
    <p className="muted" data-testid="logged-on">
      {t('session.logged-on')}{' '}
      {sessions.slice(0, namedMax).map((one, at) => (
        <span key={`${one.epoch}/${one.seq}`}>
          {at > 0 && t('timeline.join')}
          <SessionName session={one} />
        </span>
      ))}
      {more > 0 && ` ${t('session.more', { count: more })}`}
    </p>
  )
}

function SessionName({ session: { user, line, seat, remoteHost } }: { readonly session: TimelineSession }) {
  const { t } = useText()
  const where = line ?? seat
  return (
    <>
      <RawTextView text={user} isPlain />
      {where !== null && (
        <>
          {' '}
          <RawTextView text={where} isPlain />
        </>
      )}
      {remoteHost === '' && ` ${t('session.from-unknown')}`}
      {remoteHost !== null && remoteHost !== '' && (
        <>
          {' '}
          {t('session.from')} <RawTextView text={remoteHost} isPlain />
        </>
      )}
    </>
  )
}
