/**
 * The administrators' own trail: what an account did or was refused, written before the answer leaves. Where it can't
 * be written, the act fails.
 */
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
