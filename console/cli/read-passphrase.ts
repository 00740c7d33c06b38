/** A passphrase in two halves from files, or typed where nobody sees it. Never from the command line: every account reads that. */
import { stat } from 'node:fs/promises'
import { ShoukouError } from '@shoukou/protocol'
import type { PassphraseHalves } from '../keeping/ports.ts'
import type { Arguments } from './arguments.ts'
import { readText } from './ceiling-files.ts'
import { hiddenLine } from './hidden-line.ts'

/**
 * Returns both halves: from two files, each a first line, or typed by two people one after the other; twice where they are new.
 *
 * @throws ShoukouError `config-invalid` where one can't be had, or was typed otherwise the second time.
 */
export async function readHalves(
  values: Arguments,
  { isNew }: { readonly isNew: boolean },
): Promise<PassphraseHalves> {
  const [one, two] = [values['passphrase-file'], values['second-passphrase-file']]
  if ((one === undefined) !== (two === undefined)) {
    throw new ShoukouError(
      'config-invalid',
      'The passphrase has two halves: give --passphrase-file FILE and --second-passphrase-file FILE, or neither.',
    )
  }
  if (one !== undefined && two !== undefined)
    return { first: await firstLine(one), second: await firstLine(two) }
  if (!process.stdin.isTTY) {
    throw new ShoukouError(
      'config-invalid',
      'Nobody can be asked here: give both halves with --passphrase-file FILE and --second-passphrase-file FILE.',
    )
  }
  const first = await askHalf('First person’s half of the passphrase', isNew)
  const second = await askHalf('Second person’s half of the passphrase', isNew)
  return { first, second }
}

async function askHalf(words: string, isNew: boolean): Promise<string> {
  const typed = await ask(words)
  if (isNew && (await ask('Once more')) !== typed)
    throw new ShoukouError('config-invalid', 'These are not the same; begin again.')
  return typed
}

/** As a key is: whoever may read the file has this half. */
async function firstLine(path: string): Promise<string> {
  const { mode } = await stat(path)
  if ((mode & 0o077) !== 0)
    throw new ShoukouError('config-invalid', `${path} may be read by others; set its mode to 0600.`)
  const [line = ''] = (await readText(path)).split(/\r?\n/, 1)
  return line
}

function ask(words: string): Promise<string> {
  return hiddenLine(`${words}: `)
}
