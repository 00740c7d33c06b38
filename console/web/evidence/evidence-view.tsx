/** Evidence as tables: field names in words, values exact, hostile text never more than text. */
import type { InterfaceAddress, UsbInterface } from '@shoukou/protocol/events/shapes.ts'
import { LEVELS } from '@shoukou/protocol/levels.ts'
import type { Confidence } from '@shoukou/protocol/network/shapes.ts'
import type { ReactNode } from 'react'
import { agentWords } from '../computers/agent-words.ts'
import { type MessageKey, type Text, useText } from '../i18n/use-text.ts'
import { PassportTable } from '../media/passport-table.tsx'
import { ruleWords } from '../media/rule-word.tsx'
import { ConfidenceWord, PeerView, protocolName } from '../network/network-words.tsx'
import { CopyButton } from '../show/copy-button.tsx'
import { formatBytes, formatCount, formatDuration } from '../show/format.ts'
import { LevelTag } from '../show/level-tag.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView } from '../show/time-view.tsx'
import { type EvidenceRow, type EvidenceSection, evidenceSections, isRawBytes } from './evidence-sections.ts'
import { listTable } from './list-tables.tsx'
import { NetworkSection } from './network-section.tsx'
import { isPeer } from './network-views.ts'
import { usbClassName } from './usb-class.ts'

/** A number of ms beyond this is a moment, below it a duration: the year 2001. */
const momentMsMin = 1_000_000_000_000
const emptySerials = new Set([
  '',
  '0',
  '000000000000',
  '000000000001',
  '001',
  '0123456789ABCDEF',
  'ffffffffffffffff',
])

/** What the kernel numbers; any other number is the register's. */
const devicesWithNumbers = new Set(['device', 'disk', 'mount', 'before'])

/** Fields that are null for a reason of their own, not because it could not be read. */
const unsaidKeys: Readonly<Record<string, MessageKey>> = {
  disk: 'evidence.no-disk-yet',
  serial: 'evidence.no-serial',
  reason: 'value.none',
  remedy: 'value.none',
  renamedFrom: 'value.none',
  linkKind: 'value.none',
  usbPath: 'value.none',
  gateway: 'value.none',
  previousEpoch: 'value.none',
  previousSeq: 'value.none',
  setAside: 'value.none',
  detail: 'value.none',
  id: 'value.none',
  level: 'value.none',
  passport: 'seen.not-examined',
  exposedMs: 'evidence.not-measured',
  container: 'value.none',
  text: 'value.none',
  expected: 'value.none',
  program: 'value.none',
  before: 'value.none',
  peer: 'value.none',
  peerMac: 'value.none',
  sinceWallMs: 'evidence.before-agent',
  unit: 'value.none',
  order: 'value.none',
  tether: 'value.none',
  lowerIndex: 'value.none',
  masterIndex: 'value.none',
  endedAtMs: 'value.none',
  line: 'value.none',
  seat: 'value.none',
  remoteHost: 'value.none',
  uid: 'value.none',
  closedWallMs: 'value.none',
}

export function EvidenceView({ evidence }: { readonly evidence: unknown }): ReactNode {
  const text = useText()
  const sections = evidenceSections(evidence)
  if (sections.length === 0) return <p className="muted">{text.t('evidence.none')}</p>
  return (
    <div className="evidence" data-testid="evidence">
      {sections.map((section) => (
        <Section key={section.path.join('/')} section={section} />
      ))}
    </div>
  )
}

function Section({ section }: { readonly section: EvidenceSection }): ReactNode {
  const text = useText()
  const inside = section.path.at(-1) ?? ''
  // A device of any bus: only one that is told by its port is a USB device.
  const isBusDevice = inside === 'device' && section.rows.some(({ key }) => key === 'busPath')
  const title = isBusDevice
    ? text.t('field.busDevice')
    : section.path.map((name) => sectionName(text, name)).join(' › ')
  if (section.network !== undefined) return <NetworkSection title={title} view={section.network} />
  if (section.passport !== undefined) {
    return (
      <section className="evidence-passport">
        <h4>{title}</h4>
        <PassportTable passport={section.passport} />
      </section>
    )
  }
  return (
    <table className="facts">
      {title !== '' && <caption>{title}</caption>}
      <tbody>
        {section.rows.map((row) => (
          <tr key={row.key}>
            <th scope="row">{fieldName(text, row, inside)}</th>
            <td>
              <ValueView row={row} inside={inside} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

interface ValueProps {
  readonly row: EvidenceRow
  /** The section that it stands in: the same word means another thing in a seal and in a grant. */
  readonly inside: string
}

function ValueView({ row, inside }: ValueProps): ReactNode {
  const text = useText()
  const { t, tryT, language } = text
  const { key, value } = row
  if (value === null && isRegisterNumber(key, inside))
    return <span className="muted">{t('present.not-registered')}</span>
  if (value === null || value === undefined)
    return <span className="muted">{t(unsaidKeys[key] ?? 'value.unknown')}</span>
  if (typeof value === 'boolean') return value ? t('value.yes') : t('value.no')
  if (key === 'protocol' && typeof value === 'number') return protocolName(value)
  if (typeof value === 'number') {
    if (/(bytes|Bytes)$/.test(key)) return formatBytes(value, language)
    if (!/(Ms|At)$/.test(key))
      return /^(bus|device|pid|uid|port|table|index|\w+Index)$/.test(key)
        ? value
        : formatCount(value, language)
    return value >= momentMsMin ? <TimeView ms={value} /> : formatDuration(value, language)
  }
  if (key === 'confidence' && isConfidence(value)) return <ConfidenceWord confidence={value} />
  if (key === 'rule' && typeof value === 'string')
    return ruleWords(text, value) ?? <span className="mono">{value}</span>
  if (key === 'descriptors' && typeof value === 'string') return <Descriptors base64={value} />
  if (typeof value === 'string') {
    const level = LEVELS.find((one) => one === value)
    if (level !== undefined && /^(level|hostLevel)$/.test(key)) return <LevelTag level={level} />
    const words =
      tryT(`value.${inside}.${key}.${value}`) ??
      tryT(`value.${key}.${value}`) ??
      (key === 'cause' ? ruleWords(text, value) : null)
    if (words !== null) return words
    if (key === 'reason' || key === 'remedy' || key === 'detail') {
      const known = agentWords(text, value)
      if (known !== value) return known
    }
    return (
      <>
        <RawTextView text={value} />
        {key === 'serial' && emptySerials.has(value) && (
          <span className="note"> {t('evidence.serial-placeholder')}</span>
        )}
      </>
    )
  }
  if (isPeer(value)) return <PeerView peer={value} />
  if (isRawBytes(value)) return <RawTextView text={value} />
  if (Array.isArray(value)) return <ListView name={key} items={value} />
  return <RawTextView text={JSON.stringify(value)} />
}

function ListView({ name, items }: { readonly name: string; readonly items: readonly unknown[] }): ReactNode {
  const { t } = useText()
  if (items.length === 0) return <span className="muted">{t('value.none')}</span>
  const table = listTable(name, items)
  if (table !== null) return table
  return <PlainList name={name} items={items} />
}

function PlainList({
  name,
  items,
}: {
  readonly name: string
  readonly items: readonly unknown[]
}): ReactNode {
  const { t, tryT } = useText()
  return (
    <ul className="value-list">
      {items.map((item, at) => (
        <li key={at}>
          {name === 'interfaces' && isUsbInterface(item) ? (
            <>
              {t(`usb.class.${usbClassName(item)}`)}{' '}
              <span className="mono muted">
                {item.class}:{item.subclass}:{item.protocol}
              </span>
            </>
          ) : name === 'addresses' && isAddress(item) ? (
            <>
              <bdi className="mono">
                {item.address}/{item.prefixLength}
              </bdi>{' '}
              <span className="muted">{t(`value.scope.${item.scope}`)}</span>
            </>
          ) : (
            ((name === 'functions' ? tryT(`usb.function.${String(item)}`) : null) ?? (
              <RawTextView
                text={typeof item === 'string' || isRawBytes(item) ? item : JSON.stringify(item)}
              />
            ))
          )}
        </li>
      ))}
    </ul>
  )
}

function Descriptors({ base64 }: { readonly base64: string }): ReactNode {
  const { t, language } = useText()
  const bytes = Math.floor((base64.replaceAll('=', '').length * 3) / 4)
  return (
    <details>
      <summary>{t('evidence.descriptors', { bytes: formatCount(bytes, language) })}</summary>
      <code className="mono wrap">{base64}</code> <CopyButton text={base64} />
    </details>
  )
}

function fieldName(text: Text, { key, value }: EvidenceRow, inside: string): ReactNode {
  // A USB device has a number of the same name, and a medium is also what is plugged in.
  if (key === 'medium' && text.tryT(`value.medium.${String(value)}`) !== null)
    return text.t('field.linkMedium')
  if (key === 'device' && typeof value === 'number') return text.t('field.deviceNumber')
  // The mount point of a mount is a text; an address that was asked is one end of a connection.
  if (key === 'target' && isPeer(value)) return text.t('field.probeTarget')
  if (isRegisterNumber(key, inside)) return text.t('field.mediumNumber')
  return text.tryT(`field.${key}`) ?? <RawTextView text={key} isPlain />
}

function isRegisterNumber(key: string, inside: string): boolean {
  return key === 'number' && !devicesWithNumbers.has(inside)
}

function sectionName(text: Text, name: string): string {
  const [key = name, number] = name.split('.')
  const words = text.tryT(`field.${key}`) ?? key
  return number === undefined ? words : `${words} ${number}`
}

function isConfidence(value: unknown): value is Confidence {
  return value === 'attempt' || value === 'link-up' || value === 'confirmed-reachability'
}

function isUsbInterface(value: unknown): value is UsbInterface {
  return typeof value === 'object' && value !== null && 'subclass' in value && 'protocol' in value
}

function isAddress(value: unknown): value is InterfaceAddress {
  return typeof value === 'object' && value !== null && 'prefixLength' in value && 'scope' in value
}
