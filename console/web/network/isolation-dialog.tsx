/** Orders isolation or release, of one computer or a group: what it does and to whom before the button is live, then what came of each. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Form } from 'antd'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { Computer } from '../../api/contract.ts'
import type { IsolationOrder, IsolationOrderAnswer } from '../../api/contract-network.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { ReasonField } from '../media/reason-field.tsx'
import { orderIsolation } from '../server/network-queries.ts'
import { computerQuery, computersKey } from '../server/queries.ts'

type Act = IsolationOrder['act']

interface Props {
  readonly act: Act
  readonly computers: readonly Pick<Computer, 'agent' | 'number'>[]
  readonly onClose: () => void
}

const namesShownMax = 12

export function IsolationDialog({ act, computers, onClose }: Props): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const [form] = Form.useForm<{ reason: string }>()
  const typed = Form.useWatch('reason', form) ?? ''
  const order = useMutation({
    mutationFn: (reason: string) =>
      orderIsolation({ agents: computers.map(({ agent }) => agent), act, reason: reason.trim() }),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: ['acts'] })
      void cache.invalidateQueries({ queryKey: computersKey })
      for (const { agent } of computers) {
        void cache.invalidateQueries({ queryKey: computerQuery(agent).queryKey })
        void cache.invalidateQueries({ queryKey: ['network', agent] })
      }
    },
  })
  const first = computers[0]
  const whom =
    computers.length === 1 && first !== undefined
      ? first.number
      : t('isolation.some', { count: computers.length })
  return (
    <AskDialog
      title={t(`isolation.title-${act}`, { computers: whom })}
      okText={
        order.isSuccess
          ? t('isolation.close')
          : act === 'release'
            ? t('isolation.ask-release')
            : computers.length === 1
              ? t('isolation.isolate')
              : t('isolation.do-isolate', { count: computers.length })
      }
      okTestId="isolation-submit"
      error={order.error}
      isPending={order.isPending}
      isReady={order.isSuccess || typed.trim() !== ''}
      isDone={order.isSuccess}
      onOk={() => (order.isSuccess ? onClose() : form.submit())}
      onClose={onClose}
    >
      {order.data === undefined ? (
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={{ reason: '' }}
          onFinish={({ reason }: { reason: string }) => order.mutate(reason)}
        >
          <p className="consequence">{t(`isolation.does-${act}`)}</p>
          <p className="consequence stays">{t(act === 'isolate' ? 'isolation.stays' : 'isolation.second')}</p>
          {computers.length > 1 && <Whom computers={computers} />}
          <ReasonField example={t(`isolation.example-${act}`)} isFirst />
        </Form>
      ) : order.data.proposal !== null ? (
        <p className="consequence" role="status" data-testid="release-asked">
          {t('isolation.asked', { id: order.data.proposal })}{' '}
          <Link to="/acts">{t('isolation.see-acts')}</Link>
        </p>
      ) : (
        <Results computers={computers} answer={order.data} />
      )}
    </AskDialog>
  )
}

function Whom({ computers }: Pick<Props, 'computers'>): ReactNode {
  const { t } = useText()
  const shown = computers.slice(0, namesShownMax)
  return (
    <p className="gap-below whom" data-testid="isolation-whom">
      <span className="muted">{t('isolation.whom')}</span>{' '}
      {shown.map(({ agent, number }) => (
        <bdi key={agent} className="mono">
          {number}
        </bdi>
      ))}
      {computers.length > shown.length && '…'}
    </p>
  )
}

function Results({
  computers,
  answer,
}: Pick<Props, 'computers'> & { readonly answer: IsolationOrderAnswer }): ReactNode {
  const { t } = useText()
  return (
    <div className="results" role="status">
      <h3>{t('isolation.results')}</h3>
      <table className="grid-table">
        <tbody>
          {answer.orders.map(({ agent, result }) => (
            <tr key={agent} data-testid="isolation-result" data-result={result}>
              <th scope="row">
                <bdi className="mono">{computers.find((one) => one.agent === agent)?.number ?? agent}</bdi>
              </th>
              <td>
                <span aria-hidden="true">{marks[result]}</span> {t(`isolation.result.${result}`)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const marks: Readonly<Record<IsolationOrderAnswer['orders'][number]['result'], string>> = {
  sent: '✓',
  waiting: '…',
  'not-found': '✕',
  'not-needed': '–',
}
