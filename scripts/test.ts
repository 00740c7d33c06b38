/** `npm test`: types, format, lint, import directions, unit, integration, and a real browser against the real console. */
import { type Check, runChecks } from './checks/run-checks.ts'

const vitest = (project: string): Check['command'] => [
  'vitest',
  'run',
  '--config',
  'test/vitest.config.ts',
  '--project',
  project,
]

const types = (folder: string): Check => ({
  title: `types of ${folder}`,
  command: ['tsc', '-p', folder],
  kind: 'one',
})

const checks: readonly Check[] = [
  ...['protocol', 'agent', 'console', 'console/web', 'test', 'scripts'].map(types),
  { title: 'format', command: ['biome', 'check', '--error-on-warnings', '.'], kind: 'one' },
  { title: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'], kind: 'one' },
  { title: 'import directions', command: ['node', 'scripts/check-imports.ts'], kind: 'one' },
  { title: 'pages build', command: ['node', 'scripts/build.ts'], kind: 'one' },
  { title: 'unit', command: vitest('unit'), kind: 'vitest', mayRunAgain: true },
  { title: 'integration', command: vitest('integration'), kind: 'vitest', mayRunAgain: true },
  { title: 'browser', command: vitest('browser'), kind: 'vitest', mayRunAgain: true },
]

const { failed } = await runChecks(checks)
process.exitCode = failed === 0 ? 0 : 1
