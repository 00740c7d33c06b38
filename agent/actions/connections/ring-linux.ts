/**
 * A ring buffer of the kernel (BPF_MAP_TYPE_RINGBUF, Documentation/bpf/ringbuf.rst) as its reader has it: mapped memory.
 *
 * Positions are bytes since the beginning. Nothing read is given back to the kernel until `release`.
 */
import { readFileSync } from 'node:fs'
import { ShoukouError } from '@shoukou/protocol'
import type { Libc } from '../../base/libc-linux.ts'

const AT_PAGESZ = 6n
const headBytes = 8
const busy = 1 << 31
const discarded = 1 << 30
const lengthMask = 0x3fff_ffff

export class KernelRing {
  readonly #size: number
  readonly #data: Buffer
  readonly #heads: Int32Array
  readonly #produced: BigUint64Array
  readonly #consumed: BigUint64Array
  readonly #unmap: readonly (() => void)[]

  /** @throws ShoukouError `control-unavailable` where the kernel does not give its memory. */
  constructor(libc: Libc, fd: number, size: number) {
    const page = pageBytes()
    const consumer = mapped(libc, fd, page, 0, true)
    // The data stands there twice, one behind the other: no record is ever in two pieces.
    const producer = mapped(libc, fd, page + 2 * size, page, false)
    this.#size = size
    this.#data = Buffer.from(producer.bytes, page, 2 * size)
    this.#heads = new Int32Array(producer.bytes, page, (2 * size) / 4)
    this.#produced = new BigUint64Array(producer.bytes, 0, 1)
    this.#consumed = new BigUint64Array(consumer.bytes, 0, 1)
    this.#unmap = [consumer.unmap, producer.unmap]
  }

  get consumed(): bigint {
    return Atomics.load(this.#consumed, 0)
  }

  get produced(): bigint {
    return Atomics.load(this.#produced, 0)
  }

  /**
   * Hands out records from a position on, oldest first, until `take` returns false or the next one is not finished;
   * returns the position behind the last. A record's bytes are the kernel's: valid during the call alone.
   */
  read(from: bigint, take: (record: Buffer) => boolean): bigint {
    let position = Number(from)
    const end = Number(this.produced)
    let goesOn = true
    while (goesOn && position < end) {
      const at = position % this.#size
      const head = Atomics.load(this.#heads, at / 4)
      if ((head & busy) !== 0) break
      const length = head & lengthMask
      if ((head & discarded) === 0)
        goesOn = take(this.#data.subarray(at + headBytes, at + headBytes + length))
      position += (headBytes + length + 7) & ~7
    }
    return BigInt(position)
  }

  /** Gives everything before a position back to the kernel. */
  release(position: bigint): void {
    Atomics.store(this.#consumed, 0, position)
  }

  close(): void {
    for (const unmap of this.#unmap) unmap()
  }
}

function mapped(libc: Libc, fd: number, length: number, offset: number, isWritable: boolean) {
  const memory = libc.mapMemory(fd, length, offset, isWritable)
  if (memory.bytes !== null) return memory
  throw new ShoukouError('control-unavailable', `The kernel refused mmap (errno ${memory.errno}).`, {
    context: { call: 'mmap', errno: memory.errno, remedy: 'Give the agent more memory.' },
  })
}

/** The kernel tells each program its page size at start (getauxval(3)). */
function pageBytes(): number {
  const told = readFileSync('/proc/self/auxv')
  for (let at = 0; at + 16 <= told.length; at += 16)
    if (told.readBigUInt64LE(at) === AT_PAGESZ) return Number(told.readBigUInt64LE(at + 8))
  return 4_096
}
