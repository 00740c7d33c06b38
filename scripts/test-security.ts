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
const isFuzzingAlone = positionals.length > 0 && positionals.every((name) => name.includes('fuzz'))
const { failed } = await runChecks([
  // Parsers need no pages, and somebody else may be at them.
  ...(isFuzzingAlone
    ? []
    : [{ title: 'pages build', command: ['node', 'scripts/build.ts'], kind: 'one' } as const]),
  {
    title: 'security',
    command: ['vitest', 'run', '--config', 'test/security/vitest.security.config.ts', ...positionals],
    kind: 'vitest',
  },
])
process.exitCode = failed === 0 ? 0 : 1
