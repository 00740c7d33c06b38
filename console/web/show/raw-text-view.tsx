/**
 * The only way in which a name that came from a device, a file or a network is shown: monospaced, isolated for
 * direction, with what is hidden made visible, a button to copy the shown form, and never a link.
 */
import { type RawText, showRawText } from '@shoukou/protocol/raw-text.ts'
import { Button } from 'antd'
import { lazy, type ReactNode, Suspense, useMemo, useState } from 'react'
import { useText } from '../i18n/use-text.ts'
import { formatCount } from './format.ts'
import { documentSegments, type RawSegment, rawLength, rawSegments } from './raw-segments.ts'

// Dense rows, as on the overview, have none.
const CopyButton = lazy(async () => ({ default: (await import('./copy-button.tsx')).CopyButton }))

const shownCharactersMax = 200

interface Props {
  readonly text: RawText
  /** Without the button, for dense rows. */
  readonly isPlain?: boolean
}

export function RawTextView({ text, isPlain = false }: Props): ReactNode {
  const { t, language } = useText()
  const [isWhole, setWhole] = useState(false)
  const shown = useMemo(() => showRawText(text), [text])
  const isLong = shown.length > shownCharactersMax
  const segments = useMemo(() => {
    const all = rawSegments(text)
    return isLong && !isWhole ? firstCharacters(all, shownCharactersMax) : all
  }, [text, isLong, isWhole])
  if (shown === '') return <span className="muted">{t('raw.empty')}</span>
  return (
    <span className="raw" data-testid="raw-text">
      <bdi className="mono">
        <Segments segments={segments} />
        {isLong && !isWhole && '…'}
      </bdi>
      {isLong && !isPlain && (
        <Button type="link" size="small" onClick={() => setWhole(!isWhole)}>
          {isWhole ? t('raw.less') : t('raw.more', { bytes: formatCount(rawLength(text), language) })}
        </Button>
      )}
      {!isPlain && (
        <Suspense fallback={<span className="copy-room" />}>
          <CopyButton text={shown} />
        </Suspense>
      )}
    </span>
  )
}

/** A whole record, as written. */
export function DocumentView({ document }: { readonly document: string }): ReactNode {
  const segments = useMemo(() => documentSegments(document), [document])
  return (
    <pre className="mono document" dir="ltr" tabIndex={0}>
      <Segments segments={segments} />
    </pre>
  )
}

function Segments({ segments }: { readonly segments: readonly RawSegment[] }): ReactNode {
  return segments.map((segment, at) =>
    segment.isEscape ? (
      <span key={at} className="escape">
        {segment.text}
      </span>
    ) : (
      segment.text
    ),
  )
}

function firstCharacters(segments: readonly RawSegment[], charactersMax: number): RawSegment[] {
  const first: RawSegment[] = []
  let room = charactersMax
  for (const segment of segments) {
    if (room <= 0) break
    first.push({ ...segment, text: segment.text.slice(0, room) })
    room -= segment.text.length
  }
  return first
}
