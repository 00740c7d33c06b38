/**
 * `npm run bench -- NAME [--quick] [--n N]`: runs one bench; its last line is `NAME key=value …`. Ends with 1 where the
 * run is void, with 2 where it was asked for wrongly.
 */
import { parseArgs } from 'node:util'
import { ingest } from './ingest/ingest.ts'
import { media } from './media/media.ts'
import { network } from './network/network.ts'
import { plugToScreen } from './plug-to-screen/plug-to-screen.ts'
import { verify } from './verify/verify.ts'
import { web } from './web/web.ts'

export interface BenchOptions {
  /** The same keys at the same load, within three minutes. */
  readonly isQuick: boolean
  /** How often, where the bench repeats something; null: its own choice. */
  readonly n: number | null
  readonly say: (line: string) => void
}

/** Returns what is printed behind the name; rejects where the run is void. */
export type Bench = (options: BenchOptions) => Promise<Readonly<Record<string, number>>>

const benches: Readonly<Record<string, Bench>> = {
  ingest,
  media,
  network,
  'plug-to-screen': plugToScreen,
  verify,
  web,
}

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, n: { type: 'string' } },
  allowPositionals: true,
})
const [name = ''] = positionals
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined
if (bench === undefined) {
  process.stderr.write(
    `npm run bench -- NAME [--quick] [--n N]; NAME is one of: ${Object.keys(benches).join(', ')}\n`,
  )
  process.exit(2)
}
const say = (line: string): void => {
  process.stderr.write(`${line}\n`)
}
try {
  const n = values.n === undefined ? null : Number(values.n)
  const figures = await bench({ isQuick: values.quick, n, say })
  const words = Object.entries(figures).map(([key, value]) => `${key}=${Math.round(value * 1_000) / 1_000}`)
  process.stdout.write(`${name} ${words.join(' ')}\n`)
  process.exit(0)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.stdout.write(`${name} void\n`)
  process.exit(1)
}
