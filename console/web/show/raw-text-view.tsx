/**
 * The only way in which a name that came from a device, a file or a network is shown: monospaced, isolated for
 * direction, with what is hidden made visible, a button to copy the shown form, and never a link.
 */
import { CheckOutlined, CopyOutlined } from '@ant-design/icons'
import { type RawText, showRawText } from '@shoukou/protocol/raw-text.ts'
import { Button, Tooltip } from 'antd'
import { type ReactNode, useEffect, useMemo, useState } from 'react'
import { useText } from '../i18n/use-text.ts'
import { formatCount } from './format.ts'
import { documentSegments, type RawSegment, rawLength, rawSegments } from './raw-segments.ts'

const shownCharactersMax = 200
/** How long a button says what came of it. */
const saidMs = 4_000

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
      {!isPlain && <CopyButton text={shown} />}
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

/**
 * Copies what is shown: a terminal that it is pasted into gets no control characters. It says by itself what came of it, since
 * names stand on pages without the component kit's messages too.
 */
export function CopyButton({ text, label }: { readonly text: string; readonly label?: string }): ReactNode {
  const { t } = useText()
  const [said, setSaid] = useState<'done' | 'refused' | null>(null)
  useEffect(() => {
    if (said === null) return
    const timer = setTimeout(() => setSaid(null), saidMs)
    return () => clearTimeout(timer)
  }, [said])
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setSaid('done')
    } catch {
      // Without a secure context there is no clipboard; the text can still be selected.
      setSaid('refused')
    }
  }
  const words = said === null ? '' : t(`copy.${said}`)
  return (
    <>
      <Tooltip open={said !== null} title={words}>
        <Button
          type={label === undefined ? 'text' : 'default'}
          size="small"
          className="copy"
          icon={said === 'done' ? <CheckOutlined /> : <CopyOutlined />}
          aria-label={label ?? t('copy.label')}
          title={said === null ? t('copy.label') : ''}
          onClick={() => void copy()}
        >
          {label}
        </Button>
      </Tooltip>
      <span className="sr-only" role="status">
        {words}
      </span>
    </>
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
