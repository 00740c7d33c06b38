/** What enforcing media control does, and which keyboards it would let in: read before it is switched on. */
import type { ApprovedPeripheral, Baseline, PolicySettings } from '@shoukou/protocol'
import { showRawText } from '@shoukou/protocol/raw-text.ts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { recordsQuery } from '../server/queries.ts'
import { useMay } from '../session/session-context.ts'
import { RawTextView } from '../show/raw-text-view.tsx'
import { approvalOfKeyboard, type KnownKeyboard, knownKeyboards } from './known-keyboards.ts'

interface Props {
  readonly agent: string
  readonly baseline: Baseline
  readonly settings: PolicySettings
  readonly isReadOnly: boolean
  readonly onApprove: (one: ApprovedPeripheral) => void
}

const kinds = ['usb.attached'] as const
const noteCharactersMax = 200

export function EnforceNote({ agent, baseline, settings, isReadOnly, onApprove }: Props): ReactNode {
  const { t } = useText()
  const mayReadRecords = useMay('records.read')
  const query = useInfiniteQuery({ ...recordsQuery(agent, kinds), enabled: mayReadRecords })
  const records = query.data?.pages.flatMap((page) => page.records) ?? []
  const keyboards = knownKeyboards(records, baseline, settings)
  return (
    <div className="enforce-note" data-testid="enforce-note">
      <p>
        <strong>{t('policy.mode-enforce')}</strong> — {t('policy.enforce-does')}
      </p>
      <p>{t('policy.keyboards-first')}</p>
      {query.isSuccess && keyboards.length === 0 && <p className="note">{t('policy.no-keyboards')}</p>}
      {keyboards.length > 0 && (
        <table className="grid-table baseline-table">
          <tbody>
            {keyboards.map((one) => (
              <Row
                key={JSON.stringify([one.device.vendorId, one.device.productId, one.device.serial])}
                keyboard={one}
                isReadOnly={isReadOnly}
                onApprove={onApprove}
              />
            ))}
          </tbody>
        </table>
      )}
    </div>
  )
}

interface RowProps extends Pick<Props, 'isReadOnly' | 'onApprove'> {
  readonly keyboard: KnownKeyboard
}

function Row({ keyboard: { device, standing }, isReadOnly, onApprove }: RowProps): ReactNode {
  const { t } = useText()
  const name = device.product ?? ''
  return (
    <tr data-testid="known-keyboard" data-standing={standing}>
      <th scope="row">{name === '' ? t('usb.class.keyboard') : <RawTextView text={name} isPlain />}</th>
      <td>
        <span className="mono">
          {device.vendorId}:{device.productId}
        </span>{' '}
        {device.serial !== null && <RawTextView text={device.serial} isPlain />}
      </td>
      <td className={standing === 'unknown' ? 'note' : 'muted'}>{t(`policy.keyboard.${standing}`)}</td>
      <td>
        {standing === 'unknown' && !isReadOnly && (
          <Button
            size="small"
            onClick={() =>
              onApprove(approvalOfKeyboard(device, showRawText(name).slice(0, noteCharactersMax)))
            }
            data-testid="keyboard-approve"
          >
            {t('policy.keyboard-approve')}
          </Button>
        )}
      </td>
    </tr>
  )
}
