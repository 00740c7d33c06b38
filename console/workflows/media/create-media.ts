/** Puts the media workflows together over one store and the console's keys. */
import type { ConsoleKeys } from '../../pki/key-store.ts'
import type { Signer } from '../../pki/signer.ts'
import type { Store } from '../../store/ports.ts'
import { assertGrantWithin, type CeilingNow } from '../ceiling/assert-within.ts'
import { createMediaCommands, type MediaCommands } from './grants.ts'
import { createMediaImport, type MediaImport } from './import.ts'
import { createMediaPolicies, type MediaPolicies, type MediaPoliciesOptions } from './refresh-policies.ts'
import { createMediaRegister, type MediaRegister } from './register.ts'
import { answerChallenge, type SpokenCode, type SpokenCodeAsked } from './spoken-codes.ts'

export interface Media {
  readonly register: MediaRegister
  readonly imports: MediaImport
  readonly commands: MediaCommands
  readonly policies: MediaPolicies
  /** @throws ShoukouError `grant-refused` where the challenge was misread, `beyond-ceiling`. */
  answerChallenge(asked: SpokenCodeAsked): Promise<SpokenCode>
}

export interface MediaOptions {
  readonly store: Store
  readonly keys: Pick<ConsoleKeys, 'grantKey'>
  readonly signer: Signer
  /** Left out: the unit has none. */
  readonly ceiling?: () => CeilingNow
  readonly now: () => number
  readonly log: MediaPoliciesOptions['log']
  /** Sends a signed command (envelope as JSON text); false where the agent is not connected. */
  readonly send: (agent: string, envelope: string) => boolean
  /** A computer has a new policy version. */
  readonly made: (agent: string) => Promise<void>
}

export function createMedia({ store, keys, signer, ceiling, now, log, send, made }: MediaOptions): Media {
  const policies = createMediaPolicies({ store, signer, ceiling, now, made, log })
  const register = createMediaRegister({ store, signer, now, due: () => policies.schedule() })
  return {
    register,
    policies,
    imports: createMediaImport({ store, register, now }),
    commands: createMediaCommands({ store, signer, ceiling, now, send }),
    answerChallenge: async (asked) => {
      // A code is no signature: here, and at the computer, is all that holds it to the ceiling.
      const level = (await store.computer(asked.agent))?.level ?? null
      assertGrantWithin(ceiling?.(), asked, level)
      return answerChallenge(keys.grantKey, asked)
    },
  }
}
