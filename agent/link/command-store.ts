/** Commands already done, on disk before they are done: a crash in between loses one rescan, never repeats an order. */
import type { Envelope } from '@shoukou/protocol'
import { Type } from 'typebox'
import { stateFile } from '../base/state-file.ts'
import type { StateFolder } from '../base/state-folder.ts'
import {
  COMMANDS_REMEMBERED,
  type CommandStanding,
  type CommandVerdict,
  type DoneCommand,
  judgeCommand,
  rememberCommand,
} from '../policy/judge-command.ts'

const doneFile = stateFile(
  Type.Object(
    {
      v: Type.Literal(1),
      done: Type.Array(
        Type.Object(
          { id: Type.String({ maxLength: 64 }), issuedAtMs: Type.Integer({ minimum: 0 }) },
          { additionalProperties: false },
        ),
        { maxItems: COMMANDS_REMEMBERED },
      ),
    },
    { additionalProperties: false },
  ),
)

export interface CommandOwner {
  readonly agent: string
  readonly policyKey: string
}

/** What commands are held to: the policy store knows ceiling and level. */
export interface CommandRules {
  underCeiling(): NonNullable<CommandStanding['under']> | null
}

export class CommandStore {
  readonly #path: string
  readonly #owner: CommandOwner
  readonly #rules: CommandRules
  #done: readonly DoneCommand[]

  constructor(
    path: string,
    { owner, rules }: { readonly owner: CommandOwner; readonly rules: CommandRules },
    done: readonly DoneCommand[],
  ) {
    this.#path = path
    this.#owner = owner
    this.#rules = rules
    this.#done = done
  }

  static async open(
    folder: StateFolder,
    { owner, rules }: { readonly owner: CommandOwner; readonly rules: CommandRules },
    onDamaged: (path: string) => void,
  ): Promise<CommandStore> {
    const found = await doneFile.read(folder.commandsFile, onDamaged)
    return new CommandStore(folder.commandsFile, { owner, rules }, found?.done ?? [])
  }

  /** Judges a command; an accepted one is remembered on disk before this resolves. */
  async take(envelope: Envelope): Promise<CommandVerdict> {
    const verdict = judgeCommand(envelope, {
      ...this.#owner,
      done: this.#done,
      under: this.#rules.underCeiling(),
    })
    if (verdict.kind === 'refused') return verdict
    this.#done = rememberCommand(this.#done, verdict.command)
    try {
      await doneFile.write(this.#path, { v: 1, done: [...this.#done] })
    } catch (fault) {
      // It was not carried out: where it comes again, in a package that waits, it is not one that was.
      this.#done = this.#done.filter(({ id }) => id !== verdict.command.id)
      throw fault
    }
    return verdict
  }
}
