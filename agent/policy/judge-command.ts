/**
 * Whether a signed command may be carried out. Pure. Each one is done at most once, ever, and none that the ceiling does not
 * allow on a computer of this level.
 */
import {
  type Beyond,
  type Ceiling,
  type Command,
  CommandSchema,
  dailyKeyPems,
  type Envelope,
  judgeAgainstCeiling,
  type Level,
  vouchesFor,
} from '@shoukou/protocol'
import { checkOf } from '@shoukou/protocol/schema-check.ts'
import { openWithOne } from './accept-policy.ts'

const check = checkOf(CommandSchema)

/** Commands remembered, newest last. Older than all of them is refused, so that the list may be short. */
export const COMMANDS_REMEMBERED = 1_000

export interface DoneCommand {
  readonly id: string
  readonly issuedAtMs: number
}

export type CommandVerdict =
  | { readonly kind: 'accepted'; readonly command: Command }
  | {
      readonly kind: 'refused'
      readonly reason:
        | 'bad-signature'
        | 'malformed'
        | 'foreign-agent'
        | 'replayed'
        | 'daily-key-not-vouched'
        | 'beyond-ceiling'
      readonly beyond?: readonly Beyond[]
      /** Of the last two: signed by a key that was good once, and so worth a record. */
      readonly command?: Command
    }

export interface CommandStanding {
  readonly agent: string
  readonly policyKey: string
  readonly done: readonly DoneCommand[]
  /** Left out or null: no ceiling is held. `level`: of this computer, by the policy in force. */
  readonly under?: { readonly ceiling: Ceiling; readonly level: Level; readonly nowMs: number } | null
}

/** Judges a command's envelope against those already done. */
export function judgeCommand(envelope: Envelope, standing: CommandStanding): CommandVerdict {
  const { under = null, policyKey } = standing
  const keys = under === null ? [policyKey] : [...dailyKeyPems(under.ceiling), policyKey]
  const opened = openWithOne('command', envelope, keys)
  if (opened === null) return { kind: 'refused', reason: 'bad-signature' }
  const command = parseCommand(opened.payload)
  if (command === null) return { kind: 'refused', reason: 'malformed' }
  if (command.agent !== standing.agent) return { kind: 'refused', reason: 'foreign-agent' }
  if (under !== null) {
    const { ceiling, level, nowMs } = under
    if (!vouchesFor(ceiling, opened.key, { issuedAtMs: command.issuedAtMs, nowMs }))
      return { kind: 'refused', reason: 'daily-key-not-vouched', command }
    const beyond = judgeAgainstCeiling({ kind: 'command', command, level }, ceiling)
    if (beyond.length > 0) return { kind: 'refused', reason: 'beyond-ceiling', beyond, command }
  }
  const isForgotten =
    standing.done.length >= COMMANDS_REMEMBERED && command.issuedAtMs <= (standing.done[0]?.issuedAtMs ?? 0)
  const isDone = standing.done.some(({ id }) => id === command.id)
  return isForgotten || isDone ? { kind: 'refused', reason: 'replayed' } : { kind: 'accepted', command }
}

/** Returns the list with one more, the oldest by issue left out beyond the bound. */
export function rememberCommand(
  done: readonly DoneCommand[],
  { id, issuedAtMs }: DoneCommand,
): DoneCommand[] {
  return [...done, { id, issuedAtMs }].sort((a, b) => a.issuedAtMs - b.issuedAtMs).slice(-COMMANDS_REMEMBERED)
}

function parseCommand(payload: Buffer): Command | null {
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'))
    return check.Check(value) ? value : null
  } catch (fault) {
    if (fault instanceof SyntaxError) return null
    throw fault
  }
}
