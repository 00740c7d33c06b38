/**
 * Keeps what was read of a medium, counts what it cost, and stops where it would cost too much.
 *
 * Every read delays the person who plugged the medium in, and a lying table could ask for reads without end. Not a
 * cache for writing: whoever writes reads back from the source itself.
 */
import { ShoukouError } from '@shoukou/protocol'
import type { BoundedReader } from './block-source.ts'

/** Reads are made of these, so that neighbours come along: what is looked at lies close together. */
const PAGE_BYTES = 4_096

export interface ReadBudget {
  readonly readsMax: number
  readonly bytesMax: number
}

/** Sixteen partitions with a label each, and every place for a seal: an ordinary stick takes four to six reads. */
export const EXAMINATION_BUDGET: ReadBudget = { readsMax: 96, bytesMax: 1_048_576 }

export interface FrugalReader extends BoundedReader {
  /** What was really read from the medium until now. */
  cost(): { readonly count: number; readonly bytes: number }
  /** Reads a stretch in one go, cut at the end of the medium, so that later reads inside it cost nothing. */
  prefetch(offset: number, length: number): Promise<void>
}

/** Returns a reader that reads each page once and refuses (`medium-unreadable`, step `budget`) past the budget. */
export function readFrugally(source: BoundedReader, budget: ReadBudget): FrugalReader {
  const pageBytes = Math.max(PAGE_BYTES, source.blockBytes)
  const pages = new Map<number, Buffer>()
  let count = 0
  let bytes = 0

  async function fetch(first: number, last: number): Promise<void> {
    const offset = first * pageBytes
    const end = Math.min((last + 1) * pageBytes, source.sizeBytes ?? Number.MAX_SAFE_INTEGER)
    const length = end - offset
    if (count + 1 > budget.readsMax || bytes + length > budget.bytesMax) {
      throw new ShoukouError(
        'medium-unreadable',
        'More of the medium would have to be read than is read of any.',
        {
          context: { step: 'budget', offset, length },
        },
      )
    }
    count += 1
    bytes += length
    const read = await source.read(offset, length)
    for (let page = first; page <= last; page += 1) {
      const from = (page - first) * pageBytes
      pages.set(page, read.subarray(from, from + pageBytes))
    }
  }

  async function ensure(offset: number, length: number): Promise<void> {
    const last = Math.floor((offset + length - 1) / pageBytes)
    let page = Math.floor(offset / pageBytes)
    while (page <= last) {
      if (pages.has(page)) page += 1
      else {
        let end = page
        while (end < last && !pages.has(end + 1)) end += 1
        await fetch(page, end)
        page = end + 1
      }
    }
  }

  return {
    blockBytes: source.blockBytes,
    sizeBytes: source.sizeBytes,
    cost: () => ({ count, bytes }),
    async prefetch(offset, length) {
      const from = Math.max(0, offset)
      const end = Math.min(offset + length, source.sizeBytes ?? Number.MAX_SAFE_INTEGER)
      if (end > from) await ensure(from, end - from)
    },
    async read(offset, length) {
      assertInside(source.sizeBytes, offset, length)
      if (length === 0) return Buffer.alloc(0)
      await ensure(offset, length)
      const into = Buffer.alloc(length)
      for (let at = 0; at < length; ) {
        const page = pages.get(Math.floor((offset + at) / pageBytes)) ?? Buffer.alloc(0)
        const within = (offset + at) % pageBytes
        const copied = page.copy(into, at, within)
        if (copied === 0) throw pastTheEnd(offset, length)
        at += copied
      }
      return into
    },
  }
}

/** Returns a reader of one stretch of another: a partition. Its offsets begin at 0. */
export function windowOf(reader: BoundedReader, startByte: number, sizeBytes: number | null): BoundedReader {
  return {
    blockBytes: reader.blockBytes,
    sizeBytes,
    async read(offset, length) {
      assertInside(sizeBytes, offset, length)
      return await reader.read(startByte + offset, length)
    },
  }
}

/** @throws ShoukouError `medium-unreadable`, step `bounds`, where a stretch does not lie on the medium. */
export function assertInside(sizeBytes: number | null, offset: number, length: number): void {
  const isStretch = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0
  if (!isStretch || offset + length > (sizeBytes ?? Number.MAX_SAFE_INTEGER)) throw pastTheEnd(offset, length)
}

function pastTheEnd(offset: number, length: number): ShoukouError {
  return new ShoukouError('medium-unreadable', 'That stretch does not lie on the medium.', {
    context: { step: 'bounds', offset, length },
  })
}

/** Returns why a part could not be read, for a list of faults; anything but an operating error goes on as it is. */
export function faultOf(part: string, error: unknown): string {
  if (!(error instanceof ShoukouError)) throw error
  const step = error.context['step']
  return `${part}: ${error.message}${step === undefined ? '' : ` (${String(step)})`}`.slice(0, 200)
}
