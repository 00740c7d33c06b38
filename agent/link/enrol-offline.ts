/**
 * Enrols a computer that no network reaches: a request is written to a file, and its answer taken from one. The checks
 * are those of the other way (`store-enrolment.ts`); what proves the console is the mark that a person types.
 *
 * Between the two, the private keys wait in the state folder. A second request makes the first one's answer worthless.
 */
import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import {
  type Baseline,
  type HardwareFact,
  makeSealingKey,
  type OfflineRequest,
  openOfflineAnswer,
  PRODUCT_VERSION,
  ShoukouError,
} from '@shoukou/protocol'
import { Type } from 'typebox'
import { stateFile } from '../base/state-file.ts'
import { stateFolder } from '../base/state-folder.ts'
import { makeStateFolder, takeStateLock } from '../base/state-lock.ts'
import { makeKeyAndRequest } from './certificate-request.ts'
import { type Enrolled, parseConsoleUrl } from './enrol.ts'
import { assertMayEnrol, storeEnrolment } from './store-enrolment.ts'

const pendingFile = stateFile(
  Type.Object(
    {
      v: Type.Literal(1),
      request: Type.String({ maxLength: 64 }),
      /** PKCS #8, PEM: of the certificate, and of the answer's seal. */
      key: Type.String({ maxLength: 4_096 }),
      sealKey: Type.String({ maxLength: 4_096 }),
    },
    { additionalProperties: false },
  ),
)

export interface OfflineRequestOptions {
  readonly stateDir: string
  readonly takeBaseline: () => Promise<Baseline>
  /** Left out where this computer is set not to tell which machine it is. */
  readonly readHardware?: () => Promise<readonly HardwareFact[]>
  readonly force?: boolean
}

/**
 * Makes a request; its keys are on the disk before it is returned.
 *
 * @throws ShoukouError `config-invalid` where this computer is enrolled, `journal-locked`.
 */
export async function requestOffline(options: OfflineRequestOptions): Promise<OfflineRequest> {
  const folder = stateFolder(options.stateDir)
  await makeStateFolder(folder)
  const lock = takeStateLock(folder)
  try {
    await assertMayEnrol(folder, options.force === true)
    const baseline = await options.takeBaseline()
    const hardware = await options.readHardware?.()
    const { key, request: certificateRequest } = await makeKeyAndRequest()
    const seal = makeSealingKey()
    const request = randomUUID()
    await pendingFile.write(folder.requestFile, { v: 1, request, key, sealKey: seal.privateKey })
    return {
      v: 1,
      type: 'enrolment-request',
      request,
      certificateRequest,
      agentVersion: PRODUCT_VERSION,
      hostname: hostname(),
      baseline,
      hardware: hardware === undefined ? null : [...hardware],
      sealTo: seal.publicKey,
    }
  } finally {
    lock.release()
  }
}

export interface OfflineAnswerOptions {
  readonly stateDir: string
  readonly answer: Uint8Array
  /** As typed: the console's mark. */
  readonly mark: string
  readonly makeJournal: (folder: string) => Promise<unknown>
  readonly force?: boolean
}

/**
 * Takes the answer to the last request.
 *
 * @throws ShoukouError `bundle-refused` where it is not one for this request or not of the console whose mark was typed,
 * and what every enrolment throws; then nothing was stored and the request stays good.
 */
export async function answerOffline(
  options: OfflineAnswerOptions,
): Promise<Omit<Enrolled, 'baseline'> & { readonly consoleUrl: string }> {
  const folder = stateFolder(options.stateDir)
  await makeStateFolder(folder)
  const lock = takeStateLock(folder)
  try {
    await assertMayEnrol(folder, options.force === true)
    const pending = await pendingFile.peek(folder.requestFile)
    if (pending === null || pending === 'damaged') {
      throw new ShoukouError(
        'config-invalid',
        `No request waits for an answer in ${folder.root}; make one first: shoukou-agent enroll --request-to DIR`,
      )
    }
    const { answer, consoleUrl } = openOfflineAnswer(options.answer, pending, options.mark)
    const { host } = parseConsoleUrl(consoleUrl)
    const stored = await storeEnrolment(
      folder,
      { answer, key: pending.key, authority: answer.authority, host, consoleUrl },
      options.makeJournal,
    )
    await rm(folder.requestFile)
    const { agent, computer, agentPort } = answer
    return { agent, computer, host, agentPort, consoleUrl, ...stored }
  } finally {
    lock.release()
  }
}
