/**
 * Enrols this computer: one token, one HTTPS exchange with the console that the token names, and an identity at the
 * end. Nothing is written before the whole answer has been checked.
 */

import { rename, rmdir } from 'node:fs/promises'
import { request as httpsRequest } from 'node:https'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'
import {
  type Baseline,
  type EnrolmentAnswer,
  EnrolmentAnswerSchema,
  type EnrolmentRequest,
  ERROR_CODES,
  type ErrorCode,
  judgeCeiling,
  LIMITS,
  PRODUCT_VERSION,
  parseEnrolmentToken,
  readCeiling,
  ShoukouError,
  sayBeyond,
  showRawText,
} from '@shoukou/protocol'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { isErrno, makeFolder, syncFolder } from '../base/atomic-file.ts'
import { type StateFolder, stateFolder } from '../base/state-folder.ts'
import { makeStateFolder, takeStateLock } from '../base/state-lock.ts'
import { judgePolicy } from '../policy/accept-policy.ts'
import { writeCeiling } from './ceiling-store.ts'
import { isCertificateFor, makeKeyAndRequest } from './certificate-request.ts'
import { type ConsoleAddress, findAuthority } from './find-authority.ts'
import { type Identity, readIdentity, writeIdentity, writeSpokenKey } from './identity.ts'
import { writePolicy } from './policy-store.ts'

const answerCheck = Compile(EnrolmentAnswerSchema)

export interface EnrolOptions {
  readonly consoleUrl: string
  readonly token: string
  readonly stateDir: string
  readonly takeBaseline: () => Promise<Baseline>
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
    const isEnrolled = await hasIdentity(folder)
    if (isEnrolled && options.force !== true) {
      throw new ShoukouError(
        'config-invalid',
        `This computer is already enrolled (${folder.identity}); with --force a new identity is made, and the old one is set aside with its journal.`,
        { context: { enrolled: folder.identity } },
      )
    }
    const authority = await reach(address, () => findAuthority(address, token.authorityFingerprint))
    const baseline = await options.takeBaseline()
    const { key, request } = await makeKeyAndRequest()
    const answer = await reach(address, () =>
      postRequest(address, authority, {
        v: 1,
        secret: token.secret,
        certificateRequest: request,
        agentVersion: PRODUCT_VERSION,
        hostname: hostname(),
        baseline,
      }),
    )
    const policyVersion = checkAnswer(answer, { key, authority })
    const setAside = await setOldAside(folder)
    await options.makeJournal(folder.journal)
    const { ceiling } = answer
    if (ceiling !== undefined) await writeCeiling(folder, ceiling, 'enrolment')
    const marks = ceiling === undefined ? {} : { ceilingVersion: readCeiling(ceiling)?.version ?? 0 }
    await writePolicy(folder, answer.policy, policyVersion, marks)
    const { agent, computer, certificate, policyKey, agentPort } = answer
    const { host } = address
    const identity: Identity = {
      v: 1,
      agent,
      computer,
      host,
      agentPort,
      consoleUrl: options.consoleUrl,
      key,
      certificate,
      authority,
      policyKey,
    }
    await makeFolder(folder.identity)
    if (answer.spokenKey !== undefined) await writeSpokenKey(folder, answer.spokenKey)
    await writeIdentity(folder, identity)
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

async function hasIdentity(folder: StateFolder): Promise<boolean> {
  try {
    return (await readIdentity(folder)) !== null
  } catch (fault) {
    // A damaged identity is one, too: only --force goes over it.
    if (fault instanceof ShoukouError) return true
    throw fault
  }
}

function checkAnswer(
  answer: EnrolmentAnswer,
  ours: { readonly key: string; readonly authority: string },
): number {
  if (!isCertificateFor(answer.certificate, ours.key, ours.authority)) {
    throw new ShoukouError(
      'request-refused',
      'The console answered with a certificate that is not for this key; nothing was stored.',
    )
  }
  const ceiling = answer.ceiling === undefined ? null : judgeCeiling(answer.ceiling, null)
  if (ceiling !== null && ceiling.kind !== 'accepted') {
    throw new ShoukouError(
      'ceiling-refused',
      'The console answered with a ceiling that is not signed by enough of its keys; nothing was stored.',
    )
  }
  const verdict = judgePolicy(answer.policy, {
    agent: answer.agent,
    policyKey: answer.policyKey,
    versionMax: 0,
    under: ceiling === null ? null : { ceiling: ceiling.ceiling, before: null, nowMs: Date.now() },
  })
  if (verdict.kind === 'refused' && verdict.reason !== 'bad-signature') {
    const beyond = verdict.beyond?.map((one) => sayBeyond(one, 'en')).slice(0, 4) ?? []
    throw new ShoukouError(
      'policy-refused',
      `The console answered with a policy that may not be (${verdict.reason}); nothing was stored. ${beyond.join(' ')}`.trim(),
    )
  }
  if (verdict.kind !== 'accepted') {
    throw new ShoukouError(
      'policy-refused',
      'The console answered with a policy whose signature does not hold; nothing was stored.',
    )
  }
  return verdict.policy.version
}

/** Moves what an earlier identity left into a folder of its own. Evidence is never deleted. */
async function setOldAside(folder: StateFolder): Promise<string | null> {
  const aside = join(folder.root, `before-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`)
  let moved: string | null = null
  for (const path of [
    folder.identity,
    folder.policy,
    folder.journal,
    folder.presentFile,
    folder.runFile,
    folder.controlFile,
  ]) {
    await makeFolder(aside)
    try {
      await rename(path, join(aside, basename(path)))
      moved = aside
    } catch (fault) {
      if (!isErrno(fault, 'ENOENT')) throw fault
    }
  }
  if (moved !== null) await syncFolder(aside)
  else await rmdir(aside)
  await syncFolder(folder.root)
  return moved
}

async function postRequest(
  address: ConsoleAddress,
  authority: string,
  body: EnrolmentRequest,
): Promise<EnrolmentAnswer> {
  const { status, text } = await post(address, authority, JSON.stringify(body))
  const value = parseJson(text)
  if (status === 200 || status === 201) {
    if (answerCheck.Check(value)) return value
    throw new ShoukouError(
      'malformed-frame',
      'The console answered, but not as an enrolment is answered; are both of the same version?',
    )
  }
  throw refusalOf(status, value)
}

function post(
  { host, port }: ConsoleAddress,
  authority: string,
  body: string,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      {
        host,
        port,
        path: '/api/enroll',
        method: 'POST',
        ca: authority,
        minVersion: 'TLSv1.3',
        agent: false,
        timeout: 30_000,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          accept: 'application/json',
        },
      },
      (response) => {
        const parts: Buffer[] = []
        let bytes = 0
        response.on('data', (part: Buffer) => {
          bytes += part.length
          if (bytes > answerBytesMax)
            request.destroy(new ShoukouError('limit-exceeded', 'The console answered too much.'))
          else parts.push(part)
        })
        response.once('error', reject)
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }),
        )
      },
    )
    request.once('timeout', () => request.destroy(new Error(`${host}:${port} does not answer in time`)))
    request.once('error', reject)
    request.end(body)
  })
}

const answerBytesMax = 2 * LIMITS.policyBytesMax

const refusalCheck = Compile(
  Type.Object({ error: Type.Object({ code: Type.String(), message: Type.String() }) }),
)

function refusalOf(status: number, value: unknown): ShoukouError {
  const told = refusalCheck.Check(value)
    ? value.error
    : { code: 'request-refused', message: `The console answered with status ${status}.` }
  const code = Object.hasOwn(ERROR_CODES, told.code) ? (told.code as ErrorCode) : 'request-refused'
  return new ShoukouError(code, showRawText(told.message.slice(0, 300)), {
    context: { status },
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (fault) {
    if (fault instanceof SyntaxError) return null
    throw fault
  }
}
