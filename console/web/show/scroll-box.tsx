/** What scrolls in itself is reached by the keyboard, and says what it is. */
import type { ReactNode } from 'react'

interface Props {
  readonly className: string
  readonly label: string
  readonly children: ReactNode
}

export function ScrollBox({ className, label, children }: Props): ReactNode {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by the keyboard
    <section className={className} aria-label={label} tabIndex={0}>
      {children}
    </section>
  )
}
