/** What the samples come to. Pure. */
import { quantile } from '../figures.ts'
import type { Sample } from './plugs.ts'

type Measure = 'decideMs' | 'usableMs'

/** Returns the ratios of ours to theirs: medians by pair and kind, then the median of those; and of all p99s. */
export function ratiosOf(samples: readonly Sample[], ours: string, theirs: string) {
  return {
    decide_ratio: pairRatio(samples, ours, theirs, 'decideMs'),
    decide_p99_ratio:
      quantile(values(samples, ours, 'decideMs'), 0.99) / quantile(values(samples, theirs, 'decideMs'), 0.99),
    usable_ratio: pairRatio(samples, ours, theirs, 'usableMs'),
  }
}

/** Returns what refused devices got: drivers, input nodes, bytes. */
export function exposureOf(samples: readonly Sample[]) {
  const refused = samples.filter(({ kind }) => kind.startsWith('refused'))
  const sum = (of: (sample: Sample) => number) => refused.reduce((total, one) => total + of(one), 0)
  return {
    binds: sum(({ binds }) => binds),
    input_nodes: sum(({ inputNodes }) => inputNodes),
    exposed_bytes: sum(({ bytes }) => bytes),
  }
}

/** Returns a line for each arm and kind. */
export function describeKinds(samples: readonly Sample[]): string[] {
  const groups = Map.groupBy(samples, ({ arm, kind }) => `${arm}, ${kind}`)
  return [...groups].map(([name, group]) => {
    const timed = group.filter(({ isWarmUp }) => !isWarmUp)
    const times = timed.flatMap((one) => one.decideMs ?? one.usableMs ?? [])
    const what = timed.some(({ usableMs }) => usableMs !== null) ? 'usable' : 'decided'
    const figures =
      times.length === 0
        ? 'never'
        : `${what} after ${ms(quantile(times, 0.5))} (p99 ${ms(quantile(times, 0.99))})`
    const exposed = group.filter(({ bytes }) => bytes > 0).length
    const bound = group.filter(({ binds }) => binds > 0).length
    return `${name}: ${figures}; of ${group.length} ${bound} bound, ${exposed} read`
  })
}

function pairRatio(samples: readonly Sample[], ours: string, theirs: string, measure: Measure): number {
  const groups = Map.groupBy(samples, ({ pair, kind }) => `${pair} ${kind}`)
  const ratios = [...groups.values()].flatMap((group) => {
    const mine = values(group, ours, measure)
    const other = values(group, theirs, measure)
    return mine.length === 0 || other.length === 0 ? [] : [quantile(mine, 0.5) / quantile(other, 0.5)]
  })
  return quantile(ratios, 0.5)
}

function values(samples: readonly Sample[], arm: string, measure: Measure): number[] {
  return samples.flatMap((one) => (one.arm === arm ? (one[measure] ?? []) : []))
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`
}
