/** The way out, drawn: program → interface → gateway → destination. */
import type { Program } from '@shoukou/protocol/network/shapes.ts'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { RawTextView } from '../show/raw-text-view.tsx'
import { ConfidenceWord, mediumOf, PeerView, protocolName } from './network-words.tsx'
import type { PathOut } from './path-out.ts'

interface Props {
  readonly path: PathOut
  readonly program: Program | null
}

export function PathView({ path: { flow, through, gateway }, program }: Props): ReactNode {
  const { t } = useText()
  return (
    <ol className="path-out" aria-label={t('path.title')} data-testid="path-out">
      <li>
        <span className="path-what">{t('net.by')}</span>
        {program === null ? t('value.unknown') : <RawTextView text={program.name} isPlain />}
      </li>
      <li>
        <span className="path-what">{t(`value.medium.${mediumOf(through)}`)}</span>
        <RawTextView text={through.name} isPlain />
        {through.mac !== null && <bdi className="mono path-more">{through.mac}</bdi>}
      </li>
      <li>
        <span className="path-what">{t('net.gateway')}</span>
        {gateway === null ? t('net.gateway-none') : <bdi className="mono">{gateway.address}</bdi>}
        {gateway !== null && <bdi className="mono path-more">{gateway.mac ?? t('net.mac-unknown')}</bdi>}
      </li>
      <li>
        <span className="path-what">{protocolName(flow.protocol)}</span>
        <PeerView peer={flow.peer} />
        <span className="path-more">
          {flow.refused >= flow.count ? t('path.refused') : <ConfidenceWord confidence={flow.confidence} />}
        </span>
      </li>
    </ol>
  )
}
