/** Whether what is shown is live; where it is not, since when. */
import type { ReactNode } from 'react'
import type { FeedState } from '../feed/feed-state.ts'
import { useText } from '../i18n/use-text.ts'
import { formatTime } from '../show/format.ts'

/** The small mark in the top bar. */
export function LiveMark({ feed }: { readonly feed: FeedState }): ReactNode {
  const { t } = useText()
  const kind = feed.kind === 'idle' ? 'connecting' : feed.kind
  return (
    <span className={`live live-${kind}`} data-testid="live-state" data-state={kind} role="status">
      <span className="live-dot" aria-hidden="true" />
      {t(`live.${kind}`)}
    </span>
  )
}

/** The bar over the page while the connection is lost. */
export function LiveBar({ feed }: { readonly feed: FeedState }): ReactNode {
  const { t, language } = useText()
  if (feed.kind !== 'lost') return null
  return (
    <div className="lost-bar" role="alert" data-testid="disconnected">
      {t('live.lost-bar', { time: formatTime(feed.since, language) })}
    </div>
  )
}
