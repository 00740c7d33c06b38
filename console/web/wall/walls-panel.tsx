/** Which screens may show the unit with nobody at them: allowed with a reason and an end, ended at once. */
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Form, Input, InputNumber, Select } from 'antd'
import { type ReactNode, useState } from 'react'
import type { NewWall, NewWallAnswer, WallItem, WallsAnswer } from '../../api/contract-wall.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { ReasonField } from '../media/reason-field.tsx'
import { request } from '../server/request.ts'
import { useMay } from '../session/session-context.ts'
import { formatTime } from '../show/format.ts'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'

const wallsQuery = queryOptions({
  queryKey: ['walls'],
  queryFn: ({ signal }) => request<WallsAnswer>('GET', '/api/walls', undefined, signal),
})

export function WallsPanel(): ReactNode {
  const { t } = useText()
  const query = useQuery(wallsQuery)
  const mayKeep = useMay('walls.keep')
  const [isMaking, setMaking] = useState(false)
  const [ended, setEnded] = useState<WallItem | null>(null)
  const answer = query.data
  const mayMake = answer !== undefined && answer.daysMax > 0 && answer.accounts.length > 0
  return (
    <section className="panel panel-below" aria-labelledby="walls" data-testid="walls">
      <h2 id="walls">{t('walls.title')}</h2>
      <p className="muted gap-below">{t('walls.what')}</p>
      <QueryError query={query} />
      {query.isPending && !query.isError && <RowsSkeleton rows={2} />}
      {answer?.walls.length === 0 && <p className="muted">{t('walls.none')}</p>}
      {answer !== undefined && answer.walls.length > 0 && (
        <ul className="wall-list">
          {answer.walls.map((wall) => (
            <WallLine key={wall.id} wall={wall} onEnd={mayKeep ? () => setEnded(wall) : null} />
          ))}
        </ul>
      )}
      {mayKeep && answer?.daysMax === 0 && <Alert type="info" showIcon title={t('walls.none-allowed')} />}
      {mayKeep && answer !== undefined && answer.daysMax > 0 && answer.accounts.length === 0 && (
        <Alert type="info" showIcon title={t('walls.no-viewer')} />
      )}
      {mayKeep && (
        <div className="panel-buttons">
          <Button disabled={!mayMake} onClick={() => setMaking(true)} data-testid="wall-new">
            {t('walls.new')}
          </Button>
        </div>
      )}
      {isMaking && answer !== undefined && <NewWallDialog answer={answer} onClose={() => setMaking(false)} />}
      {ended !== null && <EndDialog wall={ended} onClose={() => setEnded(null)} />}
    </section>
  )
}

function WallLine({
  wall,
  onEnd,
}: {
  readonly wall: WallItem
  readonly onEnd: (() => void) | null
}): ReactNode {
  const { t, language } = useText()
  const isLive = wall.state === 'open' || wall.state === 'waiting'
  return (
    <li className={isLive ? 'wall-line' : 'wall-line wall-line-over'} data-state={wall.state}>
      <strong>{t(`walls.state.${wall.state}`)}</strong>
      <bdi className="mono">{wall.address}</bdi>
      <span>{wall.account}</span>
      <span className="wrap">{wall.reason}</span>
      <span className="muted">
        {t('walls.made', { by: wall.madeBy, time: formatTime(wall.madeAt, language) })},{' '}
        {t('walls.until', { time: formatTime(wall.expiresAt, language) })}
        {wall.lastUsedAt !== null && `, ${t('walls.seen', { time: formatTime(wall.lastUsedAt, language) })}`}
        {wall.endedBy !== null &&
          wall.endedBy !== '' &&
          `, ${t('walls.ended', { by: wall.endedBy, why: wall.endedWhy ?? '' })}`}
      </span>
      {isLive && onEnd !== null && (
        <Button size="small" onClick={onEnd} data-testid="wall-end">
          {t('walls.end')}
        </Button>
      )}
    </li>
  )
}

interface NewProps {
  readonly answer: WallsAnswer
  readonly onClose: () => void
}

function NewWallDialog({ answer, onClose }: NewProps): ReactNode {
  const { t, language } = useText()
  const cache = useQueryClient()
  const [form] = Form.useForm<NewWall>()
  const make = useMutation({
    mutationFn: (body: NewWall) =>
      request<NewWallAnswer>('POST', '/api/walls', {
        ...body,
        address: body.address.trim(),
        reason: body.reason.trim(),
      }),
    onSuccess: () => void cache.invalidateQueries({ queryKey: wallsQuery.queryKey }),
  })
  const isDone = make.data !== undefined
  const required = [{ required: true }]
  return (
    <AskDialog
      title={t('walls.new')}
      okText={isDone ? t('certificate.close') : t('walls.make')}
      okTestId="wall-make"
      width={520}
      error={make.error}
      isPending={make.isPending}
      isDone={isDone}
      onOk={() => (isDone ? onClose() : form.submit())}
      onClose={onClose}
    >
      {isDone ? (
        <>
          <p>{t('walls.code', { time: formatTime(make.data.codeUntil, language) })}</p>
          <p className="wall-made-code mono" data-testid="wall-made-code">
            {make.data.code}
          </p>
          <p>{t('walls.code-how', { address: `${location.origin}/wall` })}</p>
        </>
      ) : (
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={{ account: answer.accounts[0], days: Math.min(7, answer.daysMax) }}
          onFinish={(body) => make.mutate(body)}
        >
          <Form.Item name="account" label={t('walls.account')} rules={required}>
            <Select
              getPopupContainer={(trigger: HTMLElement) => trigger.parentElement ?? trigger}
              options={answer.accounts.map((name) => ({ value: name, label: name }))}
            />
          </Form.Item>
          <Form.Item name="address" label={t('walls.address')} rules={required}>
            <Input className="mono" maxLength={64} data-testid="wall-address" />
          </Form.Item>
          <Form.Item name="days" label={t('walls.days')} rules={required}>
            <InputNumber min={1} max={answer.daysMax} precision={0} />
          </Form.Item>
          <ReasonField example={t('walls.reason-example')} />
        </Form>
      )}
    </AskDialog>
  )
}

function EndDialog({ wall, onClose }: { readonly wall: WallItem; readonly onClose: () => void }): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const [form] = Form.useForm<{ reason: string }>()
  const end = useMutation({
    mutationFn: ({ reason }: { reason: string }) =>
      request<undefined>('POST', `/api/walls/${wall.id}/end`, { reason: reason.trim() }),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: wallsQuery.queryKey })
      onClose()
    },
  })
  return (
    <AskDialog
      title={t('walls.end-title')}
      okText={t('walls.end')}
      okTestId="wall-end-submit"
      error={end.error}
      isPending={end.isPending}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <p className="gap-below">{t('walls.end-what', { address: wall.address })}</p>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(body) => end.mutate(body)}>
        <ReasonField example={t('walls.end-example')} isFirst />
      </Form>
    </AskDialog>
  )
}
