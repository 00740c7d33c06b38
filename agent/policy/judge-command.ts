/** Whether a signed command may be carried out. Pure. Each one is done at most once, ever. */
import { type Command, CommandSchema, type Envelope, openEnvelope } from '@shoukou/protocol'
import { Compile } from 'typebox/compile'

const check = Compile(CommandSchema)

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
      readonly reason: 'bad-signature' | 'malformed' | 'foreign-agent' | 'replayed'
    }

/** Judges a command's envelope against those already done. */
export function judgeCommand(
  envelope: Envelope,
  standing: { readonly agent: string; readonly policyKey: string; readonly done: readonly DoneCommand[] },
): CommandVerdict {
  const payload = openEnvelope('command', envelope, standing.policyKey)
  if (payload === null) return { kind: 'refused', reason: 'bad-signature' }
  const command = parseCommand(payload)
  if (command === null) return { kind: 'refused', reason: 'malformed' }
  if (command.agent !== standing.agent) return { kind: 'refused', reason: 'foreign-agent' }
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
