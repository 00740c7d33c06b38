/** An act, its detail and what came of it, in words; what has none stands as it is. */
import type { ReactNode } from 'react'
import type { Action } from '../../api/contract-trail.ts'
import { useText } from '../i18n/use-text.ts'
import { RawTextView } from '../show/raw-text-view.tsx'

export function ActWord({ act }: { readonly act: string }): ReactNode {
  const { tryT } = useText()
  return tryT(`action.${act}`) ?? <span className="mono">{act}</span>
}

export function DetailWord({ action }: { readonly action: Action }): ReactNode {
  const { tryT } = useText()
  const { detail } = action
  if (detail === '') return action.reason === null ? '—' : <RawTextView text={action.reason} isPlain />
  const [, code = '', rest = ''] = /^([\w.-]+)(?:: | |$)([^]*)$/.exec(detail) ?? []
  const words = tryT(`${detailFamilies[action.action] ?? 'refusal'}.${code}`)
  if (words === null) return <RawTextView text={detail} isPlain />
  return (
    <>
      {words} {rest !== '' && <RawTextView text={rest} isPlain />}
    </>
  )
}

/** What a detail begins with, by the act; of acts that are not named here, a code of a refusal. */
const detailFamilies: Readonly<Record<string, string>> = {
  'sign-in': 'role',
  'violation-read': 'violation.type',
  'record-raw-read': 'fact',
  'log-checkpoint': 'audit.cause',
  'log-set-back': 'audit.set-back',
}

export function OutcomeWord({ action }: { readonly action: Action }): ReactNode {
  const { t, tryT } = useText()
  const { outcome, code } = action
  // A refusal's code may come with what was asked for behind it.
  const [plain = ''] = (code ?? '').split(':', 1)
  const words = plain === '' ? null : (tryT(`refusal.${plain}`) ?? <span className="mono">{code}</span>)
  return (
    <span className={`outcome outcome-${outcome}`}>
      {t(`audit.outcome.${outcome}`)}
      {words !== null && <span className="small"> {words}</span>}
    </span>
  )
}
