/**
 * Decides whether a frame of records goes on where the stored journal ends. Pure: hashes only.
 *
 * A resent record is accepted again only with the very bytes that are stored; a jump only where the agent names the
 * numbers that it no longer has; anything else is refused before a byte of it is stored.
 */
import {
  chainHashOf,
  genesisHead,
  headAfter,
  type Position,
  type RecordsFrame,
  ShoukouError,
} from '@shoukou/protocol'

export interface CheckedFrame {
  /** Records that are already stored, with the head that they claim: to be compared with the stored one. */
  readonly resent: readonly { readonly seq: number; readonly head: string }[]
  /** Records that are new, in order. */
  readonly fresh: readonly { readonly seq: number; readonly raw: Buffer; readonly head: string }[]
  /** Numbers that the agent says it no longer has, before the first fresh record. */
  readonly gap: { readonly firstSeq: number; readonly lastSeq: number; readonly headBefore: string } | null
}

/** A head that the agent claimed for the record at an index of the frame. */
export interface ClaimedHead {
  readonly index: number
  readonly head: string
}

export interface FrameContext {
  readonly agent: string
  /** The epoch that this connection's hello named. */
  readonly epoch: string
  /** Where the stored journal of that epoch ends; null where nothing is stored. */
  readonly stored: Position | null
}

/**
 * @throws ShoukouError `foreign-record` for another epoch, `out-of-sequence` for a jump that nobody names,
 * `chain-broken` where the first fresh record does not continue the stored chain, `malformed-frame` where the frame
 * does not hold together by itself.
 */
export function checkFrame(
  frame: RecordsFrame & { readonly claims?: readonly ClaimedHead[] },
  context: FrameContext,
): CheckedFrame {
  const { header, records } = frame
  if (header.epoch !== context.epoch)
    throw new ShoukouError('foreign-record', 'The frame names another journal.')
  const storedSeq = context.stored?.seq ?? 0
  const heads = headsOf(frame)
  const entries = records.map((raw, index) => ({
    seq: header.firstSeq + index,
    raw,
    head: heads[index] ?? '',
  }))
  const resent = entries.filter((entry) => entry.seq <= storedSeq).map(({ seq, head }) => ({ seq, head }))
  const fresh = entries.filter((entry) => entry.seq > storedSeq)
  const gap = checkGap(header, storedSeq)
  if (gap === null && header.firstSeq <= storedSeq + 1) checkContinues(frame, context, heads)
  return { resent, fresh, gap }
}

function headsOf({
  header,
  records,
  claims = [],
}: RecordsFrame & { readonly claims?: readonly ClaimedHead[] }): string[] {
  let head: Buffer = Buffer.from(header.headBefore, 'hex')
  const hash = chainHashOf(header.epoch)
  const heads = records.map((raw, index) => {
    head = headAfter(head, header.firstSeq + index, raw, hash)
    return head.toString('hex')
  })
  if (
    heads.at(-1) !== header.headAfter ||
    claims.some(({ index, head: claimed }) => heads[index] !== claimed)
  ) {
    throw new ShoukouError('malformed-frame', 'The frame’s last head is not that of its records.')
  }
  return heads
}

function checkGap(header: RecordsFrame['header'], storedSeq: number): CheckedFrame['gap'] {
  const { firstSeq, gap } = header
  if (firstSeq <= storedSeq + 1) return null
  if (gap !== null && gap.lastSeq === firstSeq - 1 && gap.firstSeq <= storedSeq + 1) {
    return { firstSeq: storedSeq + 1, lastSeq: gap.lastSeq, headBefore: header.headBefore }
  }
  throw new ShoukouError('out-of-sequence', `Record ${firstSeq} came where ${storedSeq + 1} was next.`)
}

function checkContinues({ header }: RecordsFrame, context: FrameContext, heads: readonly string[]): void {
  const storedSeq = context.stored?.seq ?? 0
  const storedHead = context.stored?.head ?? genesisHead(context.agent, context.epoch).toString('hex')
  const before = header.firstSeq - 1
  const claimed = before === storedSeq ? header.headBefore : heads[storedSeq - header.firstSeq]
  // A frame that ends before the stored end is compared record by record instead.
  if (claimed === undefined || claimed === storedHead) return
  if (before === storedSeq) {
    throw new ShoukouError('chain-broken', 'The records do not continue the stored chain.', {
      context: { seq: storedSeq, expectedHead: storedHead, claimedHead: claimed },
    })
  }
  throw new ShoukouError('replayed-differently', `Record ${storedSeq} came again with another content.`)
}
