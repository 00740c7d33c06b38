/** Small words about media: state, right, seal, and what a passport shows of itself in one line. */
import type { MediumRight, MediumState, Passport } from '@shoukou/protocol/media/shapes.ts'
import type { ReactNode } from 'react'
import type { MediumItem } from '../../api/contract-media.ts'
import { useText } from '../i18n/use-text.ts'
import { formatBytes, formatDay } from '../show/format.ts'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView, useConsoleNow } from '../show/time-view.tsx'
import { isUsable } from './medium-states.ts'

export function StateWord({ state }: { readonly state: MediumState }): ReactNode {
  const { t } = useText()
  const look = state === 'missing' ? 'missing' : isUsable(state) ? 'usable' : 'withdrawn'
  return (
    <span className={`medium-state medium-state-${look}`} data-testid="medium-state" data-state={state}>
      {t(`medium.state.${state}`)}
    </span>
  )
}

export function RightWord({ right }: { readonly right: MediumRight }): ReactNode {
  const { t } = useText()
  return <span className={`right right-${right}`}>{t(`value.right.${right}`)}</span>
}

/** By when it is to be back, and whether that day is over. */
export function DueBack({ dueBackMs }: { readonly dueBackMs: number | null }): ReactNode {
  const { t, language } = useText()
  const now = useConsoleNow()
  if (dueBackMs === null) return <span className="muted">{t('medium.due-back-none')}</span>
  return (
    <span data-testid="due-back">
      {formatDay(dueBackMs, language)}
      {dueBackMs < now && <strong className="overdue"> {t('medium.due-back-late')}</strong>}
    </span>
  )
}

/** Whether the certificate stands on the medium itself, and since when. */
export function SealWord({ medium }: { readonly medium: MediumItem }): ReactNode {
  const { t } = useText()
  if (medium.passport === null) return <span className="muted">{t('medium.seal.never-seen')}</span>
  if (medium.sealWrittenAt === null) return <span>{t('medium.seal.not-on-it')}</span>
  return (
    <span>
      {t('medium.seal.on-it-since')} <TimeView ms={medium.sealWrittenAt} />
    </span>
  )
}

/** What a person tells one medium from another by. */
export function PassportBrief({ passport }: { readonly passport: Passport }): ReactNode {
  const { language } = useText()
  const { usb, inquiry } = passport
  const name = usb?.product ?? inquiry?.product ?? null
  const serial = usb?.serial ?? passport.diskSerial
  return (
    <span className="passport-brief">
      {name !== null && name !== '' && <RawTextView text={name} isPlain />}
      {usb !== null && (
        <span className="mono">
          {usb.vendorId}:{usb.productId}
        </span>
      )}
      {serial !== null && serial !== '' && <RawTextView text={serial} isPlain />}
      {passport.sizeBytes !== null && (
        <span>{formatBytes(passport.sizeBytes, language).replace(/ \(.*/, '')}</span>
      )}
    </span>
  )
}

/** The numbers of computers, all of the unit, or none. */
export function ComputersWord({ computers }: { readonly computers: readonly string[] | null }): ReactNode {
  const { t } = useText()
  if (computers === null) return t('medium.all-computers')
  if (computers.length === 0) return <span className="note">{t('medium.no-computer')}</span>
  const shown = computers.slice(0, shownMax)
  return (
    <>
      <bdi className="mono">{shown.join(' ')}</bdi>
      {computers.length > shownMax && (
        <span className="muted"> {t('medium.more-computers', { count: computers.length - shownMax })}</span>
      )}
    </>
  )
}

const shownMax = 4
