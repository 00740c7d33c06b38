/** What lies beside a violation: repeats, statements, attached files, and who did what, when and why. */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { type ReactNode, useState } from 'react'
import { Link } from 'react-router'
import type { ViolationItem } from '../../api/contract.ts'
import type { Attachment, HandlingAnswer } from '../../api/contract-handling.ts'
import { useText } from '../i18n/use-text.ts'
import { handlingQuery } from '../server/access-queries.ts'
import { attachmentAddress } from '../server/handling-queries.ts'
import { useMay } from '../session/session-context.ts'
import { CopyButton } from '../show/copy-button.tsx'
import { formatBytes } from '../show/format.ts'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView } from '../show/time-view.tsx'
import { type HandlingDialog, HandlingDialogs } from './handling-dialogs.tsx'
import { RepeatsView } from './repeats-view.tsx'

export function HandlingPapers({ violation }: { readonly violation: ViolationItem }): ReactNode {
  const { t } = useText()
  const handling = useQuery(handlingQuery(violation.id)).data
  const may = useMay('violations.handle')
  const [dialog, setDialog] = useState<HandlingDialog | null>(null)
  if (handling === undefined) return null
  return (
    <div data-testid="handling-papers">
      {may && (
        <p className="acts no-print">
          {(['assign', 'ask-statement', 'attach'] as const).map((kind) => (
            <Button
              key={kind}
              size="small"
              disabled={kind === 'assign' && handling.repeatOf !== null}
              onClick={() => setDialog({ kind })}
              data-testid={`handle-${kind}`}
            >
              {t(`handling.do.${kind}`)}
            </Button>
          ))}
        </p>
      )}
      {handling.repeats > 1 && <RepeatsView violation={violation} />}
      <Statements handling={handling} />
      <Attachments violation={violation} attachments={handling.attachments} />
      <h4>{t('handling.history')}</h4>
      <Steps handling={handling} />
      <HandlingDialogs
        violation={violation}
        handling={handling}
        dialog={dialog}
        onClose={() => setDialog(null)}
      />
    </div>
  )
}

interface Props {
  readonly handling: HandlingAnswer
}

function Statements({ handling: { requests, statements } }: Props): ReactNode {
  const { t } = useText()
  if (requests.length === 0) return null
  return (
    <>
      <h4>{t('handling.statements')}</h4>
      {requests.map((one) => {
        const statement = statements.find(({ request }) => request === one.id)
        return (
          <div key={one.id} className="paper" data-testid="statement">
            <p>
              <RawTextView text={one.person} isPlain /> <span className="muted">{one.question}</span>
            </p>
            {statement === undefined ? (
              <p className="acts">
                <span>
                  {t('handling.statement-code')} <code className="mono">{codeWords(one.code)}</code>
                </span>
                <span className="muted">
                  {t('handling.statement-due')} <TimeView ms={one.dueAt} />
                </span>
                <Link to={`/statements/form/${one.code}`} data-testid="statement-form">
                  {t('handling.statement-form')}
                </Link>
              </p>
            ) : (
              <>
                <blockquote className="statement-text">
                  <Lines text={statement.text} />
                </blockquote>
                <p className="muted small">
                  {t('statements.writer')} <RawTextView text={statement.writer} isPlain />{' '}
                  <TimeView ms={statement.writtenAt} /> · {t('statements.enter')} {statement.account}{' '}
                  <TimeView ms={statement.at} />
                </p>
              </>
            )}
          </div>
        )
      })}
    </>
  )
}

function Attachments({
  violation,
  attachments,
}: {
  readonly violation: ViolationItem
  readonly attachments: readonly Attachment[]
}): ReactNode {
  const { t, language } = useText()
  if (attachments.length === 0) return null
  return (
    <>
      <h4>{t('handling.attachments')}</h4>
      <ul className="papers">
        {attachments.map((one) => (
          <li key={one.id} className="paper" data-testid="attachment">
            <p className="acts">
              <RawTextView text={one.name} isPlain />
              <span className="muted">
                {t(`handling.file-type.${typeWord(one.type)}`)} · {formatBytes(one.bytes, language)}
              </span>
              <a className="no-print" href={attachmentAddress(violation.id, one.id)} download>
                {t('handling.download')}
              </a>
            </p>
            {one.note !== '' && <p>{one.note}</p>}
            <p className="muted small">
              {one.account} <TimeView ms={one.at} /> · SHA-256 <code className="mono wrap">{one.hash}</code>{' '}
              <CopyButton text={one.hash} />
            </p>
          </li>
        ))}
      </ul>
    </>
  )
}

function Steps({ handling: { steps } }: { readonly handling: HandlingAnswer }): ReactNode {
  const { t } = useText()
  if (steps.length === 0) return <p className="muted">{t('handling.none')}</p>
  return (
    <table className="grid-table" data-testid="handling-steps">
      <tbody>
        {steps.map((one) => (
          <tr key={one.id}>
            <td className="nowrap">
              <TimeView ms={one.at} />
            </td>
            <th scope="row" className="nowrap">
              {t(`handling.do.${one.kind}`)}
              <StepDetail step={one} />
            </th>
            <td className="nowrap">
              <RawTextView text={one.account} isPlain />
              {one.proposal !== null && (
                <div className="muted small">{t('handling.by-two', { id: one.proposal })}</div>
              )}
            </td>
            <td>{one.reason === '' ? '—' : <RawTextView text={one.reason} isPlain />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** What the step says beside its kind: what came of it, to whom it went, which violation it was merged with. */
function StepDetail({
  step: { kind, detail },
}: {
  readonly step: HandlingAnswer['steps'][number]
}): ReactNode {
  const { t, tryT } = useText()
  if (detail === '' && kind !== 'assign') return null
  if (kind === 'dispose' || kind === 'close')
    return <div className="small">{tryT(`handling.disposition.${detail}`) ?? detail}</div>
  if (kind === 'assign')
    return <div className="small">{detail === '' ? t('handling.assignee-none') : detail}</div>
  if (kind !== 'merge' && kind !== 'unmerge') return null
  return (
    <div className="small">
      <Link to={`/violations/${detail}`}>#{detail}</Link>
    </div>
  )
}

function Lines({ text }: { readonly text: string }): ReactNode {
  const lines = text.split('\n')
  return lines.map((line, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a text that never changes.
    <p key={at}>{line === '' ? '\u00a0' : <bdi>{line}</bdi>}</p>
  ))
}

/** Returns the code as it stands on the form: two groups of four. */
export function codeWords(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4)}`
}

type TypeWord = 'pdf' | 'image' | 'document' | 'program' | 'script' | 'markup' | 'text' | 'video' | 'unknown'

function typeWord(type: string): TypeWord {
  switch (type) {
    case 'pdf':
    case 'program':
    case 'script':
    case 'markup':
    case 'text':
    case 'video':
      return type
    case 'png':
    case 'jpeg':
    case 'gif':
    case 'tiff':
    case 'webp':
      return 'image'
    case 'zip-based':
    case 'ole-document':
    case 'rar':
    case '7z':
    case 'gzip':
      return 'document'
    default:
      return 'unknown'
  }
}
