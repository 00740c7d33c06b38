/** The button on a computer's page: isolate it, or release it. */
import { Button } from 'antd'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import type { Computer } from '../../api/contract.ts'
import { useText } from '../i18n/use-text.ts'
import { useMay } from '../session/session-context.ts'
import { isIsolating } from './isolation-state.tsx'

const IsolationDialog = lazy(async () => ({
  default: (await import('./isolation-dialog.tsx')).IsolationDialog,
}))

export function IsolationButton({ computer }: { readonly computer: Computer }): ReactNode {
  const { t } = useText()
  const may = useMay('network.isolate')
  const [asked, setAsked] = useState<'isolate' | 'release' | null>(null)
  if (!may) return null
  const { isolation } = computer
  // What did not work, or was called off, may be ordered again; what stands may be released.
  const mayIsolate =
    !isIsolating(isolation) || isolation?.state === 'partly' || isolation?.state === 'release-ordered'
  return (
    <>
      {mayIsolate && (
        <Button size="small" danger onClick={() => setAsked('isolate')} data-testid="isolate">
          {t('isolation.isolate')}
        </Button>
      )}
      {isolation !== undefined && isolation.state !== 'released' && isolation.state !== 'release-ordered' && (
        <Button size="small" onClick={() => setAsked('release')} data-testid="release">
          {t('isolation.release')}
        </Button>
      )}
      <Suspense>
        {asked !== null && (
          <IsolationDialog act={asked} computers={[computer]} onClose={() => setAsked(null)} />
        )}
      </Suspense>
    </>
  )
}
