/**
 * After a new daily key: seals that the one before it signed are signed anew, so that none ends when a ceiling no longer names that
 * key. Temporary rights, isolation and policies need nothing here: each is signed when it is sent, or made again when it is due.
 *
 * A seal that stands on a medium goes on counting until that ceiling comes, and computers that get the new one with their policy
 * need nothing on the medium at all: no older seal is made void by this.
 */
import { openEnvelope, ShoukouError } from '@shoukou/protocol'
import type { Signer } from '../../pki/signer.ts'
import type { MediumRow, MediumSeal } from '../../store/media-ports.ts'
import type { Store } from '../../store/ports.ts'
import type { MediaRegister } from './register.ts'

export interface SealRenewal {
  /** Media with a seal, of those that may be used or come back into use. */
  readonly sealed: number
  /** Signed anew now. */
  readonly renewed: number
}

export interface SealRenewalOptions {
  readonly store: Pick<Store, 'media' | 'addAction'>
  readonly signer: Signer
  readonly register: Pick<MediaRegister, 'sealAnew'>
  readonly now: () => number
  readonly log: { info(fields: object, message: string): void }
  readonly isStopped?: () => boolean
}

const account = 'console'
const reason = 'signed anew with the present daily key'
const pageSize = 200
/** What was retired or destroyed is never used again; what was missing is sealed anew when it comes back. */
const states = ['issued', 'lent', 'carried-out', 'suspended'] as const

/**
 * Signs what an earlier key signed, one medium after another; what was done when it ends in between stays done, and the rest is
 * found again. Each medium's history has it, the administrators' log the sum.
 *
 * @throws ShoukouError as `Signer.sign`: a key that the ceiling does not vouch for signs nothing.
 */
export async function renewSeals(options: SealRenewalOptions): Promise<SealRenewal> {
  const { store, signer, register, now, log, isStopped = () => false } = options
  let [sealed, renewed] = [0, 0]
  let beforeId: number | undefined
  for (;;) {
    const page: readonly MediumRow[] = await store.media({
      states,
      limit: pageSize,
      ...(beforeId === undefined ? {} : { beforeId }),
    })
    for (const medium of page) {
      if (isStopped()) return { sealed, renewed }
      if (medium.seal === null) continue
      sealed += 1
      if (isSignedBy(medium.seal, signer.publicKey)) continue
      if (await renewOne(register, medium)) renewed += 1
    }
    const last = page.at(-1)
    if (renewed > 0) log.info({ sealed, renewed }, 'seals are signed anew with the present daily key')
    if (last === undefined || page.length < pageSize) break
    beforeId = last.id
  }
  if (renewed > 0) {
    const detail = `${renewed} of ${sealed} seals ${reason}`
    await store.addAction({
      at: now(),
      account,
      action: 'seals-renewed',
      object: 'media',
      detail,
      address: '',
    })
  }
  return { sealed, renewed }
}

export interface RunningSealRenewal {
  /** Something may be due: a console has started, a ceiling was brought. */
  due(): void
  close(): Promise<void>
}

/** Renews when it is told to, one run at a time; what fails is told in the log, and tried at the next time. */
export function createSealRenewal(
  options: Omit<SealRenewalOptions, 'isStopped' | 'log'> & {
    readonly log: SealRenewalOptions['log'] & { error(fields: object, message: string): void }
  },
): RunningSealRenewal {
  let isStopped = false
  let running: Promise<void> = Promise.resolve()
  return {
    due: () => {
      running = running.then(async () => {
        if (isStopped) return
        await renewSeals({ ...options, isStopped: () => isStopped }).catch((error: unknown) =>
          options.log.error({ err: error }, 'seals could not be signed anew; tried again at the next start'),
        )
      })
    },
    close: async () => {
      isStopped = true
      await running
    },
  }
}

/** Reports whether a daily key (SPKI PEM) signed a seal. */
export function isSignedBy({ signed }: MediumSeal, publicKey: string): boolean {
  return openEnvelope('seal', { v: 1, kind: 'seal', ...signed }, publicKey) !== null
}

/** False where somebody changed the medium at this moment: what was changed was sealed by the present key, or is found again. */
async function renewOne(
  register: SealRenewalOptions['register'],
  { number, version }: MediumRow,
): Promise<boolean> {
  try {
    await register.sealAnew(number, { baseVersion: version, reason }, account)
    return true
  } catch (error) {
    if (error instanceof ShoukouError && error.code === 'edit-conflict') return false
    throw error
  }
}
