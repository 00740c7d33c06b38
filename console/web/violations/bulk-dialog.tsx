/** Acknowledges many violations at once: says first which, and can be taken back. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Button, Checkbox, Input } from 'antd'
import { type ReactNode, useState } from 'react'
import type { ViolationItem } from '../../api/contract.ts'
import type { BulkAnswer } from '../../api/contract-handling.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { forgetHandling, takeSteps } from '../server/handling-queries.ts'
import { SeverityMark } from '../show/severity-mark.tsx'

/** What one request takes. */
const atOnceMax = 200
const undoSeconds = 30

interface Props {
  /** Those that the list shows. */
  readonly items: readonly ViolationItem[]
  readonly onClose: () => void
}

export function BulkDialog({ items, onClose }: Props): ReactNode {
  const { t, pick } = useText()
  const cache = useQueryClient()
  const { notification, message } = App.useApp()
  const [offered] = useState(() =>
    items
      .filter(({ standing }) => standing.state === 'detected' && standing.repeatOf === null)
      .slice(0, atOnceMax),
  )
  const [left, setLeft] = useState<ReadonlySet<number>>(new Set())
  const [reason, setReason] = useState('')
  const chosen = offered.filter(({ id }) => !left.has(id))
  const undo = async ({ done }: BulkAnswer) => {
    const violations = done.map(({ id, step }) => ({ id, after: step }))
    const answer = await takeSteps({ kind: 'unacknowledge', reason: '', violations })
    void message.success(t('list.bulk-undone', { count: answer.done.length }))
    forgetHandling(cache)
  }
  const take = useMutation({
    mutationFn: () =>
      takeSteps({
        kind: 'acknowledge',
        reason: reason.trim(),
        // Nobody has taken a step: another one's meanwhile leaves it to that one.
        violations: chosen.map(({ id }) => ({ id, after: null })),
      }),
    onSuccess: (answer) => {
      const key = `bulk-${answer.done[0]?.step ?? 0}`
      notification.success({
        key,
        duration: undoSeconds,
        title: t('list.bulk-done', { count: answer.done.length }),
        description: answer.left.length === 0 ? '' : t('list.bulk-left', { count: answer.left.length }),
        actions: undoButton(t('list.bulk-undo'), () => {
          notification.destroy(key)
          void undo(answer)
        }),
      })
      onClose()
    },
    onSettled: () => forgetHandling(cache),
  })
  return (
    <AskDialog
      title={t('list.bulk-title')}
      okText={t('list.bulk-do', { count: chosen.length })}
      okTestId="bulk-submit"
      width={720}
      error={take.error}
      isPending={take.isPending}
      isReady={chosen.length > 0}
      onOk={() => take.mutate()}
      onClose={onClose}
    >
      {offered.length === 0 ? (
        <p>{t('list.bulk-none')}</p>
      ) : (
        <>
          <p className="consequence">{t('list.bulk-does', { count: chosen.length })}</p>
          <ul className="bulk-list" data-testid="bulk-list">
            {offered.map(({ id, severity, headline, standing }) => (
              <li key={id}>
                <Checkbox
                  checked={!left.has(id)}
                  onChange={({ target }) => setLeft((old) => without(old, id, target.checked))}
                >
                  <SeverityMark severity={severity} /> {pick(headline)}
                  {standing.repeats > 1 && (
                    <strong> {t('handling.repeats', { count: standing.repeats })}</strong>
                  )}
                </Checkbox>
              </li>
            ))}
          </ul>
          <Input
            maxLength={500}
            value={reason}
            onChange={({ target }) => setReason(target.value)}
            placeholder={t('handling.reason-optional')}
            aria-label={t('handling.reason-optional')}
            data-testid="field-reason"
          />
        </>
      )}
    </AskDialog>
  )
}

function undoButton(words: string, onClick: () => void): ReactNode {
  return (
    <Button size="small" data-testid="bulk-undo" onClick={onClick}>
      {words}
    </Button>
  )
}

function without(left: ReadonlySet<number>, id: number, isTaken: boolean): ReadonlySet<number> {
  const next = new Set(left)
  if (isTaken) next.delete(id)
  else next.add(id)
  return next
}
