/** Brings bundles: one file after another, with how far each is and what became of it. */
import { useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Progress } from 'antd'
import { type ReactNode, useRef, useState } from 'react'
import { Link } from 'react-router'
import type { Slip } from '../../api/contract-bundles.ts'
import { useText } from '../i18n/use-text.ts'
import { bundlesQuery } from '../server/bundles-queries.ts'
import { errorText } from '../show/error-text.ts'
import { RawTextView } from '../show/raw-text-view.tsx'
import { SlipSentence } from './slip-sentence.tsx'
import { type Progress as UploadProgress, uploadInParts } from './upload-parts.ts'

interface Brought {
  readonly name: string
  /** Null: all of it was sent, and is being taken. */
  readonly progress: UploadProgress
  readonly slips: readonly Slip[] | null
  readonly error: unknown
}

export function ImportPanel({ bytesMax }: { readonly bytesMax: number }): ReactNode {
  const text = useText()
  const { t } = text
  const queries = useQueryClient()
  const input = useRef<HTMLInputElement>(null)
  const [brought, setBrought] = useState<readonly Brought[]>([])
  const [isBusy, setBusy] = useState(false)

  const bring = async (files: readonly File[]): Promise<void> => {
    setBusy(true)
    setBrought(
      files.map(({ name, size }) => ({ name, progress: { sent: 0, all: size }, slips: null, error: null })),
    )
    const change = (at: number, more: Partial<Brought>) =>
      setBrought((all) => all.map((one, index) => (index === at ? { ...one, ...more } : one)))
    for (const [at, file] of files.entries()) {
      try {
        if (file.size > bytesMax) throw new Error(t('bundles.fault.too-large'))
        const { slips } = await uploadInParts(file, (progress) => change(at, { progress }))
        change(at, { progress: null, slips })
      } catch (error) {
        change(at, { error })
      }
    }
    setBusy(false)
    await queries.invalidateQueries({ queryKey: bundlesQuery.queryKey })
  }
  return (
    <section className="panel bundle-import no-print" aria-label={t('bundles.import')}>
      <input
        ref={input}
        type="file"
        accept=".skb"
        multiple
        hidden
        data-testid="bundle-file"
        onChange={({ target }) => {
          const files = [...(target.files ?? [])]
          target.value = ''
          if (files.length > 0) void bring(files)
        }}
      />
      <Button
        type="primary"
        loading={isBusy}
        onClick={() => input.current?.click()}
        data-testid="bundle-pick"
      >
        {t('bundles.import')}
      </Button>
      <span className="muted">{t('bundles.import-what')}</span>
      {brought.map((one, index) => (
        // A list of files that were chosen together: their order is their name.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={index} className="bundle-brought" data-testid="bundle-brought">
          <RawTextView text={one.name} isPlain />
          {one.slips === null && one.error === null && <Underway progress={one.progress} />}
          {one.error !== null && <Alert type="error" showIcon title={errorText(text, one.error)} />}
          {one.slips?.map((slip) => (
            <p key={slip.slip} className="bundle-outcome">
              <SlipSentence slip={slip} /> <Link to={`/bundles/${slip.slip}`}>{t('bundles.open-slip')}</Link>
            </p>
          ))}
        </div>
      ))}
    </section>
  )
}

function Underway({ progress }: { readonly progress: UploadProgress }): ReactNode {
  const { t } = useText()
  if (progress === null)
    return (
      <p className="muted" role="status" data-testid="bundle-taking">
        {t('bundles.taking')}
      </p>
    )
  const { sent, all } = progress
  const megabytes = (bytes: number) => (bytes / 1_000_000).toFixed(1)
  return (
    <>
      <Progress percent={Math.round((sent / all) * 100)} size="small" />
      <span className="muted">{t('bundles.sending', { sent: megabytes(sent), all: megabytes(all) })}</span>
    </>
  )
}
