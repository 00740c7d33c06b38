/** Puts the media workflows together over one store and the console's keys. */
import type { ConsoleKeys } from '../../pki/key-store.ts'
import type { Store } from '../../store/ports.ts'
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
  /** @throws ShoukouError `grant-refused` where the challenge was misread. */
  answerChallenge(asked: SpokenCodeAsked): SpokenCode
}

export interface MediaOptions {
  readonly store: Store
  readonly keys: Pick<ConsoleKeys, 'policyKey' | 'grantKey'>
  readonly now: () => number
  readonly log: MediaPoliciesOptions['log']
  /** Sends a signed command (envelope as JSON text); false where the agent is not connected. */
  readonly send: (agent: string, envelope: string) => boolean
  /** A computer has a new policy version. */
  readonly made: (agent: string) => Promise<void>
}

export function createMedia({ store, keys, now, log, send, made }: MediaOptions): Media {
  const { privateKey } = keys.policyKey
  const policies = createMediaPolicies({ store, privateKey, now, made, log })
  const register = createMediaRegister({ store, privateKey, now, due: () => policies.schedule() })
  return {
    register,
    policies,
    imports: createMediaImport({ store, register, now }),
    commands: createMediaCommands({ store, privateKey, now, send }),
    answerChallenge: (asked) => answerChallenge(keys.grantKey, asked),
  }
}
