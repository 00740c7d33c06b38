/**
 * What an agent says about its sensors, in the reader's language: pure. Agents word reasons and remedies in English;
 * what is not known here stands as the agent said it, because a sentence lost is worse than one in English.
 */
import type { MessageKey, Text } from '../i18n/use-text.ts'
import { networkSentences } from './agent-network-words.ts'

export interface Sentence {
  readonly pattern: RegExp
  readonly key: MessageKey
}

const detail = '(?<detail>[^]*)'
const sentences: readonly Sentence[] = [
  { pattern: /^this kernel has no USB bus$/, key: 'says.no-usb-bus' },
  { pattern: new RegExp(`^kernel uevents cannot be received: ${detail}$`), key: 'says.uevents' },
  { pattern: new RegExp(`^rtnetlink (?:cannot be used|failed): ${detail}$`), key: 'says.rtnetlink' },
  { pattern: new RegExp(`^the mount table cannot be (?:read|watched): ${detail}$`), key: 'says.mount-table' },
  { pattern: new RegExp(`^inotify cannot be used: ${detail}$`), key: 'says.inotify' },
  { pattern: /^more than (?<detail>\d+) folders$/, key: 'says.too-many-folders' },
  { pattern: /^a folder on a medium may not be read$/, key: 'says.folder-refused' },
  { pattern: new RegExp(`^sessions are not seen: ${detail}$`), key: 'says.no-sessions' },
  {
    pattern: /^create \/run\/utmp \(systemd-tmpfiles --create\), or run systemd-logind$/,
    key: 'says.no-sessions-remedy',
  },
  { pattern: /^more than (?<detail>\d+) sessions at once$/, key: 'says.sessions-cut' },
  { pattern: new RegExp(`^sessions are looked at from time to time: ${detail}$`), key: 'says.sessions-slow' },
  { pattern: new RegExp(`^usb-detection is not there: ${detail}$`), key: 'says.no-usb-detection' },
  { pattern: new RegExp(`^The sensor failed: ${detail}$`), key: 'says.sensor-failed' },
  { pattern: /^(?<detail>\/\S+ cannot be read \(\w+\))$/, key: 'says.unreadable' },
  { pattern: /^needs a koffi build for this processor$/, key: 'says.koffi' },
  {
    pattern: /^needs a koffi build for this processor and permission to open AF_NETLINK sockets$/,
    key: 'says.koffi-netlink',
  },
  {
    pattern: /^raise fs\.inotify\.max_user_instances; needs a koffi build for this processor$/,
    key: 'says.koffi-inotify',
  },
  {
    pattern: /^raise fs\.inotify\.max_user_watches and fs\.inotify\.max_user_instances$/,
    key: 'says.raise-inotify',
  },
  {
    pattern: /^raise fs\.inotify\.max_user_watches, or configure folders that can be read$/,
    key: 'says.raise-watches',
  },
  { pattern: /^needs (?<detail>CAP_[A-Z_]+(?:(?:,| and) CAP_[A-Z_]+)*)$/, key: 'says.capability' },
  { pattern: /^mount (?:procfs and sysfs|sysfs and procfs)$/, key: 'says.mount-proc-sys' },
  { pattern: /^mount sysfs where the agent reads it$/, key: 'says.mount-sys' },
  { pattern: /^restart the agent$/, key: 'says.restart' },
  {
    pattern: /^It is started again by itself; if it keeps failing, see the log\.$/,
    key: 'says.started-again',
  },
  {
    pattern: /^Mount cgroup2, for example with the kernel parameter systemd\.unified_cgroup_hierarchy=1\.$/,
    key: 'says.cgroup2',
  },
  {
    pattern: /^The disk must be there, and the device guard must let the agent open it\.$/,
    key: 'says.disk-must-be-open',
  },
  { pattern: /^The kernel needs the loop driver\.$/, key: 'says.loop-driver' },
  { pattern: new RegExp(`^media control: ${detail}$`), key: 'says.media-control' },
  { pattern: /^See the log of the agent\.$/, key: 'says.see-agent-log' },
  {
    pattern: /^Write neighbouring ports as ranges, and networks instead of addresses\.$/,
    key: 'says.fewer-rules',
  },
  {
    pattern: /^Take watchConnections out of agent\.json and start the agent again\.$/,
    key: 'says.watch-connections',
  },
  { pattern: /^Give the agent more memory\.$/, key: 'says.more-memory' },
  { pattern: /^needs CAP_NET_ADMIN and a kernel with nfnetlink_log$/, key: 'says.nfnetlink-log' },
  { pattern: /^released at the computer$/, key: 'says.released-there' },
  { pattern: /^see the control\.state records of this computer$/, key: 'says.see-control-state' },
]

/** Returns the sentence in the reader's language, or several of them; what is not known, as it came. */
export function agentWords(text: Pick<Text, 't'>, said: string): string {
  // Several lacks stand in one text: each sentence with its full stop, or behind a semicolon.
  const parts = said.split(/(?<=\.)\s+|; /)
  const words = parts.map((part) => sentenceWords(text, part))
  const whole = words.includes(null) ? sentenceWords(text, said) : null
  if (whole !== null) return whole
  if (words.every((one) => one === null)) return said
  return parts.map((part, at) => words[at] ?? part).join(text.t('control.part-join'))
}

function sentenceWords({ t }: Pick<Text, 't'>, said: string): string | null {
  for (const { pattern, key } of [...sentences, ...networkSentences]) {
    const match = pattern.exec(said)
    if (match === null) continue
    const groups = Object.entries(match.groups ?? {}).map(([name, value]) => [name, value ?? ''])
    return t(key, { detail: '', ...Object.fromEntries(groups) })
  }
  return null
}
