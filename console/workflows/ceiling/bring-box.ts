/**
 * How `shoukou-console ceiling bring` hands a ceiling to the running console: a file in its data folder, and an answer beside
 * it. Whoever may write there has the console already; what counts are the signatures in the file.
 */
import { readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isSignedCeiling, ShoukouError } from '@shoukou/protocol'
import type { Store } from '../../store/ports.ts'
import type { Ceilings } from './create-ceilings.ts'

export interface BringBox {
  /** Stops looking; what is under way is finished first. */
  close(): Promise<void>
}

export interface BringBoxOptions {
  readonly folder: string
  readonly ceilings: Pick<Ceilings, 'bring'>
  readonly store: Pick<Store, 'addAction'>
  readonly now: () => number
  readonly log: { info(fields: object, message: string): void; error(fields: object, message: string): void }
  /** Writes a file whole. */
  readonly write: (path: string, text: string) => Promise<void>
  readonly everyMs?: number
}

/** What the command line waits for. */
export interface BringAnswer {
  readonly id: string
  readonly ok: boolean
  readonly message: string
}

export const BRING_EVERY_MS = 1_000
const account = 'console command line'

/** Names of the two files. */
export function bringFiles(folder: string): { readonly request: string; readonly answer: string } {
  return { request: join(folder, 'ceiling-to-bring.json'), answer: join(folder, 'ceiling-brought.json') }
}

/** Looks for a ceiling now and then. */
export function watchBringBox(options: BringBoxOptions): BringBox {
  let working: Promise<void> = Promise.resolve()
  let isWorking = false
  const timer = setInterval(() => {
    if (isWorking) return
    isWorking = true
    working = look(options)
      .catch((error: unknown) =>
        options.log.error({ err: error }, 'a ceiling to bring could not be looked for'),
      )
      .finally(() => {
        isWorking = false
      })
  }, options.everyMs ?? BRING_EVERY_MS)
  timer.unref()
  return {
    close: async () => {
      clearInterval(timer)
      await working
    },
  }
}

async function look({ folder, ceilings, store, now, log, write }: BringBoxOptions): Promise<void> {
  const { request, answer } = bringFiles(folder)
  const taken = `${request}.taken`
  try {
    await rename(request, taken)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const text = await readFile(taken, 'utf8')
  await rm(taken)
  const note = (action: string, detail: string): Promise<number> =>
    store.addAction({ at: now(), account, action, object: 'ceiling', detail, address: '' })
  let id = ''
  try {
    const asked = requestIn(text)
    id = asked.id
    await note('ceiling-bring', asked.reason)
    const { ceiling } = await ceilings.bring(asked.signed, { account, reason: asked.reason })
    log.info({ version: ceiling.version }, 'ceiling brought by the command line')
    await write(answer, JSON.stringify({ id, ok: true, message: `${ceiling.version}` } satisfies BringAnswer))
  } catch (error) {
    const message = error instanceof ShoukouError ? error.message : 'It failed; see the log.'
    const code = error instanceof ShoukouError ? error.code : 'internal-error'
    log.error({ err: error }, 'ceiling not brought')
    await note('ceiling-bring-refused', code)
    await write(answer, JSON.stringify({ id, ok: false, message } satisfies BringAnswer))
  }
}

function requestIn(text: string) {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new ShoukouError('ceiling-refused', 'The file is not JSON.', { cause })
  }
  const { id, reason, signed } = (value ?? {}) as { id?: unknown; reason?: unknown; signed?: unknown }
  if (typeof id !== 'string' || typeof reason !== 'string' || !isSignedCeiling(signed))
    throw new ShoukouError('ceiling-refused', 'The file holds no signed ceiling.')
  return { id: id.slice(0, 64), reason: reason.slice(0, 500), signed }
}
