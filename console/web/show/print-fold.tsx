/** Something long behind one line: folded on the screen until asked for, open on paper. */
import { type ReactNode, useState } from 'react'
import { useIsPrinting } from './use-is-printing.ts'

interface Props {
  readonly summary: ReactNode
  readonly testId?: string
  readonly children: ReactNode
}

export function PrintFold({ summary, testId, children }: Props): ReactNode {
  const [isOpen, setOpen] = useState(false)
  const isPrinting = useIsPrinting()
  const isShown = isOpen || isPrinting
  return (
    <details
      className="print-fold"
      open={isShown}
      onToggle={(event) => {
        // What the printer opened is not what the reader opened.
        if (!isPrinting) setOpen(event.currentTarget.open)
      }}
      data-testid={testId}
    >
      <summary>{summary}</summary>
      {isShown && children}
    </details>
  )
}
