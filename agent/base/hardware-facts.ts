/** Which of the numbers that a machine names tell it from others. Pure; reading them is `hardware-linux.ts`. */
import {
  HARDWARE_FACTS_MAX,
  type HardwareFact,
  type HardwarePart,
  hardwareFact,
  isPlaceholderSerial,
  rawTextOf,
} from '@shoukou/protocol'

export interface NamedPart {
  readonly part: HardwarePart
  /** As the machine names it. */
  readonly number: string
}

/** What board makers leave in place of a number, in lower case; serials of storage are known to `isPlaceholderSerial`. */
const placeholders: ReadonlySet<string> = new Set([
  '03000200-0400-0500-0006-000700080009',
  '12345678-1234-5678-90ab-cddeefaabbcc',
  '11111111-2222-3333-4444-555555555555',
  'fefefefe-fefe-fefe-fefe-fefefefefefe',
  'system serial number',
  'base board serial number',
  'board serial number',
  'chassis serial number',
  'not applicable',
  'not defined',
  'no asset information',
  'type2 - board serial number',
  'invalid',
  'empty',
  'o.e.m.',
  'oem',
  '.',
  'xxxxxxxxxxxx',
])

/** Returns the facts worth telling: no placeholders, each once, in a fixed order. */
export function hardwareFacts(parts: readonly NamedPart[]): HardwareFact[] {
  const facts = new Map<string, HardwareFact>()
  for (const { part, number } of parts) {
    const plain = number.trim()
    if (placeholders.has(plain.toLowerCase()) || isPlaceholderSerial(rawTextOf(Buffer.from(plain, 'latin1'))))
      continue
    const fact = hardwareFact(part, plain)
    facts.set(`${fact.part} ${fact.hash}`, fact)
  }
  return [...facts.keys()]
    .toSorted()
    .slice(0, HARDWARE_FACTS_MAX)
    .flatMap((key) => facts.get(key) ?? [])
}
