/** Views of the list under a name: one's own, kept by the console, opened by their address. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Form, Input, Popover } from 'antd'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { dialogHome } from '../frame/dialog-home.ts'
import { useText } from '../i18n/use-text.ts'
import { keepView, removeView, savedViewsQuery } from '../server/handling-queries.ts'
import { errorText } from '../show/error-text.ts'

/** `address`: of the list as it is shown now, behind `?`. */
export function SavedViews({ address }: { readonly address: string }): ReactNode {
  const { t } = useText()
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      getPopupContainer={dialogHome}
      content={<Views address={address} />}
    >
      <Button size="small" data-testid="views">
        {t('list.views')}
      </Button>
    </Popover>
  )
}

function Views({ address }: { readonly address: string }): ReactNode {
  const text = useText()
  const { t } = text
  const cache = useQueryClient()
  const views = useQuery(savedViewsQuery).data?.views ?? []
  const forget = () => void cache.invalidateQueries({ queryKey: savedViewsQuery.queryKey })
  const keep = useMutation({
    mutationFn: ({ name }: { name: string }) => keepView({ name: name.trim(), address }),
    onSettled: forget,
  })
  const remove = useMutation({ mutationFn: removeView, onSettled: forget })
  return (
    <div className="views">
      {views.length === 0 && <p className="muted">{t('list.view-none')}</p>}
      <ul>
        {views.map((one) => (
          <li key={one.id} className="acts">
            <Link to={`/violations${one.address === '' ? '' : `?${one.address}`}`} data-testid="view">
              {one.name}
            </Link>
            <button
              type="button"
              className="v-chip-remove"
              aria-label={t('list.view-remove', { name: one.name })}
              onClick={() => remove.mutate(one.id)}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
      {keep.error !== null && <p role="alert">{errorText(text, keep.error)}</p>}
      <Form layout="inline" requiredMark={false} onFinish={(fields: { name: string }) => keep.mutate(fields)}>
        <Form.Item name="name" rules={[{ required: true, whitespace: true, message: t('list.view-name') }]}>
          <Input
            size="small"
            maxLength={60}
            placeholder={t('list.view-name')}
            aria-label={t('list.view-name')}
            data-testid="view-name"
          />
        </Form.Item>
        <Button size="small" htmlType="submit" loading={keep.isPending} data-testid="view-keep">
          {t('list.view-save')}
        </Button>
      </Form>
    </div>
  )
}
