/**
 * The administrators' own trail: what an account did or was refused, written before the answer leaves. Where it can't
 * be written, the act fails.
 */
import { ShoukouError } from '@shoukou/protocol'
import type { Store } from '../store/ports.ts'
import type { AnyRequest } from './fastify.ts'

export type ActionName =
  | 'sign-in'
  | 'sign-in-refused'
  | 'sign-out'
  | 'password-change'
  | 'password-change-refused'
  | 'refused'
  | 'violation-read'
  | 'record-raw-read'
  | 'policy-change'
  | 'policy-change-refused'
  | 'rescan'
  | 'token-create'
  | 'token-create-refused'
  | 'enrol'
  | 'enrol-refused'
  | 'medium-register'
  | 'medium-register-refused'
  | 'medium-change'
  | 'medium-change-refused'
  | 'medium-state'
  | 'medium-state-refused'
  | 'medium-passport'
  | 'medium-passport-refused'
  | 'medium-seal'
  | 'medium-seal-refused'
  | 'media-import'
  | 'media-import-refused'
  | 'medium-grant'
  | 'medium-grant-refused'
  | 'medium-grant-end'
  | 'medium-grant-end-refused'
  | 'isolate'
  | 'isolate-refused'
  | 'isolation-end'
  | 'isolation-end-refused'
  | 'spoken-code'
  | 'spoken-code-refused'

export interface Note {
  readonly action: ActionName
  readonly object: string
  readonly detail: string
  /** Where nobody is signed in yet. */
  readonly account?: string
}

export type NoteAction = (request: AnyRequest, note: Note) => Promise<void>

/** Returns a function that adds to the trail. The address is the socket's: what a header says of it, anybody can write. */
export function createActionNote(store: Store, now: () => number): NoteAction {
  return (request, { action, object, detail, account }) =>
    store.addAction({
      at: now(),
      account: account ?? request.signedIn?.account.name ?? '',
      action,
      object,
      detail,
      address: request.peerAddress,
    })
}

export interface Recorded<T> {
  readonly object: string
  readonly detail: string
  readonly act: () => Promise<T>
}

/** Returns a way to act on record: the intent stands there before the act, and its failure after it. */
export function recordedBy(note: NoteAction) {
  return async <T>(
    request: AnyRequest,
    [action, refused]: readonly [ActionName, ActionName],
    { object, detail, act }: Recorded<T>,
  ): Promise<T> => {
    await note(request, { action, object, detail })
    try {
      return await act()
    } catch (error) {
      const code = error instanceof ShoukouError ? error.code : 'internal-error'
      await note(request, { action: refused, object, detail: code })
      throw error
    }
  }
}
