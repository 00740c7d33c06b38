/** Whether the log is whole, as far as that was proved: until when, by what, and what was found. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Input, Progress } from 'antd'
import { type ReactNode, useState } from 'react'
import type { TrailState } from '../../api/contract-trail.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { request } from '../server/request.ts'
import { trailQuery } from '../server/trail-queries.ts'
import { formatCount } from '../show/format.ts'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView } from '../show/time-view.tsx'
import { inGroups } from './head-groups.ts'

interface Props {
  readonly trail: TrailState
  readonly onOpen: (id: number) => void
}

export function ChainPanel({ trail, onOpen }: Props): ReactNode {
  const { t, tryT, language } = useText()
  const client = useQueryClient()
  const begin = useMutation({
    mutationFn: () => request('POST', '/api/trail/verification', {}),
    onSettled: () => client.invalidateQueries({ queryKey: trailQuery.queryKey }),
  })
  const { progress, verified } = trail
  const share =
    progress === null || progress.total === 0 ? 0 : Math.min(100, (progress.done * 100) / progress.total)
  return (
    <section className="panel" aria-labelledby="audit-chain">
      <h2 id="audit-chain">{t('audit.chain')}</h2>
      {trail.setBack !== null && <SetBack setBack={trail.setBack} onOpen={onOpen} />}
      <p data-testid="audit-verified">
        {verified === null ? (
          <span className="muted">{t('audit.never-verified')}</span>
        ) : (
          <>
            <strong className={verified.isWhole ? 'audit-whole' : 'audit-broken'}>
              {verified.isWhole
                ? t('audit.whole', { entries: formatCount(verified.entries, language) })
                : t('audit.altered', { count: verified.findingsTotal })}
            </strong>{' '}
            <TimeView ms={verified.at} />{' '}
            <span className="muted">
              {t('audit.covers', {
                records: formatCount(verified.records, language),
                journals: formatCount(verified.journals, language),
                violations: formatCount(verified.violations, language),
                policies: formatCount(verified.policies, language),
                checkpoints: formatCount(verified.checkpoints, language),
              })}
            </span>
          </>
        )}
      </p>
      {verified !== null && !verified.isWhole && (
        <ul className="audit-findings" data-testid="audit-findings">
          {verified.findings.map((one) => (
            <li key={JSON.stringify(one)}>
              {tryT(`audit.finding.${one.kind}`) ?? one.kind}: <span className="mono">{one.table}</span>{' '}
              {one.agent !== undefined && <RawTextView text={one.agent} isPlain />}{' '}
              {one.epoch !== undefined && <RawTextView text={one.epoch} isPlain />}{' '}
              {one.seq !== undefined && (
                <strong>
                  {one.seq}
                  {one.lastSeq === undefined || one.lastSeq === one.seq ? '' : `–${one.lastSeq}`}
                </strong>
              )}{' '}
              (<RawTextView text={one.what} isPlain />)
            </li>
          ))}
        </ul>
      )}
      {trail.failed !== null && (
        <Alert type="error" showIcon title={t('audit.failed', { why: trail.failed })} />
      )}
      <div className="audit-now no-print">
        <Button
          loading={progress !== null || begin.isPending}
          onClick={() => begin.mutate()}
          data-testid="audit-verify"
        >
          {t('audit.verify')}
        </Button>
        {progress !== null && (
          <>
            <span>{tryT(`audit.stage.${progress.stage}`) ?? progress.stage}</span>
            <Progress percent={Math.floor(share)} size="small" className="audit-progress" />
          </>
        )}
      </div>
      <p className="small">
        {t('audit.end', { seq: formatCount(trail.seq, language) })}{' '}
        <span className="mono audit-head">{inGroups(trail.head)}</span>
      </p>
    </section>
  )
}

function SetBack({
  setBack,
  onOpen,
}: {
  readonly setBack: NonNullable<TrailState['setBack']>
  readonly onOpen: (id: number) => void
}): ReactNode {
  const { t } = useText()
  const [isAsked, setAsked] = useState(false)
  return (
    <>
      <Alert
        type="warning"
        showIcon
        role="alert"
        className="gap-below"
        data-testid="audit-set-back"
        title={t('audit.set-back')}
        description={
          <>
            {t('audit.set-back-what', { seq: setBack.seq })} <TimeView ms={setBack.at} />{' '}
            <Button size="small" type="link" onClick={() => onOpen(setBack.entry)}>
              {t('audit.entry', { id: setBack.entry })}
            </Button>{' '}
            <Button size="small" onClick={() => setAsked(true)}>
              {t('audit.set-back-explain')}
            </Button>
          </>
        }
      />
      {isAsked && <SetBackDialog onClose={() => setAsked(false)} />}
    </>
  )
}

function SetBackDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { t } = useText()
  const client = useQueryClient()
  const [reason, setReason] = useState('')
  const seen = useMutation({
    mutationFn: () => request('POST', '/api/trail/set-back', { reason: reason.trim() }),
    onSuccess: async () => {
      await client.invalidateQueries()
      onClose()
    },
  })
  return (
    <AskDialog
      title={t('audit.set-back-explain')}
      okText={t('audit.set-back-ok')}
      okTestId="set-back-ok"
      onOk={() => seen.mutate()}
      onClose={onClose}
      isPending={seen.isPending}
      isReady={reason.trim().length >= 4}
      error={seen.error}
    >
      <p>{t('audit.set-back-then')}</p>
      <Input.TextArea
        value={reason}
        maxLength={500}
        autoFocus
        rows={3}
        aria-label={t('audit.reason')}
        onChange={({ target }) => setReason(target.value)}
        data-testid="set-back-reason"
      />
    </AskDialog>
  )
}
