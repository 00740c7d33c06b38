/**
 * The signing process: holds the daily key, and serves the console at its descriptor 3 until that one goes.
 *
 * It is started by `start-signer-linux.ts`; the key's place comes as an argument and the key itself never leaves. What goes
 * wrong is said on its standard error, which the console's own output shows.
 */
import { Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { installLastResort } from '../base/last-resort.ts'
import { createLog } from '../base/log.ts'
import { keepCeiling, openDailyKey, readKeptCeiling } from './daily-key.ts'
import { serveSigner } from './serve-signer.ts'
import { createSigningCore } from './signing-core.ts'

process.umask(0o077)
installLastResort(createLog())
// The console decides when this ends: a signal to the whole group reaches both, and what is under way is answered.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)
const { values } = parseArgs({
  options: {
    key: { type: 'string' },
    ceiling: { type: 'string' },
    'may-make-key': { type: 'boolean' },
  },
})
const { key: keyPath = '', ceiling: ceilingPath = '' } = values
try {
  const core = createSigningCore({
    privateKey: await openDailyKey(keyPath, values['may-make-key'] === true),
    ceiling: await readKeptCeiling(ceilingPath),
    keep: (signed) => keepCeiling(ceilingPath, signed),
  })
  const stream = new Socket({ fd: 3, readable: true, writable: true })
  await serveSigner(stream, core)
} catch (error) {
  process.stderr.write(`shoukou signer: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
process.exit()
