/** Hand-overs of a carrier: asked for, signed by both sides, done. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Form, Input } from 'antd'
import { type ReactNode, useState } from 'react'
import type { Handover, LedgerEntryAnswer, NewHandover } from '../../api/contract-registers.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { ReasonField } from '../media/reason-field.tsx'
import { entryPath, forgetRegisters } from '../server/register-queries.ts'
import { request } from '../server/request.ts'
import { useMay } from '../session/session-context.ts'
import { TimeView } from '../show/time-view.tsx'
import { DepartmentNameInput, PersonInput } from './name-inputs.tsx'

export function HandoverPanel({ answer }: { readonly answer: LedgerEntryAnswer }): ReactNode {
  const { t } = useText()
  const [isAsking, setAsking] = useState(false)
  const { handovers, entry, mayChange } = answer
  const isWaiting = handovers.some(({ end }) => end === null)
  return (
    <section className="panel" aria-labelledby="entry-handovers">
      <h2 id="entry-handovers">{t('handover.title')}</h2>
      {handovers.length === 0 && <p className="muted">{t('handover.none')}</p>}
      <ul className="handovers">
        {handovers.map((one) => (
          <li key={one.id} data-testid="handover">
            <OneHandover number={entry.number} handover={one} />
          </li>
        ))}
      </ul>
      {mayChange && !isWaiting && (
        <Button onClick={() => setAsking(true)} data-testid="handover-ask">
          {t('handover.ask')}
        </Button>
      )}
      {isAsking && (
        <AskHandover
          number={entry.number}
          department={entry.department}
          giver={entry.custodian}
          onClose={() => setAsking(false)}
        />
      )}
    </section>
  )
}

interface OneProps {
  /** The carrier's. */
  readonly number: string
  readonly handover: Handover
}

function OneHandover({ number, handover }: OneProps): ReactNode {
  const { t } = useText()
  const [side, setSide] = useState<'given' | 'received' | null>(null)
  const [isWithdrawing, setWithdrawing] = useState(false)
  const maySign = useMay('registers.sign')
  const mayKeep = useMay('registers.keep')
  return (
    <>
      <p>
        <bdi>{handover.giver}</bdi> → <bdi>{handover.receiver}</bdi>{' '}
        <span className="muted">
          {handover.end === null ? t('handover.waits') : t(`handover.end.${handover.end}`)}
        </span>
      </p>
      <ul className="signatures">
        {(['given', 'received'] as const).map((one) => (
          <li key={one}>
            {t(`handover.${one}`)}{' '}
            {handover[one] === null ? (
              <>
                <span className="muted">{t('handover.unsigned')}</span>
                {maySign && handover.end === null && (
                  <Button size="small" onClick={() => setSide(one)} data-testid={`handover-sign-${one}`}>
                    {t('handover.sign')}
                  </Button>
                )}
              </>
            ) : (
              <Signature signature={handover[one]} />
            )}
          </li>
        ))}
      </ul>
      {mayKeep && handover.end === null && (
        <Button size="small" onClick={() => setWithdrawing(true)} data-testid="handover-withdraw">
          {t('handover.withdraw')}
        </Button>
      )}
      {side !== null && <SignDialog handover={handover} side={side} onClose={() => setSide(null)} />}
      {isWithdrawing && (
        <WithdrawDialog number={number} handover={handover} onClose={() => setWithdrawing(false)} />
      )}
    </>
  )
}

function Signature({ signature }: { readonly signature: NonNullable<Handover['given']> }): ReactNode {
  const { t } = useText()
  const { person, paper, at, account } = signature
  return (
    <span>
      <bdi>{person}</bdi> <TimeView ms={at} />{' '}
      <span className="muted">
        {paper === null ? t('handover.by-session', { account }) : t('handover.by-paper', { paper, account })}
      </span>
    </span>
  )
}

interface AskProps {
  readonly number: string
  readonly giver: string
  readonly department: string
  readonly onClose: () => void
}

function AskHandover({ number, giver, department, onClose }: AskProps): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const [form] = Form.useForm<NewHandover>()
  const ask = useMutation({
    mutationFn: (body: NewHandover) =>
      request<Handover>('POST', entryPath('carriers', number, '/handovers'), body),
    onSuccess: () => {
      forgetRegisters(cache)
      onClose()
    },
  })
  return (
    <AskDialog
      title={t('handover.ask-title', { number })}
      okText={t('handover.ask')}
      okTestId="handover-submit"
      error={ask.error}
      isPending={ask.isPending}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <p className="muted">{t('handover.does', { giver })}</p>
      <Form<NewHandover>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ receiver: '', department, reason: '' }}
        onFinish={(body) => ask.mutate(body)}
      >
        <Form.Item
          name="receiver"
          label={t('handover.receiver')}
          rules={[{ required: true, whitespace: true, message: t('fault.missing') }]}
        >
          <PersonInput data-testid="handover-receiver" />
        </Form.Item>
        <Form.Item
          name="department"
          label={t('handover.department')}
          rules={[{ required: true, whitespace: true, message: t('fault.missing') }]}
        >
          <DepartmentNameInput />
        </Form.Item>
        <ReasonField example={t('handover.reason-example')} />
      </Form>
    </AskDialog>
  )
}

function WithdrawDialog({
  number,
  handover,
  onClose,
}: OneProps & { readonly onClose: () => void }): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const [form] = Form.useForm<{ reason: string }>()
  const withdraw = useMutation({
    mutationFn: ({ reason }: { reason: string }) =>
      request<Handover>('POST', `/api/handovers/${handover.id}/withdraw`, { reason: reason.trim() }),
    onSuccess: () => {
      forgetRegisters(cache)
      onClose()
    },
  })
  return (
    <AskDialog
      title={t('handover.withdraw-title', { number })}
      okText={t('handover.withdraw')}
      okTestId="handover-withdraw-submit"
      error={withdraw.error}
      isPending={withdraw.isPending}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <p className="consequence">{t('handover.withdraw-does')}</p>
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ reason: '' }}
        onFinish={(fields: { reason: string }) => withdraw.mutate(fields)}
      >
        <ReasonField example={t('handover.withdraw-example')} />
      </Form>
    </AskDialog>
  )
}

interface SignProps {
  readonly handover: Handover
  readonly side: 'given' | 'received'
  readonly onClose: () => void
}

function SignDialog({ handover, side, onClose }: SignProps): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const mayKeep = useMay('registers.keep')
  const [paper, setPaper] = useState('')
  const sign = useMutation({
    mutationFn: (form: string | null) =>
      request<Handover>('POST', `/api/handovers/${handover.id}/sign`, { side, paper: form }),
    onSuccess: () => {
      forgetRegisters(cache)
      onClose()
    },
  })
  const name = side === 'given' ? handover.giver : handover.receiver
  return (
    <AskDialog
      title={t('handover.sign-title', { name })}
      okText={paper.trim() === '' ? t('handover.sign-session') : t('handover.sign-paper')}
      okTestId="handover-sign-submit"
      error={sign.error}
      isPending={sign.isPending}
      onOk={() => sign.mutate(paper.trim() === '' ? null : paper.trim())}
      onClose={onClose}
    >
      <p>{t('handover.sign-how', { name })}</p>
      {mayKeep && (
        <Input
          value={paper}
          maxLength={64}
          onChange={(event) => setPaper(event.target.value)}
          placeholder={t('handover.paper')}
          aria-label={t('handover.paper')}
          data-testid="handover-paper"
        />
      )}
    </AskDialog>
  )
}
