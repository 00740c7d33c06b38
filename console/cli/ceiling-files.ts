/** The ceiling's files on the command line: a draft with comments, a signed one, a passphrase. */
import { readFile, stat } from 'node:fs/promises'
import {
  type Ceiling,
  encodeCeiling,
  isSignedCeiling,
  readCeiling,
  ShoukouError,
  type SignedCeiling,
} from '@shoukou/protocol'
import { hiddenLine } from './hidden-line.ts'

/** Reads a file of at most a megabyte. @throws ShoukouError `config-invalid`. */
export async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path)
    if (size > 1_048_576) throw new ShoukouError('config-invalid', `${path} is too large.`)
    return await readFile(path, 'utf8')
  } catch (cause) {
    if (cause instanceof ShoukouError) throw cause
    throw new ShoukouError('config-invalid', `${path} can't be read: ${(cause as Error).message}`, { cause })
  }
}

/** Reads a signed ceiling or a draft; a draft has no signatures yet. @throws ShoukouError `ceiling-refused`. */
export async function readCeilingFile(
  path: string,
): Promise<{ readonly signed: SignedCeiling; readonly ceiling: Ceiling }> {
  const text = await readText(path)
  let value: unknown
  try {
    value = JSON.parse(withoutComments(text))
  } catch (cause) {
    throw new ShoukouError('ceiling-refused', `${path} is not JSON: ${(cause as Error).message}`, { cause })
  }
  if (isSignedCeiling(value)) {
    const ceiling = readCeiling(value)
    if (ceiling === null) throw new ShoukouError('ceiling-refused', `${path} holds no ceiling.`)
    return { signed: value, ceiling }
  }
  const payload = encodeCeiling(value as Ceiling)
  return { signed: { v: 1, payload: payload.toString('base64'), signatures: [] }, ceiling: value as Ceiling }
}

/** Lines that begin with `//` are for the reader. */
function withoutComments(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('//'))
    .join('\n')
}

/** Reads a passphrase from a file of its owner alone, or from the terminal without showing it. */
export async function readPassphrase(file: string | undefined, prompt: string): Promise<string> {
  if (file !== undefined) {
    const { mode } = await stat(file)
    if ((mode & 0o077) !== 0)
      throw new ShoukouError('config-invalid', `${file} may be read by others; set its mode to 0600.`)
    return (await readText(file)).replace(/\r?\n$/, '')
  }
  if (!process.stdin.isTTY)
    throw new ShoukouError(
      'config-invalid',
      'A passphrase is asked for at a terminal; or use --passphrase-file.',
    )
  return hiddenLine(prompt)
}
