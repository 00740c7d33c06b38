/** Registers many media from a spreadsheet: nothing is written until every row is right and somebody confirmed it. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button, Modal } from 'antd'
import { type ReactNode, useState } from 'react'
import type { ImportDone, ImportPreview, ImportRequest } from '../../api/contract-media.ts'
import { dialogHome } from '../frame/dialog-home.ts'
import { useText } from '../i18n/use-text.ts'
import { forgetMedia } from '../server/media-queries.ts'
import { request } from '../server/request.ts'
import { errorText } from '../show/error-text.ts'
import { formatBytes, formatCount } from '../show/format.ts'
import { LevelTag } from '../show/level-tag.tsx'
import { ImportFaults } from './import-faults.tsx'
import { bytesMax, readBase64 } from './read-file.ts'

const templatePath = '/api/media/template.xlsx'

export function ImportDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const text = useText()
  const { t, language } = text
  const cache = useQueryClient()
  const { message } = App.useApp()
  const [tooLarge, setTooLarge] = useState<number | null>(null)
  const preview = useMutation({
    mutationFn: async (file: File) => {
      const body: ImportRequest = { name: file.name.slice(0, 200), xlsx: await readBase64(file) }
      return request<ImportPreview>('POST', '/api/media/import', body)
    },
  })
  const confirm = useMutation({
    mutationFn: (id: string) =>
      request<ImportDone>('POST', `/api/media/import/${encodeURIComponent(id)}/confirm`, {}),
    onSuccess: (done) => {
      forgetMedia(cache)
      void message.success(
        t('import.done', {
          count: done.registered,
          first: done.firstNumber,
          last: done.lastNumber,
        }),
        6,
      )
      onClose()
    },
  })
  const answer = preview.data
  const good = answer === undefined ? 0 : answer.rows - answer.badRows
  const mayConfirm = answer !== undefined && answer.faults.length === 0 && answer.rows > 0
  const choose = (file: File | undefined) => {
    if (file === undefined) return
    confirm.reset()
    setTooLarge(file.size > bytesMax ? file.size : null)
    if (file.size <= bytesMax) preview.mutate(file)
    else preview.reset()
  }
  return (
    <Modal
      open
      getContainer={dialogHome}
      title={t('import.title')}
      width={860}
      maskClosable={false}
      onCancel={onClose}
      cancelText={t('enrol.cancel')}
      okText={mayConfirm ? t('import.confirm', { count: answer.rows }) : t('import.confirm-not-yet')}
      okButtonProps={{ disabled: !mayConfirm, 'data-testid': 'import-confirm' }}
      confirmLoading={confirm.isPending}
      onOk={() => answer !== undefined && confirm.mutate(answer.id)}
    >
      <p className="muted">{t('import.why')}</p>
      <p className="import-choose">
        <label className="file-button">
          <input
            type="file"
            accept=".xlsx,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            data-testid="import-file"
            onChange={(event) => {
              choose(event.target.files?.[0])
              // So that the same file, mended, can be chosen again.
              event.target.value = ''
            }}
          />
          <span className="file-button-face">{t('import.choose')}</span>
        </label>
        <Button type="link" href={templatePath} download data-testid="import-template">
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
        <Alert
          type="error"
          showIcon
          role="alert"
          title={t('import.too-large', { most: formatBytes(bytesMax, language).replace(/ \(.*/, '') })}
        />
      )}
      {preview.isError && <Alert type="error" showIcon role="alert" title={errorText(text, preview.error)} />}
      {confirm.isError && <Alert type="error" showIcon role="alert" title={errorText(text, confirm.error)} />}
      {answer !== undefined && !preview.isPending && (
        <div data-testid="import-preview">
          {answer.faults.length > 0 ? (
            <>
              <Alert
                type="warning"
                showIcon
                className="gap-below"
                data-testid="import-verdict"
                title={t('import.faulty', {
                  count: answer.badRows,
                  rows: formatCount(answer.rows, language),
                })}
                description={t('import.nothing-written')}
              />
              <ImportFaults faults={answer.faults} />
            </>
          ) : answer.rows === 0 ? (
            <Alert type="warning" showIcon data-testid="import-verdict" title={t('import.empty')} />
          ) : (
            <Alert
              type="info"
              showIcon
              className="gap-below"
              data-testid="import-verdict"
              title={t('import.good', { count: good })}
            />
          )}
          {answer.sample.length > 0 && answer.faults.length === 0 && <Sample preview={answer} />}
        </div>
      )}
    </Modal>
  )
}

function Sample({ preview }: { readonly preview: ImportPreview }): ReactNode {
  const { t, language } = useText()
  return (
    <>
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col" className="w-80">
              {t('import.row')}
            </th>
            <th scope="col">{t('medium.number')}</th>
            <th scope="col">{t('computers.level')}</th>
            <th scope="col">{t('medium.custodian')}</th>
            <th scope="col">{t('medium.department')}</th>
          </tr>
        </thead>
        <tbody>
          {preview.sample.map((one) => (
            <tr key={one.row}>
              <td>{one.row}</td>
              <td>
                {one.number === '' ? (
                  <span className="muted">{t('import.number-later')}</span>
                ) : (
                  <bdi className="mono">{one.number}</bdi>
                )}
              </td>
              <td>
                <LevelTag level={one.level} />
              </td>
              <td>
                <bdi>{one.custodian}</bdi>
              </td>
              <td>
                <bdi>{one.department}</bdi>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {preview.rows > preview.sample.length && (
        <p className="muted small">
          {t('import.sample', {
            shown: formatCount(preview.sample.length, language),
            rows: formatCount(preview.rows, language),
          })}
        </p>
      )}
    </>
  )
}
