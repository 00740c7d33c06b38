/** The small words of the network: protocols, ends of a connection, how sure, who did it. Codes without words stand as codes. */
import type { InterfaceMedium, NetworkInterface } from '@shoukou/protocol/events/shapes.ts'
import type { Confidence, Peer, Program } from '@shoukou/protocol/network/shapes.ts'
import type { RawText } from '@shoukou/protocol/raw-text.ts'
import type { ReactNode } from 'react'
import { peerText } from '../evidence/summarize-network.ts'
import { type Text, useText } from '../i18n/use-text.ts'
import { ruleWords } from '../media/rule-word.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'

const protocolNames: Readonly<Record<number, string>> = {
  1: 'ICMP',
  2: 'IGMP',
  6: 'TCP',
  17: 'UDP',
  33: 'DCCP',
  41: 'IPv6',
  47: 'GRE',
  50: 'ESP',
  51: 'AH',
  58: 'ICMPv6',
  132: 'SCTP',
  136: 'UDP-Lite',
  255: 'RAW',
}

/** Returns the name of an IANA protocol number; one that has none here as `IP 99`. */
export function protocolName(protocol: number): string {
  return protocolNames[protocol] ?? `IP ${protocol}`
}

/** One end of a connection; null: any, or not told. */
export function PeerView({ peer }: { readonly peer: Peer | null }): ReactNode {
  const { t } = useText()
  if (peer === null) return <span className="muted">{t('value.unknown')}</span>
  return <bdi className="mono peer">{peerText(peer)}</bdi>
}

/** How far it was proven: an empty, a half and a full disc, and the word. */
export function ConfidenceWord({ confidence }: { readonly confidence: Confidence }): ReactNode {
  const { t } = useText()
  return (
    <span
      className={`confidence confidence-${confidence}`}
      data-testid="confidence"
      data-confidence={confidence}
      title={t(`confidence.means.${confidence}`)}
    >
      <svg viewBox="0 0 16 16" width="13" height="13" aria-hidden="true">
        <circle cx="8" cy="8" r="6" />
        {confidence === 'link-up' && <path d="M8 2a6 6 0 0 1 0 12z" />}
        {confidence === 'confirmed-reachability' && <circle cx="8" cy="8" r="6" className="full" />}
      </svg>
      {t(`value.confidence.${confidence}`)}
    </span>
  )
}

/** A rule of the destinations in words, or its code. */
export function DestinationRule({ rule }: { readonly rule: string }): ReactNode {
  const text = useText()
  return ruleWords(text, rule) ?? <span className="mono">{rule}</span>
}

/** What an interface is for, by what the agent told; an older agent told less. */
export function mediumOf(one: NetworkInterface): InterfaceMedium {
  if (one.medium !== undefined) return one.medium
  if (one.nature === 'loopback') return 'loopback'
  if (one.isWireless) return 'wireless'
  return one.nature === 'virtual' ? 'virtual' : 'wired'
}

/** Who did it: the path first, because any process may give itself another name. */
export function ProgramView({
  program,
  pid = null,
}: {
  readonly program: Program | null
  readonly pid?: number | null
}): ReactNode {
  const text = useText()
  const { t } = text
  if (program === null) return <span className="muted">{t('net.program-unknown')}</span>
  return (
    <div className="program" data-testid="program">
      <div>
        {program.path === null ? (
          <>
            <RawTextView text={program.name} isPlain /> <span className="muted">{t('net.path-unknown')}</span>
          </>
        ) : (
          <RawTextView text={program.path} />
        )}
      </div>
      <div className="program-more">
        {program.path !== null && <RawTextView text={program.name} isPlain />}
        {pid !== null && <span className="muted">{t('net.pid', { pid })}</span>}
        {program.account === null
          ? program.uid !== null && <span className="muted">{t('net.uid', { uid: program.uid })}</span>
          : named(text, 'net.account-of', program.account)}
        {program.sessionAccount !== null && named(text, 'net.session-of', program.sessionAccount)}
        {program.unit !== null && named(text, 'net.unit-of', program.unit)}
        {program.container !== null && named(text, 'net.in-container', program.container)}
        {program.isOtherNamespace === true && <span className="note">{t('net.in-namespace')}</span>}
      </div>
    </div>
  )
}

type NamedKey =
  | 'net.account-of'
  | 'net.session-of'
  | 'net.unit-of'
  | 'net.in-container'
  | 'net.over'
  | 'net.driver'
  | 'net.usb-at'
  | 'policy.takeover-over'

/** Words around a name that somebody else chose: the name stays apart, marked and isolated. */
export function named({ t }: Pick<Text, 't'>, key: NamedKey, name: RawText): ReactNode {
  // The placeholder of the sentence, cut out: the name itself never enters the translation.
  const mark = '\u0001'
  const [before = '', after = ''] = t(key, {
    name: mark,
    id: mark,
    driver: mark,
    path: mark,
  }).split(mark)
  return (
    <span className="named">
      <span className="muted">{before}</span>
      <RawTextView text={name} isPlain />
      <span className="muted">{after}</span>
    </span>
  )
}
