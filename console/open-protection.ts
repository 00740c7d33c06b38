/** Joins agents' connections to what the console keeps of their own protection. */
import type { Log } from './base/log.ts'
import type { ProtectionPort } from './link/ports.ts'
import type { ProtectionKeys } from './pki/protection-keys.ts'
import type { Store } from './store/ports.ts'
import { createKeyDesk } from './workflows/protection-keys.ts'

export function protectionPort(parts: {
  readonly store: Store
  readonly keys: ProtectionKeys
  readonly now: () => number
  readonly tellComputer: (agent: string) => Promise<void>
  readonly log: Log
}): ProtectionPort {
  const { store, keys, now, tellComputer, log } = parts
  const desk = createKeyDesk(store, keys)
  /** One after another: an agent that answers again must not be overtaken by the word that it did not. */
  let noting: Promise<void> = Promise.resolve()
  const note = async (agent: string, isAnswering: boolean): Promise<void> => {
    const isNews = await store.setUnanswered(agent, isAnswering ? null : now())
    if (!isNews) return
    log.info({ agent, isAnswering }, 'an agent answers, or does not')
    await tellComputer(agent)
  }
  return {
    keysFor: (agent, said) => desk.forHello(agent, said),
    answers: (agent, isAnswering) => {
      noting = noting
        .then(() => note(agent, isAnswering))
        .catch((error: unknown) => log.error({ agent, err: error }, 'an answer could not be noted'))
    },
  }
}
