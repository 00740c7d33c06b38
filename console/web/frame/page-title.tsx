/** The title of the tab, by the page that is open; a move to another page is told to who cannot see it. */
import { type ReactNode, useEffect } from 'react'
import { useLocation } from 'react-router'
import { useText } from '../i18n/use-text.ts'
import { accountPath, destinationOf } from './navigation.ts'

export function PageTitle(): ReactNode {
  const { t } = useText()
  const { pathname } = useLocation()
  const destination = destinationOf(pathname)
  const page =
    pathname === accountPath
      ? t('account.title')
      : destination === null
        ? t('frame.no-such-page')
        : t(`nav.${destination.key}`)
  const title = t('frame.page-title', { page: `${page}${thingIn(pathname)}` })
  useEffect(() => {
    // How many came unseen stands before it: `feed/unseen-title.ts`.
    const unseen = /^\(\d+\+?\) /.exec(document.title)?.[0] ?? ''
    document.title = `${unseen}${title}`
  }, [title])
  return (
    <span className="sr-only" role="status">
      {title}
    </span>
  )
}

const readableMax = 24

/** The number in the address where people know it by that number; a machine's own name of it tells nobody anything. */
function thingIn(pathname: string): string {
  const part = pathname.split('/')[2] ?? ''
  return /^(?:\d+|[A-Z][A-Z\d-]*\d)$/.test(part) && part.length <= readableMax ? ` ${part}` : ''
}
