/** The facts about the agent itself: that it was held still, altered, removed; its seals, its certificate, its bundles. */
import { Type } from 'typebox'
import { RawTextSchema } from '../raw-text.ts'

const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const code = Type.String({ maxLength: 100, pattern: '^[a-zA-Z0-9][a-zA-Z0-9._:-]*$' })
const hash = Type.String({ pattern: '^[0-9a-f]{64}$' })
const id = Type.String({ minLength: 1, maxLength: 64 })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])

export const TRUST_FACTS = {
  /** The process did not run although it should have. Told by itself when it runs again. */
  'agent.paused': {
    fromWallMs: count,
    /** By CLOCK_BOOTTIME, ms. */
    pausedMs: count,
    /** Of it, what the whole computer slept (CLOCK_BOOTTIME against CLOCK_MONOTONIC), ms. */
    suspendedMs: count,
    /** `stop-signal`: it was stopped and continued by signals. `unexplained`: a frozen cgroup, a debugger, a starved computer. */
    cause: Type.Union([Type.Literal('stop-signal'), Type.Literal('unexplained')]),
    /** The program that traces this one, where one does. */
    tracer: nullable(RawTextSchema),
  },
  /** Something of the agent's own is not as it left it. */
  'agent.altered': {
    thing: Type.Union([
      Type.Literal('program'),
      Type.Literal('unit'),
      Type.Literal('configuration'),
      Type.Literal('identity'),
      Type.Literal('policy'),
      Type.Literal('state'),
    ]),
    /** `content-changed`, `removed`, `mode-changed`, `owner-changed`, `disabled`, `masked` … */
    what: code,
    path: nullable(RawTextSchema),
    expectedHash: nullable(hash),
    observedHash: nullable(hash),
    found: Type.Union([Type.Literal('while-running'), Type.Literal('at-start')]),
    isRestored: Type.Boolean(),
    /** Of a unit: `enabled`, `disabled`, `masked` … */
    serviceState: nullable(code),
    account: nullable(RawTextSchema),
  },
  /** Somebody asked that the agent be removed from this computer. */
  'agent.removal': {
    /** `forced`: without a code that was good; the record is the last thing that was done. */
    result: Type.Union([Type.Literal('refused'), Type.Literal('permitted'), Type.Literal('forced')]),
    reason: nullable(code),
    counter: nullable(count),
    account: nullable(RawTextSchema),
  },
  /** A forward-secure seal over the journal: `agent/docs/journal.md`. */
  'journal.sealed': { index: count, upToSeq: count, head: hash, mac: hash },
  /** A new certificate of this agent came into use. */
  'identity.renewed': { serial: id, notAfterMs: count },
  'ceiling.applied': { version: count, digest: hash },
  'ceiling.refused': { version: nullable(count), reason: code },
  /** Records were written into a bundle, for a console that no network reaches. */
  'bundle.exported': {
    bundle: id,
    /** Of this agent's bundles, from 1. */
    number: count,
    firstSeq: count,
    lastSeq: count,
    /** The registered medium that it was written to; null where that is not known. */
    medium: nullable(Type.String({ maxLength: 64 })),
  },
  /** A console's package for the way home was taken, or was not. */
  'bundle.returned': {
    package: nullable(id),
    result: Type.Union([Type.Literal('taken'), Type.Literal('refused')]),
    reason: nullable(code),
    storedSeq: nullable(count),
    policyVersion: nullable(count),
  },
} as const
