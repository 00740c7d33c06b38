/** Why an account could not be written, in words that name the remedy. Pure. */
import { ShoukouError } from '@shoukou/protocol'
import type { AccountWrite } from '../../store/access-ports.ts'

export function refusedWrite(written: Exclude<AccountWrite, { kind: 'done' }>): ShoukouError {
  switch (written.kind) {
    case 'name-taken':
      return new ShoukouError(
        'edit-conflict',
        'The name is taken, also by an account long disabled; choose another.',
      )
    case 'too-many':
      return new ShoukouError('limit-exceeded', 'There are as many accounts as there may be.')
    case 'not-found':
      return new ShoukouError('not-found', 'No account has this name; see the list of accounts.')
    case 'changed-meanwhile':
      return new ShoukouError('edit-conflict', 'Somebody changed the account meanwhile; look at it again.')
    case 'last-of-role':
      return new ShoukouError(
        'not-permitted',
        'It is the last active account of its role, and without it the others watch nobody: make another one first.',
      )
    case 'role-conflict':
      return new ShoukouError(
        'role-conflict',
        `This person holds the role ${written.role} already (account ${written.account}), and nobody may hold both.`,
        { context: { account: written.account, role: written.role } },
      )
  }
}
