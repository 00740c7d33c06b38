/** What was there at enrolment: read-only, with one click to approve an interface of it. */
import type { ApprovedInterface, Baseline, PolicySettings } from '@shoukou/protocol'
import { rawTextKey, showRawText } from '@shoukou/protocol/raw-text.ts'
import { Button } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { formatBytes } from '../show/format.ts'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView } from '../show/time-view.tsx'
import { approvalOf } from './policy-draft.ts'

interface Props {
  readonly baseline: Baseline
  readonly settings: PolicySettings
  readonly onApprove: (one: ApprovedInterface) => void
  readonly isReadOnly: boolean
}

const noteCharactersMax = 200

export function BaselineView({ baseline, settings, onApprove, isReadOnly }: Props): ReactNode {
  const { t, language } = useText()
  return (
    <section className="panel" aria-labelledby="baseline">
      <h2 id="baseline">{t('baseline.title')}</h2>
      <p className="muted">
        {t('baseline.why')} <TimeView ms={baseline.takenAtMs} />
      </p>
      <h3>{t('baseline.interfaces')}</h3>
      <table className="grid-table baseline-table">
        <Heads names={[t('field.name'), t('field.mac'), t('policy.bus-path'), '']} />
        <tbody>
          {baseline.interfaces.map((one, at) => {
            const note = showRawText(one.name).slice(0, noteCharactersMax)
            const approval = approvalOf(one, settings.approvedInterfaces, note)
            return (
              <tr key={`${rawTextKey(one.name)}.${at}`}>
                <th scope="row">
                  <RawTextView text={one.name} isPlain />
                </th>
                <td>{one.mac === null ? '—' : <span className="mono">{one.mac}</span>}</td>
                <td>{one.busPath === null ? '—' : <RawTextView text={one.busPath} isPlain />}</td>
                <td>
                  {approval !== null
                    ? !isReadOnly && (
                        <Button
                          size="small"
                          onClick={() => onApprove(approval)}
                          data-testid="baseline-approve"
                        >
                          {t('baseline.approve')}
                        </Button>
                      )
                    : one.mac !== null && <span className="muted">{t('baseline.approved')}</span>}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
      {baseline.interfaces.length === 0 && <p className="muted">{t('value.none')}</p>}
      <h3>{t('baseline.disks')}</h3>
      <table className="grid-table baseline-table">
        <Heads names={[t('field.name'), t('policy.serial'), t('field.sizeBytes'), '']} />
        <tbody>
          {baseline.disks.map((one, at) => (
            <tr key={`${rawTextKey(one.name)}.${at}`}>
              <th scope="row">
                <RawTextView text={one.name} isPlain />
              </th>
              <td>{one.serial === null ? '—' : <RawTextView text={one.serial} isPlain />}</td>
              <td>{one.sizeBytes === null ? '—' : formatBytes(one.sizeBytes, language)}</td>
              <td />
            </tr>
          ))}
        </tbody>
      </table>
      {baseline.disks.length === 0 && <p className="muted">{t('value.none')}</p>}
      <h3>{t('baseline.usb')}</h3>
      <table className="grid-table baseline-table">
        <Heads names={[t('field.path'), 'VID:PID', t('policy.serial'), '']} />
        <tbody>
          {baseline.usb.map((one, at) => (
            <tr key={`${rawTextKey(one.path)}.${at}`}>
              <th scope="row">
                <RawTextView text={one.path} isPlain />
              </th>
              <td>
                <span className="mono">
                  {one.vendorId}:{one.productId}
                </span>
              </td>
              <td>{one.serial === null ? '—' : <RawTextView text={one.serial} isPlain />}</td>
              <td />
            </tr>
          ))}
        </tbody>
      </table>
      {baseline.usb.length === 0 && <p className="muted">{t('value.none')}</p>}
    </section>
  )
}

function Heads({ names }: { readonly names: readonly string[] }): ReactNode {
  return (
    <thead>
      <tr>
        {names.map((name, at) =>
          name === '' ? (
            <td key={at} />
          ) : (
            <th key={at} scope="col">
              {name}
            </th>
          ),
        )}
      </tr>
    </thead>
  )
}
