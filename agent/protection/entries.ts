/** Files of the agent's own, as they should be and as they are found: what differs, in words of `agent.altered`. Pure. */
import { createHash } from 'node:crypto'
import type { FactNamed } from '@shoukou/protocol'

export type Thing = FactNamed<'agent.altered'>['thing']

/** What stands at a path. */
export type Entry =
  | { readonly kind: 'absent' }
  | { readonly kind: 'file'; readonly hash: string; readonly mode: number; readonly uid: number }
  | { readonly kind: 'link'; readonly target: string }
  /** A folder, a device: nothing that the agent ever puts there. */
  | { readonly kind: 'other' }

export interface OwnPath {
  readonly thing: Thing
  readonly path: string
  /** A path that belongs to a service: its changes have words of their own. */
  readonly unit?: 'fragment' | 'wants' | 'mask' | 'drop-in'
}

export interface Difference {
  /** `content-changed`, `removed`, `masked` …: `agent.altered`. */
  readonly what: string
  readonly expectedHash: string | null
  readonly observedHash: string | null
  readonly serviceState: string | null
}

const maskTarget = '/dev/null'

/** Returns how what was found differs; null where it does not. */
export function differenceOf({ unit }: OwnPath, expected: Entry, found: Entry): Difference | null {
  const hashes = { expectedHash: hashOf(expected), observedHash: hashOf(found) }
  const told = (what: string, serviceState: string | null = null) => ({ what, ...hashes, serviceState })
  if (found.kind === 'link' && found.target === maskTarget && !isSame(expected, found))
    return told('masked', 'masked')
  if (expected.kind === 'absent') {
    if (found.kind === 'absent') return null
    return told(unit === 'drop-in' ? 'drop-in-added' : 'added')
  }
  if (found.kind === 'absent') return unit === 'wants' ? told('disabled', 'disabled') : told('removed')
  // A folder stays one, whatever changes in it.
  if (expected.kind === 'other' && found.kind === 'other') return null
  if (isSame(expected, found)) {
    if (expected.kind !== 'file' || found.kind !== 'file') return null
    if (expected.uid !== found.uid) return told('owner-changed')
    return expected.mode === found.mode ? null : told('mode-changed')
  }
  return told('content-changed')
}

function isSame(expected: Entry, found: Entry): boolean {
  if (expected.kind === 'link') return found.kind === 'link' && found.target === expected.target
  return expected.kind === 'file' && found.kind === 'file' && expected.hash === found.hash
}

function hashOf(entry: Entry): string | null {
  if (entry.kind === 'file') return entry.hash
  return entry.kind === 'link' ? sha256(`link:${entry.target}`) : null
}

/** SHA-256, hex. */
export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
