/** Why the console did not register a medium, where that is about another medium: told by its number, to be opened. Pure. */
import type { MediumState } from '@shoukou/protocol/media/shapes.ts'
import { ApiError } from '../server/request.ts'
import { mediumStates } from './media-address.ts'

export type RegisterRefusal =
  | { readonly kind: 'number-taken' }
  /** `registered`: it is that one. `clone`: it says so, and is another. */
  | { readonly kind: 'registered' | 'clone'; readonly number: string; readonly state: MediumState }

const registered = /^This medium is registered as (?<number>\S+) \((?<state>[a-z-]+)\)/
const clone = /^This medium says of itself what (?<number>\S+) \((?<state>[a-z-]+)\) does/

/** Returns null for any other refusal. */
export function registerRefusal(error: unknown): RegisterRefusal | null {
  if (!(error instanceof ApiError) || error.code !== 'invalid-request') return null
  if (/\bis taken; choose another\.$/.test(error.message)) return { kind: 'number-taken' }
  return of('registered', registered.exec(error.message)) ?? of('clone', clone.exec(error.message))
}

function of(kind: 'registered' | 'clone', match: RegExpExecArray | null): RegisterRefusal | null {
  const state = mediumStates.find((one) => one === match?.groups?.['state'])
  const number = match?.groups?.['number']
  return state === undefined || number === undefined ? null : { kind, number, state }
}
