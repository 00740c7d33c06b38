/**
 * What may be connected to, as the kernel looks it up: one entry for each prefix, the longest that holds an address being
 * the one that counts. Pure.
 *
 * Both families stand in one tree, IPv4 in its mapped form, and always with the entry that holds all of IPv4: no prefix of
 * IPv6, however short, speaks for it. A longer prefix therefore carries what the shorter ones around it allow as well. `judgeDestination` is the law; a test
 * holds the two together.
 */
import assert from 'node:assert/strict'
import { covers, type Destination, formatPrefix, type Prefix, ShoukouError } from '@shoukou/protocol'

/** Ports of one protocol (`null`: of every protocol); `firstPort` above `lastPort`: none. */
export interface Span {
  readonly protocol: number | null
  readonly firstPort: number
  readonly lastPort: number
}

export interface ApprovedEntry {
  readonly prefix: Prefix
  readonly spans: readonly Span[]
}

export interface ApprovedTable {
  readonly ipv4: readonly ApprovedEntry[]
  readonly ipv6: readonly ApprovedEntry[]
}

/** Prefixes of one family, without the one that holds all of IPv4. */
export const approvedEntriesMax = 2_048
export const treeEntriesMax = 2 * approvedEntriesMax + 1
/** Spans of one prefix, with those of the prefixes around it. */
export const spansMax = 64
export const spanBytes = 8
export const approvedValueBytes = spansMax * spanBytes

/** u32 length in bits, then 16 bytes of address. */
export const approvedKeyBytes = 20

/** In the place of a protocol: any of them; no more spans. Beyond every number that IP has. */
export const anyProtocol = 0x7fff_fffe
export const noMoreSpans = 0x7fff_ffff

/** Those whose ports count: TCP, UDP, DCCP, SCTP, UDP-Lite, MPTCP. Of any other protocol the prefix decides alone. */
export const portProtocols: readonly number[] = [6, 17, 33, 132, 136, 262]

const portMax = 65_535
const allOfIpv4: Prefix = { family: 'ipv4', bytes: [0, 0, 0, 0], length: 0 }
/** RFC 4291 §2.5.5.2 */
const mappedBefore: readonly number[] = [...Array<number>(10).fill(0), 0xff, 0xff]

/**
 * Returns the table of these destinations.
 *
 * @throws ShoukouError `limit-exceeded` for more than `approvedEntriesMax` prefixes of a family, or more than `spansMax`
 * spans at one address: no part of a policy is left out in silence.
 */
export function compileDestinations(approved: readonly Destination[]): ApprovedTable {
  const ipv4 = entriesOf(approved, 'ipv4')
  const isWhole = ipv4.some(({ prefix }) => prefix.length === 0)
  return {
    ipv4: isWhole ? ipv4 : [{ prefix: allOfIpv4, spans: [] }, ...ipv4],
    ipv6: entriesOf(approved, 'ipv6'),
  }
}

export function encodeApprovedKey({ family, bytes, length }: Prefix): Buffer {
  const key = Buffer.alloc(approvedKeyBytes)
  const before = family === 'ipv4' ? mappedBefore : []
  key.writeUInt32LE(8 * before.length + length, 0)
  key.set([...before, ...bytes], 4)
  return key
}

/** Per span: u16 first port, u16 last port, u32 protocol. */
export function encodeSpans(spans: readonly Span[]): Buffer {
  assert(spans.length <= spansMax, 'more spans than an entry holds')
  const value = Buffer.alloc(approvedValueBytes)
  for (let index = 0; index < spansMax; index += 1) {
    const span = spans[index]
    const at = index * spanBytes
    value.writeUInt16LE(span?.firstPort ?? 1, at)
    value.writeUInt16LE(span?.lastPort ?? 0, at + 2)
    value.writeUInt32LE(span === undefined ? noMoreSpans : (span.protocol ?? anyProtocol), at + 4)
  }
  return value
}

function entriesOf(approved: readonly Destination[], family: Prefix['family']): ApprovedEntry[] {
  const ours = approved.filter(({ prefix }) => prefix.family === family)
  const prefixes = new Map(ours.map(({ prefix }) => [formatPrefix(prefix), prefix]))
  limit(prefixes.size, approvedEntriesMax, `${family} prefixes`)
  return [...prefixes].map(([text, prefix]) => {
    const spans = mergeSpans(ours.filter((one) => covers(one.prefix, prefix)).map(spanOf))
    limit(spans.length, spansMax, `port ranges for ${text}`)
    return { prefix, spans }
  })
}

function spanOf({ protocol, firstPort, lastPort }: Destination): Span {
  const isNone = firstPort > lastPort || firstPort > portMax || lastPort < 0
  if (isNone) return { protocol, firstPort: 1, lastPort: 0 }
  return { protocol, firstPort: Math.max(0, firstPort), lastPort: Math.min(portMax, lastPort) }
}

/** Joins spans of one protocol that meet, and drops those that a span of every protocol has already. */
function mergeSpans(spans: readonly Span[]): Span[] {
  const ofAll = joined(spans.filter(({ protocol }) => protocol === null))
  const protocols = new Set(spans.flatMap(({ protocol }) => protocol ?? []))
  const others = [...protocols].flatMap((protocol) =>
    joined(spans.filter((span) => span.protocol === protocol)).filter(
      (span) => !ofAll.some((one) => one.firstPort <= span.firstPort && span.lastPort <= one.lastPort),
    ),
  )
  return [...ofAll, ...others]
}

/** A span of no ports stays one where it is alone: protocols without ports go by it. */
function joined(spans: readonly Span[]): Span[] {
  const real = spans.filter((span) => span.firstPort <= span.lastPort)
  if (real.length === 0) return spans.slice(0, 1)
  const result: Span[] = []
  for (const span of [...real].sort((a, b) => a.firstPort - b.firstPort)) {
    const last = result.at(-1)
    if (last === undefined || span.firstPort > last.lastPort + 1) result.push(span)
    else if (span.lastPort > last.lastPort) result[result.length - 1] = { ...last, lastPort: span.lastPort }
  }
  return result
}

function limit(count: number, max: number, what: string): void {
  if (count <= max) return
  throw new ShoukouError('limit-exceeded', `The policy has more ${what} than the kernel's table holds.`, {
    context: { count, max, remedy: 'Write neighbouring ports as ranges, and networks instead of addresses.' },
  })
}
