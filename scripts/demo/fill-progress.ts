/** Lines on how far a fill is: each step, and each fifth of one. */
import type { FillOptions, FillStep } from './fill.ts'

const parts = 5

/** Returns what a fill calls: a line at each fifth, with the seconds since the beginning. */
export function fillProgress(
  out: Pick<NodeJS.WriteStream, 'write'>,
  names: Readonly<Record<FillStep, string>>,
  clock: () => number = () => performance.now(),
): FillOptions['progress'] {
  const began = clock()
  let told = ''
  return (step, share) => {
    const line = `${names[step]} ${Math.floor(share * parts) * (100 / parts)} %`
    if (line === told || share === 0) return
    told = line
    out.write(`\n    ${line}  (${((clock() - began) / 1_000).toFixed(0)} s)`)
    if (step === 'year' && share === 1) out.write('\n')
  }
}
