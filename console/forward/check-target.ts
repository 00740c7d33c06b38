/** Whether a target's settings may be, beyond their shape. Pure. */
import { createPrivateKey } from 'node:crypto'
import { isAbsolute } from 'node:path'
import { createSecureContext } from 'node:tls'
import { parseAddress, ShoukouError } from '@shoukou/protocol'
import { FORWARD_LIMITS } from './limits.ts'
import type { SecretName, TargetDraft, TargetSettings } from './ports.ts'

/** Which secrets a kind knows. */
export const SECRETS_BY_KIND: Readonly<Record<TargetSettings['kind'], readonly SecretName[]>> = {
  syslog: ['clientKey'],
  'json-lines': ['clientKey'],
  'json-file': [],
  webhook: ['hmacKey', 'clientKey'],
  smtp: ['password'],
  folder: [],
}

const hmacKeyCharactersMin = 16
const mailAddress = /^[^\s@<>"(),:;\\[\]\u0000-\u001f\u007f]{1,64}@[A-Za-z0-9.-]{1,253}$/u
const hostName =
  /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$/

/** @throws ShoukouError `invalid-request`, naming what is wrong and how it should be. */
export function checkDraft(draft: TargetDraft, known: readonly SecretName[]): void {
  if (draft.name.trim() === '') throw refused('Give the target a name.')
  if (draft.events.length === 0) throw refused('Choose at least one kind of event to be forwarded.')
  for (const name of Object.keys(draft.secrets)) {
    if (!SECRETS_BY_KIND[draft.settings.kind].some((one) => one === name))
      throw refused(`A target of this kind has no secret "${name}".`)
  }
  const has = (name: SecretName): boolean =>
    draft.secrets[name] === undefined ? known.includes(name) : draft.secrets[name] !== ''
  checkSettings(draft.settings, has)
  const { clientKey, hmacKey } = draft.secrets
  if (clientKey !== undefined && clientKey !== '') checkKey(clientKey)
  if (hmacKey !== undefined && hmacKey !== '' && hmacKey.length < hmacKeyCharactersMin)
    throw refused(`The signing key has at least ${hmacKeyCharactersMin} characters.`)
}

function checkSettings(settings: TargetSettings, has: (name: SecretName) => boolean): void {
  switch (settings.kind) {
    case 'syslog':
    case 'json-lines':
      checkHost(settings.host)
      checkCertificates(settings.ca)
      checkClient(settings.clientCertificate, has)
      return
    case 'webhook':
      checkUrl(settings.url)
      checkCertificates(settings.ca)
      checkClient(settings.clientCertificate, has)
      if (!has('hmacKey'))
        throw refused('A webhook needs a signing key: without it the receiver believes anybody.')
      return
    case 'smtp':
      checkHost(settings.host)
      checkCertificates(settings.ca)
      for (const address of [settings.from, ...settings.to])
        if (!mailAddress.test(address)) throw refused(`"${address}" is not a mail address.`)
      if (settings.user !== '' && settings.protection === 'none')
        throw refused('A password is not sent over a connection without TLS; choose STARTTLS or TLS.')
      if (settings.user !== '' && !has('password')) throw refused('Give the password of the mail account.')
      return
    case 'json-file':
    case 'folder':
      if (!isAbsolute(settings.folder)) throw refused('Name the folder by its whole path, beginning with /.')
      return
  }
}

function checkHost(host: string): void {
  if (parseAddress(host) === null && !hostName.test(host))
    throw refused(`"${host}" is neither a host name nor an address.`)
}

function checkUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || url.protocol !== 'https:')
    throw refused('The address of a webhook begins with https://.')
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    throw refused('The address of a webhook carries no name, password or fragment.')
}

function checkCertificates(pem: string): void {
  if (pem === '') return
  try {
    createSecureContext({ ca: pem, cert: pem })
  } catch (cause) {
    throw refused('The authority is not a certificate in PEM.', cause)
  }
}

function checkClient(certificate: string, has: (name: SecretName) => boolean): void {
  if (certificate === '') return
  checkCertificates(certificate)
  if (!has('clientKey')) throw refused('Give the key of the client certificate too.')
}

function checkKey(pem: string): void {
  try {
    createPrivateKey(pem)
  } catch (cause) {
    throw refused(
      'The key of the client certificate is not a private key in PEM without a passphrase.',
      cause,
    )
  }
}

function refused(message: string, cause?: unknown): ShoukouError {
  return new ShoukouError('invalid-request', message, cause === undefined ? {} : { cause })
}

/** @throws ShoukouError `limit-exceeded` */
export function checkCount(targets: number): void {
  if (targets < FORWARD_LIMITS.targetsMax) return
  throw new ShoukouError('limit-exceeded', `There are ${targets} targets already; remove one first.`)
}
