/**
 * Enrols this computer: one token, one HTTPS exchange with the console that the token names, and an identity at the
 * end. Nothing is written before the whole answer has been checked.
 */
import { hostname } from 'node:os'
import {
  type Baseline,
  type EnrolmentAnswer,
  EnrolmentAnswerSchema,
  type EnrolmentRequest,
  type HardwareFact,
  PRODUCT_VERSION,
  parseEnrolmentToken,
  ShoukouError,
} from '@shoukou/protocol'
import { checkOf } from '@shoukou/protocol/schema-check.ts'
import { stateFolder } from '../base/state-folder.ts'
import { makeStateFolder, takeStateLock } from '../base/state-lock.ts'
import { askConsole } from './ask-console.ts'
import { makeKeyAndRequest } from './certificate-request.ts'
import { type ConsoleAddress, findAuthority } from './find-authority.ts'
import { assertMayEnrol, storeEnrolment } from './store-enrolment.ts'

const answerCheck = checkOf(EnrolmentAnswerSchema)

export interface EnrolOptions {
  readonly consoleUrl: string
  readonly token: string
  readonly stateDir: string
  readonly takeBaseline: () => Promise<Baseline>
  /** Names the machine; left out where this agent does not tell. */
  readonly readHardware?: () => Promise<readonly HardwareFact[]>
  /** Makes the empty journal in its folder: from now on a missing one is a lost one. */
  readonly makeJournal: (folder: string) => Promise<unknown>
  /** Give up an existing identity: everything of it is set aside, not deleted. */
  readonly force?: boolean
}

export interface Enrolled {
  readonly agent: string
  readonly computer: string
  readonly host: string
  readonly agentPort: number
  readonly policyVersion: number
  readonly baseline: Baseline
  /** Where an earlier identity and its journal went. */
  readonly setAside: string | null
}

/**
 * Enrols.
 *
 * @throws ShoukouError `token-refused`, `authority-mismatch`, `request-refused`, `config-invalid` for the address or
 * an existing identity, `journal-locked` while an agent runs on the folder.
 */
export async function enrol(options: EnrolOptions): Promise<Enrolled> {
  const token = parseEnrolmentToken(options.token)
  const address = parseConsoleUrl(options.consoleUrl)
  const folder = stateFolder(options.stateDir)
  await makeStateFolder(folder)
  const lock = takeStateLock(folder)
  try {
    await assertMayEnrol(folder, options.force === true)
    const authority = await reach(address, () => findAuthority(address, token.authorityFingerprint))
    const baseline = await options.takeBaseline()
    const hardware = await options.readHardware?.()
    const { key, request } = await makeKeyAndRequest()
    const answer = await reach(address, () =>
      postRequest(address, authority, {
        v: 1,
        secret: token.secret,
        certificateRequest: request,
        agentVersion: PRODUCT_VERSION,
        hostname: hostname(),
        baseline,
        hardware: hardware === undefined ? null : [...hardware],
      }),
    )
    const { host } = address
    const { policyVersion, setAside } = await storeEnrolment(
      folder,
      { answer, key, authority, host, consoleUrl: options.consoleUrl },
      options.makeJournal,
    )
    const { agent, computer, agentPort } = answer
    return { agent, computer, host, agentPort, policyVersion, baseline, setAside }
  } finally {
    lock.release()
  }
}

/** Reads a console's web address. @throws ShoukouError `config-invalid`. */
export function parseConsoleUrl(text: string): ConsoleAddress {
  const url = URL.parse(text)
  if (url === null || url.protocol !== 'https:' || url.hostname === '') {
    throw new ShoukouError(
      'config-invalid',
      `${JSON.stringify(text)} is not a console's address; it looks like https://console.example:8443.`,
    )
  }
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: url.port === '' ? 443 : Number(url.port) }
}

/** Words what kept the console from answering. */
async function reach<T>({ host, port }: ConsoleAddress, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    if (cause instanceof ShoukouError) throw cause
    const reason =
      cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : String(cause)
    if (reason === 'ERR_TLS_CERT_ALTNAME_INVALID') {
      throw new ShoukouError(
        'authority-mismatch',
        `The console's certificate does not hold the name ${host}; use a name that it holds, or start the console with --name ${host}.`,
        { cause, context: { host, port, isOtherName: true } },
      )
    }
    throw new ShoukouError(
      'console-unreachable',
      `No console answers at ${host}:${port} (${reason}); check the address, and whether the console runs.`,
      { cause, context: { host, port, reason } },
    )
  }
}

async function postRequest(
  address: ConsoleAddress,
  authority: string,
  body: EnrolmentRequest,
): Promise<EnrolmentAnswer> {
  const value = await askConsole({ address, authority, path: '/api/enroll', body })
  if (answerCheck.Check(value)) return value
  throw new ShoukouError(
    'malformed-frame',
    'The console answered, but not as an enrolment is answered; are both of the same version?',
  )
}
