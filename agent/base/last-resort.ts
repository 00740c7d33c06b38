/**
 * What catches a fault that nobody else did, outside of any request: one line in the log, and the process ends, to be started anew
 * by its service. It never goes on: what was half done when a fault was thrown is nobody's to guess, and the journal's own
 * frames and hashes tell at the next start how far it came. Denial of media stays in place meanwhile.
 */
import type { Log } from './log.ts'

/** Ends with a code that the service manager takes for a failure. */
export const LAST_RESORT_CODE = 70

/** Catches for the rest of this process; `exit` ends it. A promise that was refused and that nobody looked at counts too. */
export function installLastResort(
  log: Pick<Log, 'error'>,
  exit: (code: number) => void = (code) => process.exit(code),
): void {
  process.on('uncaughtException', (fault: unknown, origin) => {
    // Whatever was thrown: a text, nothing, or what throws again where it is looked at.
    try {
      log.error({ origin, fault: faultText(fault) }, 'a fault that nothing caught: the agent ends')
    } finally {
      exit(LAST_RESORT_CODE)
    }
  })
}

const faultCharactersMax = 8_192

function faultText(fault: unknown): string {
  const text = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)
  return text.slice(0, faultCharactersMax)
}
