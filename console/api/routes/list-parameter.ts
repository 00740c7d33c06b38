/** Comma-separated lists in a query. */
import { ShoukouError } from '@shoukou/protocol'

/**
 * Returns the listed values, each one of `allowed`; an empty text is an empty list, which filters nothing: undefined.
 *
 * @throws ShoukouError `invalid-request`: a filter that is not known must not look like one that found nothing.
 */
export function parseList<Value extends string>(
  name: string,
  text: string,
  allowed: readonly Value[],
): Value[] | undefined {
  if (text === '') return undefined
  const listed = text.split(',')
  const known = allowed.filter((value) => listed.includes(value))
  if (listed.every((value) => known.some((one) => one === value))) return known
  const which = allowed.length > 12 ? 'has a value that does not exist' : `takes ${allowed.join(', ')}`
  throw new ShoukouError('invalid-request', `The query: "${name}" ${which}.`)
}
