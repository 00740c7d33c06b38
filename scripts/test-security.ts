/**
 * `npm run test:security [-- --inputs N] [--seed S] [names …]`: hostile input, hostile peers and hostile people against the
 * real agent and console. `--inputs`: for each parser (100,000 unless told); `--seed`: a run that must come again.
 */
import { parseArgs } from 'node:util'
import { runChecks } from './checks/run-checks.ts'

const { values, positionals } = parseArgs({
  options: { inputs: { type: 'string' }, seed: { type: 'string' } },
  allowPositionals: true,
})
for (const [name, value] of Object.entries(values)) {
  if (value === undefined) continue
  if (!/^\d{1,10}$/.test(value)) {
    process.stderr.write(`--${name} is a whole number, not ${JSON.stringify(value)}\n`)
    process.exit(2)
  }
  process.env[`SHOUKOU_FUZZ_${name.toUpperCase()}`] = value
}
// Somebody else may be at the pages: who runs this beside it says so, and asks for nothing that shows one.
const doPagesStand = process.env['SHOUKOU_PAGES_STAND'] === '1'
const { failed } = await runChecks([
  ...(doPagesStand
    ? []
    : [{ title: 'pages build', command: ['node', 'scripts/build.ts'], kind: 'one' } as const]),
  {
    title: 'security',
    command: ['vitest', 'run', '--config', 'test/security/vitest.security.config.ts', ...positionals],
    kind: 'vitest',
  },
])
process.exitCode = failed === 0 ? 0 : 1
