/**
 * Gives agents the keys of their own protection: with the answer to their enrolment, and over their link where they come
 * without, or with a key that is older than what this console has seen.
 */
import {
  beginSealCheck,
  type EnrolmentAnswer,
  generationOf,
  type HelloFrame,
  type KeysFrame,
  PROTOCOL_VERSION,
  SEAL_GENERATIONS_MAX,
} from '@shoukou/protocol'
import type { ProtectionKeys } from '../pki/protection-keys.ts'
import type { Store } from '../store/ports.ts'
import type { SealUpdate } from '../store/seals-ports.ts'

type Said = Exclude<HelloFrame['protection'], undefined>

export interface KeyDesk {
  /** The part of an enrolment's answer; to be asked for once, after the computer is stored. */
  forEnrolment(agent: string): Promise<Pick<EnrolmentAnswer, 'sealKey' | 'removalKey'>>
  /** What has to be sent to an agent that said so much of itself; null where it has all. */
  forHello(agent: string, said: Said): Promise<KeysFrame | null>
}

export function createKeyDesk(store: Store, keys: ProtectionKeys): KeyDesk {
  const first = (agent: string, generation: number): SealUpdate => {
    const key = keys.firstSealKey(agent, generation)
    const { state } = beginSealCheck(generation, null)
    const wrapped = keys.wrap(agent, state.nextIndex, key)
    return { state, wrapped, heldAt: null, unsealedSince: null }
  }
  return {
    async forEnrolment(agent) {
      await store.issueSeals(agent, 0, first(agent, 0))
      return {
        sealKey: keys.firstSealKey(agent, 0).toString('base64url'),
        removalKey: keys.removalKey(agent).toString('base64url'),
      }
    },
    async forHello(agent, { nextSeal, hasRemovalKey }) {
      const generation = await generationFor(store, keys, agent, nextSeal)
      if (generation === null && hasRemovalKey) return null
      if (generation !== null) await store.issueSeals(agent, generation, first(agent, generation))
      return {
        v: PROTOCOL_VERSION,
        type: 'keys',
        seal:
          generation === null
            ? null
            : { generation, key: keys.firstSealKey(agent, generation).toString('base64url') },
        removalKey: hasRemovalKey ? null : keys.removalKey(agent).toString('base64url'),
      }
    },
  }
}

/** Returns the generation that the agent needs; null where what it has will do. */
async function generationFor(
  store: Store,
  keys: ProtectionKeys,
  agent: string,
  nextSeal: number | null,
): Promise<number | null> {
  const row = await store.sealRow(agent)
  // Known here by nobody: a store from before, or one restored. What the agent has is derived all the same.
  if (row === null) return nextSeal === null ? 0 : later(generationOf(nextSeal))
  const { state, wrapped } = row
  const isOlder = nextSeal === null || nextSeal < state.nextIndex
  const isUnknown = wrapped === null || keys.unwrap(agent, state.nextIndex, wrapped) === null
  // A key that the console can't follow, or that went back: whatever it seals proves nothing.
  if (!isOlder && !isUnknown && !state.isBroken) return null
  return later(Math.max(row.issued, nextSeal === null ? 0 : generationOf(nextSeal)))
}

function later(generation: number): number | null {
  return generation + 1 < SEAL_GENERATIONS_MAX ? generation + 1 : null
}
