/** What a command is given: its options, as parsed, and its language. */
import type { Messages } from './messages.ts'

export interface CommandInput {
  readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>
  readonly say: Messages
}

/** Returns an option's text; undefined where it was not given. */
export function textOption(input: CommandInput, name: string): string | undefined {
  const value = input.values[name]
  return typeof value === 'string' ? value : undefined
}
