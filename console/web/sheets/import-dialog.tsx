/**
 * Brings a spreadsheet into a register: nothing is written until every row is right, somebody saw what it would do, and said
 * why. One dialog for all registers.
 */
import { useMutation } from '@tanstack/react-query'
import { Alert, App, Button, Input, Modal } from 'antd'
import { type ReactNode, useState } from 'react'
import type { ImportDone, ImportPreview, ImportRequest } from '../../api/contract-sheets.ts'
import { dialogHome } from '../frame/dialog-home.ts'
import { useText } from '../i18n/use-text.ts'
import { request } from '../server/request.ts'
import { errorText } from '../show/error-text.ts'
import { formatBytes, formatCount } from '../show/format.ts'
import { ImportFaults } from './import-faults.tsx'
import { ImportSample } from './import-sample.tsx'
import { bytesMax, readBase64 } from './read-file.ts'

interface Props {
  /** Where files are sent, and confirmed below: `/api/media/import`. */
  readonly address: string
  readonly template: string
  /** Said above: what a row is. */
  readonly why: string
  readonly onDone: () => void
  readonly onClose: () => void
}

const reasonMax = 300

export function ImportDialog({ address, template, why, onDone, onClose }: Props): ReactNode {
  const text = useText()
  const { t, language } = text
  const { message } = App.useApp()
  const [tooLarge, setTooLarge] = useState<number | null>(null)
  const [reason, setReason] = useState('')
  const preview = useMutation({
    mutationFn: async (file: File) => {
      const body: ImportRequest = { name: file.name.slice(0, 200), file: await readBase64(file) }
      return request<ImportPreview>('POST', `${address}?language=${language}`, body)
    },
  })
  const confirm = useMutation({
    mutationFn: (id: string) =>
      request<ImportDone>('POST', `${address}/${encodeURIComponent(id)}/confirm`, { reason: reason.trim() }),
    onSuccess: (done) => {
      onDone()
      void message.success(t('import.done', { ...done }), 6)
      onClose()
    },
  })
  const answer = preview.data
  const writes = answer === undefined ? 0 : answer.added + answer.changed
  const isRight = answer !== undefined && answer.faults.length === 0 && writes > 0
  const choose = (file: File | undefined) => {
    if (file === undefined) return
    confirm.reset()
    setTooLarge(file.size > bytesMax ? file.size : null)
    if (file.size <= bytesMax) preview.mutate(file)
    else preview.reset()
  }
  const most = formatBytes(bytesMax, language).replace(/ \(.*/, '')
  return (
    <Modal
      open
      getContainer={dialogHome}
      title={t('import.title')}
      width={920}
      maskClosable={false}
      onCancel={onClose}
      cancelText={t('enrol.cancel')}
      okText={isRight ? t('import.confirm', { count: writes }) : t('import.confirm-not-yet')}
      okButtonProps={{ disabled: !isRight || reason.trim() === '', 'data-testid': 'import-confirm' }}
      confirmLoading={confirm.isPending}
      onOk={() => answer !== undefined && confirm.mutate(answer.id)}
    >
      <p className="muted">{why}</p>
      <p className="import-choose">
        <label className="file-button">
          <input
            type="file"
            accept=".xlsx,.csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet,text/csv"
            data-testid="import-file"
            onChange={(event) => {
              choose(event.target.files?.[0])
              // So that the same file, mended, can be chosen again.
              event.target.value = ''
            }}
          />
          <span className="file-button-face">{t('import.choose')}</span>
        </label>
        <Button type="link" href={template} download data-testid="import-template">
          {t('import.template')}
        </Button>
        {preview.variables !== undefined && (
          <bdi className="muted">
            {preview.variables.name} · {formatBytes(preview.variables.size, language).replace(/ \(.*/, '')}
          </bdi>
        )}
        {preview.isPending && <span role="status">{t('import.reading')}</span>}
      </p>
      {tooLarge !== null && (
        <Alert type="error" showIcon role="alert" title={t('import.too-large', { most })} />
      )}
      {preview.isError && <Alert type="error" showIcon role="alert" title={errorText(text, preview.error)} />}
      {confirm.isError && <Alert type="error" showIcon role="alert" title={errorText(text, confirm.error)} />}
      {answer !== undefined && !preview.isPending && (
        <div data-testid="import-preview">
          <Verdict preview={answer} />
          <Notes preview={answer} />
          {answer.faults.length > 0 && <ImportFaults faults={answer.faults} />}
          {answer.faults.length === 0 && answer.sample.length > 0 && <ImportSample preview={answer} />}
        </div>
      )}
      {isRight && (
        <label className="import-reason">
          <span>{t('medium.reason')}</span>
          <Input
            value={reason}
            maxLength={reasonMax}
            placeholder={t('import.reason-example')}
            onChange={(event) => setReason(event.target.value)}
            data-testid="import-reason"
          />
        </label>
      )}
    </Modal>
  )
}

function Verdict({ preview }: { readonly preview: ImportPreview }): ReactNode {
  const { t, language } = useText()
  const { rows, added, changed, unchanged, badRows, faults } = preview
  if (faults.length > 0) {
    return (
      <Alert
        type="warning"
        showIcon
        className="gap-below"
        data-testid="import-verdict"
        title={
          badRows === 0
            ? t('import.faulty-header')
            : t('import.faulty', { count: badRows, rows: formatCount(rows, language) })
        }
        description={t('import.nothing-written')}
      />
    )
  }
  return (
    <Alert
      type="info"
      showIcon
      className="gap-below"
      data-testid="import-verdict"
      title={added + changed === 0 ? t('import.same', { count: rows }) : t('import.good', { count: rows })}
      description={
        <span data-testid="import-counts">
          {t('import.counts', {
            added: formatCount(added, language),
            changed: formatCount(changed, language),
            unchanged: formatCount(unchanged, language),
          })}
        </span>
      }
    />
  )
}

/** What a reader of the file may not have seen. */
function Notes({ preview: { notes } }: { readonly preview: ImportPreview }): ReactNode {
  const { t } = useText()
  const said = [
    ...(notes.encoding === null ? [] : [t('import.note.encoding', { encoding: notes.encoding })]),
    ...(notes.hiddenRows === 0 ? [] : [t('import.note.hidden-rows', { count: notes.hiddenRows })]),
    ...(notes.hiddenColumns === 0 ? [] : [t('import.note.hidden-columns', { count: notes.hiddenColumns })]),
    ...(notes.otherSheets === 0
      ? []
      : [
          t('import.note.other-sheets', {
            count: notes.otherSheets,
            sheet: notes.sheet ?? '',
            hidden: notes.hiddenSheets,
          }),
        ]),
  ]
  if (said.length === 0) return null
  return (
    <ul className="import-notes muted small" data-testid="import-notes">
      {said.map((one) => (
        <li key={one}>{one}</li>
      ))}
    </ul>
  )
}
