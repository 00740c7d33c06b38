/** The way from a list to labels of what its filter shows; which and how many is seen there, before anything is printed. */
import { PrinterOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import type { ReactNode } from 'react'
import { useLinkClickHandler } from 'react-router'
import type { PrintKind } from '../../ledger/print-mark.ts'
import { useText } from '../i18n/use-text.ts'
import { useMay } from '../session/session-context.ts'

interface Props {
  readonly kind: PrintKind
  /** The list's own filter, as its page has it in its address. */
  readonly filter: URLSearchParams
}

export function FilterLabels({ kind, filter }: Props): ReactNode {
  const { t } = useText()
  const mayPrint = useMay('prints.make')
  const address = new URLSearchParams(filter)
  address.set('kind', kind)
  for (const ofTheList of ['sort', 'order', 'columns']) address.delete(ofTheList)
  const path = `/prints/labels?${address}`
  const go = useLinkClickHandler<HTMLElement>(path)
  if (!mayPrint) return null
  return (
    <Button href={path} icon={<PrinterOutlined />} onClick={go} data-testid="filter-labels">
      {t('prints.of-filter')}
    </Button>
  )
}
