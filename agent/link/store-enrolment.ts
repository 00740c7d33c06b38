/**
 * What every enrolment ends with, whichever way its answer came: nothing is written before the whole answer has been
 * checked, and what an earlier identity left is set aside, never deleted.
 */
import { rename, rmdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type EnrolmentAnswer, judgeCeiling, readCeiling, ShoukouError, sayBeyond } from '@shoukou/protocol'
import { isErrno, makeFolder, syncFolder } from '../base/atomic-file.ts'
import type { StateFolder } from '../base/state-folder.ts'
import { judgePolicy } from '../policy/accept-policy.ts'
import { writeBundleKey } from './bundle-key.ts'
import { writeCeiling } from './ceiling-store.ts'
import { isCertificateFor } from './certificate-request.ts'
import { type Identity, readIdentity, writeIdentity, writeSpokenKey } from './identity.ts'
import { writePolicy } from './policy-store.ts'
import { writeRemovalKey, writeSealKey } from './protection-keys.ts'

/** Throws ShoukouError `config-invalid` where this computer has an identity that is not to be given up. */
export async function assertMayEnrol(folder: StateFolder, isForced: boolean): Promise<void> {
  if (isForced || !(await hasIdentity(folder))) return
  throw new ShoukouError(
    'config-invalid',
    `This computer is already enrolled (${folder.identity}); with --force a new identity is made, and the old one is set aside with its journal.`,
    { context: { enrolled: folder.identity } },
  )
}

export interface EnrolmentToStore {
  readonly answer: EnrolmentAnswer
  /** PKCS #8, PEM: the key that was asked for. */
  readonly key: string
  /** PEM: the authority that is known to be the right one. */
  readonly authority: string
  readonly host: string
  readonly consoleUrl: string
}

/**
 * Checks an answer and writes everything that it brings; the identity last.
 *
 * @throws ShoukouError `request-refused`, `policy-refused`; then nothing was written.
 */
export async function storeEnrolment(
  folder: StateFolder,
  { answer, key, authority, host, consoleUrl }: EnrolmentToStore,
  makeJournal: (folder: string) => Promise<unknown>,
): Promise<{ readonly policyVersion: number; readonly setAside: string | null }> {
  const policyVersion = checkAnswer(answer, { key, authority })
  const setAside = await setOldAside(folder)
  await makeJournal(folder.journal)
  const { ceiling } = answer
  if (ceiling !== undefined) await writeCeiling(folder, ceiling, 'enrolment')
  const marks = ceiling === undefined ? {} : { ceilingVersion: readCeiling(ceiling)?.version ?? 0 }
  await writePolicy(folder, answer.policy, policyVersion, marks)
  const { agent, computer, certificate, policyKey, agentPort } = answer
  const identity: Identity = {
    v: 1,
    agent,
    computer,
    host,
    agentPort,
    consoleUrl,
    key,
    certificate,
    authority,
    policyKey,
  }
  await makeFolder(folder.identity)
  if (answer.spokenKey !== undefined) await writeSpokenKey(folder, answer.spokenKey)
  if (answer.sealKey !== undefined) await writeSealKey(folder, answer.sealKey)
  if (answer.removalKey !== undefined) await writeRemovalKey(folder, answer.removalKey)
  if (answer.bundleKey !== undefined) await writeBundleKey(folder, answer.bundleKey)
  await writeIdentity(folder, identity)
  return { policyVersion, setAside }
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
    folder.bundles,
    folder.inbox,
    // Another console's log has heads of its own, with lower numbers.
    folder.witnessFile,
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
