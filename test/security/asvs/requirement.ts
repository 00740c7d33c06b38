/** One requirement of OWASP ASVS 5.0.0, in a few words of our own, and what became of it here. */
export type Requirement = Proven | Departed | Absent | Open

interface Named {
  /** As the standard numbers it. */
  readonly id: string
  readonly what: string
}

/** Tests that would fail if it were broken: a file, and the beginning of a title in it that no other title there has. */
export interface Proven extends Named {
  readonly kind: 'proven'
  readonly by: readonly TestName[]
}
export type TestName = readonly [file: string, title: string]

/** What is done otherwise on purpose, and why: a rule that binds the unit, or a network without the Internet. */
export interface Departed extends Named {
  readonly kind: 'departed'
  readonly why: string
}

/** What it speaks of is not there. */
export interface Absent extends Named {
  readonly kind: 'absent'
  readonly why: string
}

/** Not shown by a test of this repository: what is missing. */
export interface Open extends Named {
  readonly kind: 'open'
  readonly missing: string
}

export function proven(id: string, what: string, ...by: readonly TestName[]): Proven {
  return { kind: 'proven', id, what, by }
}

export function departed(id: string, what: string, why: string): Departed {
  return { kind: 'departed', id, what, why }
}

export function absent(id: string, what: string, why: string): Absent {
  return { kind: 'absent', id, what, why }
}

export function open(id: string, what: string, missing: string): Open {
  return { kind: 'open', id, what, missing }
}
