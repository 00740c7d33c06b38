/** Recovery codes, to be written down. */
import type { ReactNode } from 'react'

export function RecoveryCodeList({ codes }: { readonly codes: readonly string[] }): ReactNode {
  return (
    <ol className="recovery-codes mono" data-testid="recovery-codes">
      {codes.map((code) => (
        <li key={code}>{code}</li>
      ))}
    </ol>
  )
}
