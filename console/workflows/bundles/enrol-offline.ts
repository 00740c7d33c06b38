/**
 * Enrols a computer that no network reaches: its request, handed in by somebody who may enrol, is answered as any other is;
 * the one-time token is made and used in one go.
 */
import {
  authorityMark,
  type EnrolmentAnswer,
  type EnrolmentRequest,
  encodeOfflineAnswer,
  type PolicySettings,
  parseEnrolmentToken,
  parseOfflineRequest,
} from '@shoukou/protocol'
import type { ConsoleKeys } from '../../pki/key-store.ts'
import type { Store } from '../../store/ports.ts'

export interface OfflineEnrolmentParts {
  readonly store: Store
  readonly keys: Pick<ConsoleKeys, 'authority'>
  readonly createToken: (
    token: { readonly number?: string | undefined; readonly settings?: PolicySettings | undefined },
    account: string,
  ) => Promise<{ readonly token: string }>
  readonly enrol: (request: EnrolmentRequest, address: string) => Promise<EnrolmentAnswer>
  readonly consoleUrl: () => string
}

export interface OfflineEnrolment {
  readonly file: Uint8Array
  readonly number?: string | undefined
  readonly settings?: PolicySettings | undefined
}

export interface OfflineEnrolled {
  readonly agent: string
  readonly computer: string
  /** What whoever takes the answer to the computer has to type there. */
  readonly mark: string
  readonly answer: Buffer
  readonly fileName: string
}

/**
 * Answers a request file.
 *
 * @throws ShoukouError `bundle-refused` where it is none, `invalid-request` where the number is taken, `request-refused`.
 */
export async function enrolOffline(
  parts: OfflineEnrolmentParts,
  asked: OfflineEnrolment,
  by: { readonly account: string; readonly address: string },
): Promise<OfflineEnrolled> {
  const { store, keys } = parts
  const request = parseOfflineRequest(asked.file)
  const { number, settings } = asked
  const { token } = await parts.createToken({ number, settings }, by.account)
  const { secret } = parseEnrolmentToken(token)
  const { certificateRequest, agentVersion, hostname, baseline, hardware } = request
  const answer = await parts.enrol(
    {
      v: 1,
      secret,
      certificateRequest,
      agentVersion,
      hostname,
      baseline,
      ...(hardware === undefined ? {} : { hardware }),
    },
    by.address,
  )
  // It will not connect: from now on a bundle is what it is waited for with.
  await store.setStatus(answer.agent, 'standalone')
  const content = { consoleUrl: parts.consoleUrl(), answer }
  return {
    agent: answer.agent,
    computer: answer.computer,
    mark: authorityMark(keys.authority.certificate),
    answer: encodeOfflineAnswer(request, content, keys.authority.key),
    fileName: `shoukou-answer-${request.request.slice(0, 8)}.ska`,
  }
}
