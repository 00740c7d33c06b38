/**
 * Runs one parser over hostile inputs. An input is judged by three things: what is thrown is an operating error and no
 * other, nothing takes long, and nothing outside of the parser has changed.
 */
import { performance } from 'node:perf_hooks'
import { ShoukouError } from '@shoukou/protocol'
import { seededRandom } from '@shoukou/protocol/fixtures/seeded-random.ts'
import { mutate } from './mutate.ts'

export interface FuzzTarget {
  readonly name: string
  /** From where its input comes. */
  readonly reach: 'network' | 'medium' | 'device' | 'radio' | 'import' | 'system'
  /** Honest inputs, from which hostile ones are made. */
  readonly corpus: readonly Buffer[]
  /** Takes an input or throws; what it returns is looked at by `holds`. */
  readonly parse: (bytes: Buffer) => unknown
  /** What must be true of whatever it took; throws where it is not. */
  readonly holds?: (value: unknown, bytes: Buffer) => void
  /** A refusal that it gives by a value, not by throwing. */
  readonly isRefusal?: (value: unknown) => boolean
  /** It refuses nothing: whatever it is given, it makes the best of it. */
  readonly takesAll?: boolean
  readonly bytesMax?: number
  /** One input may take this long, ms; a first slow one is tried again before it counts. */
  readonly slowMsMax?: number
}

export interface FuzzOutcome {
  readonly inputs: number
  readonly taken: number
  readonly refused: number
  readonly slowestMs: number
  readonly seconds: number
}

/** What was found: the input is in the message, as base64, so that it can be kept. */
export class FuzzFinding extends Error {
  readonly input: Buffer

  constructor(target: string, at: string, input: Buffer, cause: unknown) {
    super(`${target}: ${at}: ${String(cause)}; input, base64: ${input.toString('base64').slice(0, 4_000)}`, {
      cause,
    })
    this.name = 'FuzzFinding'
    this.input = input
  }
}

const bytesMaxDefault = 16_384
const slowMsMaxDefault = 250

/**
 * Runs `inputs` inputs of a seed through a target, the kept ones first.
 *
 * @throws FuzzFinding for the first input that breaks it.
 */
export async function runTarget(
  target: FuzzTarget,
  {
    inputs,
    seed,
    kept = [],
  }: { readonly inputs: number; readonly seed: number; readonly kept?: readonly Buffer[] },
): Promise<FuzzOutcome> {
  const random = seededRandom(seed)
  const counts = { taken: 0, refused: 0 }
  let slowestMs = 0
  const began = performance.now()
  const tryOne = async (input: Buffer, at: string): Promise<void> => {
    const { isTaken, ms } = await parseOnce(target, input, at)
    counts[isTaken ? 'taken' : 'refused'] += 1
    if (ms <= slowestMs) return
    const slowMsMax = target.slowMsMax ?? slowMsMaxDefault
    // Something else on the machine may have had the time: what is slow by itself takes the processor's.
    const again =
      ms > slowMsMax
        ? Math.min(ms, await processorMs(target, input, at), await processorMs(target, input, at))
        : ms
    slowestMs = Math.max(slowestMs, again)
    if (again > slowMsMax)
      throw new FuzzFinding(target.name, at, input, new Error(`it took ${Math.round(again)} ms`))
  }
  for (const [at, input] of [...kept, ...target.corpus].entries())
    await tryOne(Buffer.from(input), `kept input ${at}`)
  for (let round = 0; round < inputs; round += 1) {
    await tryOne(
      mutate(random, target.corpus, target.bytesMax ?? bytesMaxDefault),
      `seed ${seed}, input ${round}`,
    )
    if (round % 1_000 === 0) assertUnpolluted(target.name, round)
  }
  assertUnpolluted(target.name, inputs)
  return { inputs, ...counts, slowestMs, seconds: (performance.now() - began) / 1_000 }
}

async function parseOnce(
  target: FuzzTarget,
  input: Buffer,
  at: string,
): Promise<{ readonly isTaken: boolean; readonly ms: number }> {
  const began = performance.now()
  let value: unknown
  try {
    value = await target.parse(input)
  } catch (thrown) {
    if (thrown instanceof ShoukouError) return { isTaken: false, ms: performance.now() - began }
    throw new FuzzFinding(target.name, at, input, thrown)
  }
  const ms = performance.now() - began
  if (target.isRefusal?.(value) === true) return { isTaken: false, ms }
  try {
    target.holds?.(value, input)
  } catch (thrown) {
    throw new FuzzFinding(target.name, at, input, thrown)
  }
  return { isTaken: true, ms }
}

async function processorMs(target: FuzzTarget, input: Buffer, at: string): Promise<number> {
  const before = process.cpuUsage()
  await parseOnce(target, input, at)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

const clean = Object.getOwnPropertyNames(Object.prototype).toSorted().join()

/** Every object has what its prototype has: what a parser left there, all of the program would see. */
function assertUnpolluted(name: string, round: number): void {
  const now = Object.getOwnPropertyNames(Object.prototype).toSorted().join()
  if (now !== clean)
    throw new Error(`${name}: by input ${round} the prototype of all objects was altered: ${now}`)
}
