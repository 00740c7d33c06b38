/** A passphrase from a file, or typed where nobody sees it. Never from the command line: every account reads that. */
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { ShoukouError } from '@shoukou/protocol'
import type { Arguments } from './arguments.ts'

/** Returns the first line of the file, or what is typed. @throws ShoukouError `config-invalid` where neither can be had. */
export async function readPassphrase(values: Arguments, words: string): Promise<string> {
  const path = values['passphrase-file']
  if (path !== undefined) {
    const [line = ''] = (await readFile(path, 'utf8')).split(/\r?\n/, 1)
    return line
  }
  if (!process.stdin.isTTY)
    throw new ShoukouError(
      'config-invalid',
      'Nobody can be asked here: give the passphrase with --passphrase-file FILE.',
    )
  process.stderr.write(`${words}: `)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true })
  try {
    return await lines.question('')
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}
