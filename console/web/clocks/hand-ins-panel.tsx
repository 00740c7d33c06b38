/** The yearly hand-in of classified media: how far it is, who is late, and what is handed in now. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Form, Select } from 'antd'
import { type ReactNode, useState } from 'react'
import { Link } from 'react-router'
import type { HandInsAnswer, NewHandIns } from '../../api/contract-clocks.ts'
import { dialogHome } from '../frame/dialog-home.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { ReasonField } from '../media/reason-field.tsx'
import { handInsQuery, refreshClocks } from '../server/clock-queries.ts'
import { request } from '../server/request.ts'
import { useMay } from '../session/session-context.ts'
import { LevelTag } from '../show/level-tag.tsx'
import { QueryError } from '../show/query-states.tsx'
import { DueView } from './due-view.tsx'

type Campaign = NonNullable<HandInsAnswer['next']>

export function HandInsPanel(): ReactNode {
  const { t } = useText()
  const query = useQuery(handInsQuery)
  const mayWrite = useMay('media.write')
  const [asked, setAsked] = useState<Campaign | null>(null)
  const { next = null, last = null } = query.data ?? {}
  return (
    <section className="panel" aria-labelledby="hand-ins">
      <h2 id="hand-ins">{t('clocks.hand-ins')}</h2>
      <QueryError query={query} />
      {query.data !== undefined && next === null && <p className="muted">{t('clocks.hand-in-off')}</p>}
      {[last, next].map(
        (one) =>
          one !== null && (
            <div key={one.year} className="hand-in" data-testid="hand-in" data-year={one.year}>
              <p>
                <strong>{t('clocks.hand-in-year', { year: one.year })}</strong> · {t('clocks.hand-in-by')}{' '}
                <DueView ms={one.dueAt} /> ·{' '}
                {t('clocks.hand-in-done', { done: one.handedIn, total: one.total })}
              </p>
              {mayWrite && one.open.length > 0 && (
                <Button onClick={() => setAsked(one)}>{t('clocks.do-hand-in')}</Button>
              )}
            </div>
          ),
      )}
      {last !== null && last.open.length > 0 && (
        <table className="facts">
          <caption>{t('clocks.hand-in-late', { count: last.open.length })}</caption>
          <tbody>
            {last.open.map((one) => (
              <tr key={one.number}>
                <td>
                  <Link to={`/media/${encodeURIComponent(one.number)}`}>
                    <bdi className="mono">{one.number}</bdi>
                  </Link>
                </td>
                <td>
                  <LevelTag level={one.level} />
                </td>
                <td>{one.custodian}</td>
                <td>{one.department}</td>
                <td>{t('clocks.days-late', { count: one.daysLate })}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {asked !== null && <HandInDialog campaign={asked} onClose={() => setAsked(null)} />}
    </section>
  )
}

function HandInDialog({
  campaign,
  onClose,
}: {
  readonly campaign: Campaign
  readonly onClose: () => void
}): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const [form] = Form.useForm<{ readonly numbers: string[]; readonly reason: string }>()
  const send = useMutation({
    mutationFn: ({ numbers, reason }: { readonly numbers: string[]; readonly reason: string }) => {
      const body: NewHandIns = { year: campaign.year, numbers, note: reason.trim() }
      return request('POST', '/api/hand-ins', body)
    },
    onSuccess: async () => {
      await refreshClocks(cache)
      onClose()
    },
  })
  return (
    <AskDialog
      title={t('clocks.do-hand-in')}
      okText={t('clocks.record')}
      okTestId="hand-in-submit"
      error={send.error}
      isPending={send.isPending}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(fields) => send.mutate(fields)}>
        <Form.Item
          name="numbers"
          label={t('clocks.field.numbers')}
          rules={[{ required: true, message: t('clocks.needed') }]}
        >
          <Select
            mode="multiple"
            getPopupContainer={dialogHome}
            options={campaign.open.map(({ number, custodian }) => ({
              value: number,
              label: `${number} ${custodian}`,
            }))}
          />
        </Form.Item>
        <ReasonField example={t('clocks.hand-in-example')} />
      </Form>
    </AskDialog>
  )
}
