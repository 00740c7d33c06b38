/** A store that is asked each question once: for checks of many rows that name the same departments and people. */
import type { Store } from '../../store/ports.ts'

const remembered = new Set<string>(['departmentTree', 'numberPatterns', 'ledgerEntry', 'ledgerEntries'])

/** Returns a view of a store for one check: what it was answered first it goes on answering. */
export function rememberReads(store: Store): Store {
  const answers = new Map<string, unknown>()
  return new Proxy(store, {
    get: (target, method) => {
      const found: unknown = Reflect.get(target, method)
      if (typeof method !== 'string' || !remembered.has(method) || typeof found !== 'function') return found
      return (...parameters: readonly unknown[]): unknown => {
        const question = `${method} ${JSON.stringify(parameters)}`
        if (!answers.has(question)) answers.set(question, Reflect.apply(found, target, [...parameters]))
        return answers.get(question)
      }
    },
  })
}
