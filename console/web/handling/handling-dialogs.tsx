/** The dialogs of handling, each loaded when it is first opened. */
import { lazy, type ReactNode, Suspense } from 'react'
import type { ViolationItem } from '../../api/contract.ts'
import type { HandlingAnswer } from '../../api/contract-handling.ts'

const StepDialog = lazy(async () => ({ default: (await import('./step-dialog.tsx')).StepDialog }))
const AssignDialog = lazy(async () => ({ default: (await import('./assign-dialog.tsx')).AssignDialog }))
const AttachDialog = lazy(async () => ({ default: (await import('./attach-dialog.tsx')).AttachDialog }))
const AskStatementDialog = lazy(async () => ({
  default: (await import('./ask-statement-dialog.tsx')).AskStatementDialog,
}))
const MergeDialog = lazy(async () => ({ default: (await import('./merge-dialog.tsx')).MergeDialog }))
const UnmergeDialog = lazy(async () => ({ default: (await import('./merge-dialog.tsx')).UnmergeDialog }))
const ExceptionDialog = lazy(async () => ({
  default: (await import('./exception-dialog.tsx')).ExceptionDialog,
}))

export type HandlingDialog =
  | { readonly kind: 'step'; readonly step: HandlingAnswer['next'][number] }
  | { readonly kind: 'assign' | 'attach' | 'ask-statement' | 'merge' | 'unmerge' | 'exception' }

/** What every one of them is about. */
export interface DialogProps {
  readonly violation: ViolationItem
  readonly handling: HandlingAnswer
  readonly onClose: () => void
}

interface Props extends DialogProps {
  readonly dialog: HandlingDialog | null
}

export function HandlingDialogs({ dialog, ...props }: Props): ReactNode {
  return <Suspense>{dialog !== null && <One dialog={dialog} {...props} />}</Suspense>
}

function One({ dialog, ...props }: Props & { readonly dialog: HandlingDialog }): ReactNode {
  switch (dialog.kind) {
    case 'step':
      return (
        <StepDialog
          violation={props.violation}
          step={dialog.step}
          after={props.handling.steps.at(-1)?.id ?? null}
          disposition={props.handling.disposition}
          onClose={props.onClose}
        />
      )
    case 'assign':
      return <AssignDialog {...props} />
    case 'attach':
      return <AttachDialog {...props} />
    case 'ask-statement':
      return <AskStatementDialog {...props} />
    case 'merge':
      return <MergeDialog {...props} />
    case 'unmerge':
      return <UnmergeDialog {...props} />
    case 'exception':
      return <ExceptionDialog {...props} />
  }
}
