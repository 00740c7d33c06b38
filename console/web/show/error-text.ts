/** What to say about an error: a sentence of our own for each code, with the remedy. */
import type { Text } from '../i18n/use-text.ts'
import { ApiError } from '../server/request.ts'

/** Their message says which field, which cell, which rule. */
const sayWhich = new Set([
  'invalid-request',
  'spreadsheet-refused',
  'beyond-ceiling',
  'ceiling-refused',
  'backup-refused',
  'log-altered',
])

/** Returns the sentence; for a code without one, the console's own message. */
export function errorText(text: Pick<Text, 't' | 'tryT'>, error: unknown): string {
  if (!(error instanceof ApiError)) return text.t('error.page', { message: String(error) })
  const words = text.tryT(`error.${error.code}`)
  // These say which field or which rule: the general sentence alone would help nobody.
  if (words !== null && sayWhich.has(error.code)) {
    const taken = /^The number (.+) is taken; choose another\.$/.exec(error.message)?.[1]
    if (taken !== undefined) return text.t('enrol.number-taken', { number: taken })
    return text.t('page.error-with', { words, message: error.message })
  }
  if (words !== null && error.faults.length > 0) {
    const told = error.faults.map(({ code }) => text.tryT(`fault.${code}`) ?? code)
    return text.t('page.error-with', { words, message: [...new Set(told)].join('；') })
  }
  return words ?? error.message
}
