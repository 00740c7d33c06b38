/** /proc/net/nf_conntrack to connections of others whose addresses this computer alters on the way. Pure. */
import { formatAddress, parseAddress } from '@shoukou/protocol'

const linesMax = 5_000

/**
 * Returns the computers from which connections come whose answers are expected at or from an address that the question did
 * not name: translated on the way. Each once. What this computer's own programs open is nobody else's.
 */
export function parseTranslatedSources(text: string, ownAddresses: ReadonlySet<string>): string[] {
  const found = new Set<string>()
  for (const line of text.split('\n', linesMax)) {
    const [source, destination, answerSource, answerDestination] = addressesOf(line)
    if (source === undefined || destination === undefined || answerDestination === undefined) continue
    if (ownAddresses.has(source) || source.startsWith('127.') || source === '::1') continue
    if (answerSource !== destination || answerDestination !== source) found.add(source)
  }
  return [...found]
}

/** Source and destination of the question, then of the answer. The kernel prints all zeros of IPv6: made canonical. */
function addressesOf(line: string): (string | undefined)[] {
  return [...line.matchAll(/ (?:src|dst)=([0-9a-fA-F:.]{2,45})/g)].map(([, text = '']) => {
    const parsed = parseAddress(text)
    return parsed === null ? undefined : formatAddress(parsed)
  })
}
