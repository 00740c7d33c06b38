/** A button that copies a text, and says by itself what came of it: it stands on pages without the kit's messages too. */
import { CheckOutlined, CopyOutlined } from '@ant-design/icons'
import { Button, Tooltip } from 'antd'
import { type ReactNode, useEffect, useState } from 'react'
import { useText } from '../i18n/use-text.ts'

/** How long it is said. */
const saidMs = 4_000

/** Copies what is shown: a terminal that it is pasted into gets no control characters. */
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
