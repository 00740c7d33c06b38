/**
 * The administrators' own trail: what an account did or was refused, written before the answer leaves. Where it can't
 * be written, the act fails.
 */
import { type Role, ShoukouError } from '@shoukou/protocol'
import type { Store } from '../store/ports.ts'
import type { AnyRequest } from './fastify.ts'

export type ActionName =
  | 'sign-in'
  | 'sign-in-refused'
  | 'sign-out'
  | 'lock'
  | 'unlock'
  | 'session-over'
  | 'sessions-end'
  | 'sessions-end-refused'
  | 'second-factor-start'
  | 'second-factor-start-refused'
  | 'second-factor-set'
  | 'second-factor-set-refused'
  | 'second-factor-remove'
  | 'second-factor-remove-refused'
  | 'recovery-codes'
  | 'recovery-codes-refused'
  | 'sign-in-rules-change'
  | 'sign-in-rules-change-refused'
  | 'certificate-issue'
  | 'certificate-issue-refused'
  | 'certificate-revoke'
  | 'certificate-revoke-refused'
  | 'password-change'
  | 'password-change-refused'
  | 'refused'
  | 'violation-read'
  | 'computer-records-read'
  | 'log-read'
  | 'log-entry-read'
  | 'log-export'
  | 'log-verify'
  | 'log-checkpoint-ask'
  | 'log-checkpoint-ask-refused'
  | 'log-set-back-seen'
  | 'record-raw-read'
  | 'policy-change'
  | 'policy-change-refused'
  | 'rescan'
  | 'token-create'
  | 'token-create-refused'
  | 'enrol'
  | 'identity-renew'
  | 'identity-renew-refused'
  | 'identity-revoke'
  | 'identity-revoke-refused'
  | 'console-clock'
  | 'agent-claim-refused'
  | 'enrol-refused'
  | 'ledger-import'
  | 'ledger-import-refused'
  | 'table-export'
  | 'finding-act'
  | 'finding-act-refused'
  | 'finding-days'
  | 'finding-days-refused'
  | 'ledger-register'
  | 'ledger-register-refused'
  | 'ledger-change'
  | 'ledger-change-refused'
  | 'ledger-state'
  | 'ledger-state-refused'
  | 'ledger-link'
  | 'ledger-link-refused'
  | 'ledger-handover'
  | 'ledger-handover-refused'
  | 'ledger-handover-sign'
  | 'ledger-handover-sign-refused'
  | 'ledger-handover-withdraw'
  | 'ledger-handover-withdraw-refused'
  | 'department-make'
  | 'department-make-refused'
  | 'department-change'
  | 'department-change-refused'
  | 'department-remove'
  | 'department-remove-refused'
  | 'number-pattern'
  | 'number-pattern-refused'
  | 'labels-print'
  | 'labels-print-refused'
  | 'form-print'
  | 'form-print-refused'
  | 'form-return'
  | 'form-return-refused'
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
  | 'removal-code'
  | 'removal-code-refused'
  | 'bundle-import'
  | 'bundle-import-refused'
  | 'bundle-abandon'
  | 'bundle-abandon-refused'
  | 'bundle-slip'
  | 'return-package'
  | 'return-package-refused'
  | 'enrol-offline'
  | 'enrol-offline-refused'
  | 'ceiling-bring'
  | 'ceiling-bring-refused'
  | 'account-make'
  | 'account-make-refused'
  | 'account-disable'
  | 'account-disable-refused'
  | 'account-enable'
  | 'account-enable-refused'
  | 'account-person'
  | 'account-person-refused'
  | 'role-ask'
  | 'role-ask-refused'
  | 'department-set'
  | 'department-set-refused'
  | 'act-agree'
  | 'act-agree-refused'
  | 'act-refuse'
  | 'act-refuse-refused'
  | 'act-withdraw'
  | 'act-withdraw-refused'
  | 'act-done'
  | 'act-failed'
  | 'isolation-release-ask'
  | 'isolation-release-ask-refused'
  | 'violation-handle'
  | 'violation-handle-refused'
  | 'violation-assign'
  | 'violation-assign-refused'
  | 'violation-merge'
  | 'violation-merge-refused'
  | 'violation-unmerge'
  | 'violation-unmerge-refused'
  | 'violation-attach'
  | 'violation-attach-refused'
  | 'attachment-read'
  | 'statement-ask'
  | 'statement-ask-refused'
  | 'statement-enter'
  | 'statement-enter-refused'
  | 'exception-ask'
  | 'exception-ask-refused'
  | 'exception-revoke'
  | 'exception-revoke-refused'
  | 'violations-acknowledge'
  | 'violations-acknowledge-refused'
  | 'statement-form-read'
  | 'leak-report'
  | 'leak-report-refused'
  | 'rectification-date'
  | 'rectification-date-refused'
  | 'escalation-seen'
  | 'escalation-seen-refused'
  | 'clock-settings'
  | 'clock-settings-refused'
  | 'media-hand-in'
  | 'media-hand-in-refused'
  | 'leak-form-write'
  | 'leak-form-write-refused'
  | 'leak-form-print'
  | 'leak-form-print-refused'
  | 'leak-form-read'
  | 'forwarding-add'
  | 'forwarding-add-refused'
  | 'forwarding-change'
  | 'forwarding-change-refused'
  | 'forwarding-pause'
  | 'forwarding-pause-refused'
  | 'forwarding-resume'
  | 'forwarding-resume-refused'
  | 'forwarding-test'
  | 'forwarding-test-refused'
  | 'forwarding-remove'
  | 'forwarding-remove-refused'
  | 'backup-settings'
  | 'backup-settings-refused'
  | 'backup-passphrase'
  | 'backup-passphrase-refused'
  | 'backup-begin'
  | 'backup-begin-refused'
  | 'backup-restore-ask'
  | 'backup-restore-ask-refused'
  | 'wall-make'
  | 'wall-make-refused'
  | 'wall-open'
  | 'wall-open-refused'
  | 'wall-end'
  | 'wall-end-refused'
  | 'archive-ask'
  | 'archive-ask-refused'

export interface Note {
  readonly action: ActionName
  readonly object: string
  readonly detail: string
  /** Where nobody is signed in yet. */
  readonly account?: string
  readonly role?: Role
  /** Who it is, where the account names somebody. */
  readonly person?: string
  /** What it was and what it becomes: JSON values, as little of the thing as says what changed. Never a secret. */
  readonly before?: unknown
  readonly after?: unknown
  /** What the person gave as the reason. */
  readonly reason?: string
  /** Not done yet: an entry that names this one with `about` says what came of it. */
  readonly isIntent?: boolean
  readonly about?: number
}

/** Returns the number of the entry. */
export type NoteAction = (request: AnyRequest, note: Note) => Promise<number>

/** Returns a function that adds to the trail. The address is the socket's: what a header says of it, anybody can write. */
export function createActionNote(store: Store, now: () => number): NoteAction {
  return (request, { account, role, ...note }) => {
    const { signedIn } = request
    const person = note.person ?? (account === undefined ? signedIn?.account.person : null) ?? null
    return store.addAction({
      ...note,
      ...(person === null ? {} : { person }),
      at: now(),
      account: account ?? signedIn?.account.name ?? '',
      role: role ?? (account === undefined ? signedIn?.account.role : undefined) ?? null,
      ...(signedIn === null ? {} : { session: signedIn.session.id.slice(0, sessionDigitsShown) }),
      address: request.peerAddress,
    })
  }
}

/** Of the session's name, which is a hash itself: enough to tell two sessions apart. */
const sessionDigitsShown = 16

export interface Recorded<T> extends Omit<Note, 'action' | 'account' | 'role' | 'isIntent' | 'about'> {
  readonly act: () => Promise<T>
}

/** Returns a way to act on record: the intent stands there before the act, and what came of it after it. */
export function recordedBy(note: NoteAction) {
  return async <T>(
    request: AnyRequest,
    [action, refused]: readonly [ActionName, ActionName],
    { act, ...intent }: Recorded<T>,
  ): Promise<T> => {
    const about = await note(request, { ...intent, action, isIntent: true })
    const { object } = intent
    let done: T
    try {
      done = await act()
    } catch (error) {
      const code = error instanceof ShoukouError ? error.code : 'internal-error'
      await note(request, { action: refused, object, detail: code, about })
      throw error
    }
    await note(request, { action, object, detail: '', about })
    return done
  }
}
