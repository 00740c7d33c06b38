/** A target as it is typed, and as the console takes it. Pure. */
import type { NewTarget, Target, TargetSettings } from '../../api/contract-forwarding.ts'

export type TargetKind = TargetSettings['kind']

/** All fields of all kinds, flat: a form keeps what was typed when the kind changes. */
export interface TargetFields {
  readonly name: string
  readonly kind: TargetKind
  readonly content: 'headline' | 'facts'
  readonly language: 'zh' | 'en'
  readonly events: NewTarget['events']
  readonly severities: NewTarget['severities']
  readonly host: string
  readonly port: number | null
  readonly isPlain: boolean
  readonly protection: 'starttls' | 'tls' | 'none'
  readonly ca: string
  readonly clientCertificate: string
  readonly url: string
  readonly folder: string
  readonly fileMegabytesMax: number | null
  readonly filesMax: number | null
  readonly heartbeatSeconds: number | null
  readonly user: string
  readonly from: string
  readonly to: string
  readonly password: string
  readonly hmacKey: string
  readonly clientKey: string
  readonly reason: string
}

/** The port that a kind has where nobody says otherwise: RFC 5425, RFC 6409, RFC 8314. */
export function usualPort(kind: TargetKind, protection: TargetFields['protection']): number {
  if (kind === 'smtp') return protection === 'tls' ? 465 : protection === 'starttls' ? 587 : 25
  return 6514
}

/** Returns the fields of a new target. */
export function emptyFields(): TargetFields {
  return {
    name: '',
    kind: 'syslog',
    content: 'headline',
    language: 'zh',
    events: ['violation', 'violation-ended', 'violation-handled'],
    severities: [],
    host: '',
    port: 6514,
    isPlain: false,
    protection: 'starttls',
    ca: '',
    clientCertificate: '',
    url: 'https://',
    folder: '',
    fileMegabytesMax: 64,
    filesMax: 10,
    heartbeatSeconds: 60,
    user: '',
    from: '',
    to: '',
    password: '',
    hmacKey: '',
    clientKey: '',
    reason: '',
  }
}

/** Returns the fields of a target that is there; its secrets stay where they are. */
export function fieldsOf({ settings, ...target }: Target): TargetFields {
  const { name, content, language, events, severities } = target
  const base = { ...emptyFields(), name, content, language, events, severities }
  switch (settings.kind) {
    case 'syslog':
    case 'json-lines': {
      const { protection, ...rest } = settings
      return { ...base, ...rest, isPlain: protection === 'tcp' }
    }
    case 'smtp':
      return { ...base, ...settings, to: settings.to.join('\n') }
    case 'json-file':
    case 'folder':
    case 'webhook':
      return { ...base, ...settings }
  }
}

/** Returns what the console is asked for. Secrets that were left empty stay as they are. */
export function draftOf(fields: TargetFields, types: readonly string[] = []): NewTarget {
  const { name, content, language, events, severities, reason } = fields
  const secrets = {
    ...(fields.password === '' ? {} : { password: fields.password }),
    ...(fields.hmacKey === '' ? {} : { hmacKey: fields.hmacKey }),
    ...(fields.clientKey === '' ? {} : { clientKey: `${fields.clientKey.trim()}\n` }),
  }
  return {
    name: name.trim(),
    content,
    language,
    events,
    severities,
    types: [...types],
    settings: settingsOf(fields),
    secrets,
    reason: reason.trim(),
  }
}

function settingsOf(fields: TargetFields): TargetSettings {
  const { kind } = fields
  const tls = { ca: fields.ca.trim(), clientCertificate: fields.clientCertificate.trim() }
  switch (kind) {
    case 'syslog':
    case 'json-lines':
      return {
        kind,
        host: fields.host.trim(),
        port: fields.port ?? 6514,
        protection: fields.isPlain ? 'tcp' : 'tls',
        ...tls,
      }
    case 'webhook':
      return { kind, url: fields.url.trim(), ...tls }
    case 'smtp':
      return {
        kind,
        host: fields.host.trim(),
        port: fields.port ?? usualPort(kind, fields.protection),
        protection: fields.protection,
        ca: tls.ca,
        user: fields.user.trim(),
        from: fields.from.trim(),
        to: fields.to.split(/[\s,;，；]+/).filter((one) => one !== ''),
      }
    case 'json-file':
      return {
        kind,
        folder: fields.folder.trim(),
        fileMegabytesMax: fields.fileMegabytesMax ?? 64,
        filesMax: fields.filesMax ?? 10,
      }
    case 'folder':
      return { kind, folder: fields.folder.trim(), heartbeatSeconds: fields.heartbeatSeconds ?? 60 }
  }
}

/** Returns where a target sends to, for a list. */
export function placeOf(settings: TargetSettings): string {
  switch (settings.kind) {
    case 'syslog':
    case 'json-lines':
    case 'smtp':
      return `${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${settings.port}`
    case 'webhook':
      return settings.url
    case 'json-file':
    case 'folder':
      return settings.folder
  }
}
