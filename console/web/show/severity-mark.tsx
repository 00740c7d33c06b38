/** A severity: its own shape, word and colour. */
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import type { Severity } from '../violations/filter-address.ts'

interface Props {
  readonly severity: Severity
  /** The shape without the word, where the word stands beside it already. */
  readonly isBare?: boolean
}

export function SeverityMark({ severity, isBare = false }: Props): ReactNode {
  const { t } = useText()
  return (
    <span className={`severity severity-${severity}`}>
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        {shapeOf(severity)}
      </svg>
      {isBare ? (
        <span className="sr-only">{t(`severity.${severity}`)}</span>
      ) : (
        <span>{t(`severity.${severity}`)}</span>
      )}
    </span>
  )
}

function shapeOf(severity: Severity): ReactNode {
  switch (severity) {
    case 'critical':
      return <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" className="solid" />
    case 'high':
      return <path d="M8 2 15 14H1z" className="outline" />
    case 'medium':
      return <path d="M8 1 15 8 8 15 1 8z" className="solid" />
    case 'low':
      return <circle cx="8" cy="8" r="5.5" className="outline" />
  }
}
