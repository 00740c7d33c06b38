/**
 * Takes what a table shows out as a spreadsheet: the same filter, order and columns, in the reader's language. That it was taken
 * stands in the administrators' log.
 */
import { DownloadOutlined } from '@ant-design/icons'
import { Button, Dropdown } from 'antd'
import type { ReactNode } from 'react'
import { dialogHome } from '../frame/dialog-home.ts'
import { useText } from '../i18n/use-text.ts'

interface Props {
  /** Name of the table in the API: `register-computers`. */
  readonly table: string
  /** Filter and order, as the list's own request has them. */
  readonly query: URLSearchParams
  /** In the order shown; left out: all of the table's. */
  readonly columns?: readonly string[]
  /** Small, with the name for the ear alone: where room is short. */
  readonly isSmall?: boolean
}

const formats = ['xlsx', 'csv'] as const

export function ExportButton({ table, query, columns, isSmall = false }: Props): ReactNode {
  const { t, language } = useText()
  const addressOf = (format: (typeof formats)[number]) => {
    const address = new URLSearchParams(query)
    address.set('format', format)
    address.set('language', language)
    if (columns !== undefined) address.set('columns', columns.join(','))
    return `/api/export/${table}?${address.toString()}`
  }
  const items = formats.map((format) => ({
    key: format,
    label: (
      <a href={addressOf(format)} download data-testid={`export-${format}`}>
        {t(`export.${format}`)}
      </a>
    ),
  }))
  return (
    <Dropdown
      menu={{ items }}
      trigger={['click']}
      getPopupContainer={() => dialogHome()}
      placement="bottomRight"
    >
      <Button
        icon={<DownloadOutlined />}
        data-testid="export"
        {...(isSmall ? { size: 'small', 'aria-label': t('export.title'), title: t('export.title') } : {})}
      >
        {isSmall ? null : t('export.title')}
      </Button>
    </Dropdown>
  )
}
