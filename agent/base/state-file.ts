/**
 * The small JSON files of the state folder: read strictly against a schema, set aside where they are not what they
 * should be, never overwritten unread.
 */
import { rename } from 'node:fs/promises'
import { checkOf } from '@shoukou/protocol/schema-check.ts'
import type { Static, TSchema } from 'typebox'
import { readFileIfThere, writeJsonAtomic } from './atomic-file.ts'

export interface StateFile<T> {
  /**
   * Reads the value; null where there is none. A file that is not what the schema says is renamed to
   * `<name>.damaged` and told through `onDamaged`; null then.
   */
  read(path: string, onDamaged: (path: string) => void): Promise<T | null>
  /** Reads without touching anything: for whoever only looks. */
  peek(path: string): Promise<T | 'damaged' | null>
  write(path: string, value: T): Promise<void>
}

/** Makes the reader and writer of one kind of state file. */
export function stateFile<S extends TSchema>(schema: S): StateFile<Static<S>> {
  const check = checkOf(schema)
  const peek = async (path: string): Promise<Static<S> | 'damaged' | null> => {
    const bytes = await readFileIfThere(path)
    if (bytes === null) return null
    const value = parseOrUndefined(bytes)
    return check.Check(value) ? value : 'damaged'
  }
  return {
    async read(path, onDamaged) {
      const found = await peek(path)
      if (found !== 'damaged') return found
      await rename(path, `${path}.damaged`)
      onDamaged(path)
      return null
    },
    peek,
    write: (path, value) => writeJsonAtomic(path, value),
  }
}

function parseOrUndefined(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (fault) {
    if (fault instanceof SyntaxError) return undefined
    throw fault
  }
}
